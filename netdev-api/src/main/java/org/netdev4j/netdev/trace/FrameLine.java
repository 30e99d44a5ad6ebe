package org.netdev4j.netdev.trace;

import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.MacAddress;

/** One frame in one line. */
final class FrameLine {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.nnnnnnnnn")
            .withZone(ZoneOffset.UTC);
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int ETHERNET_HEADER_BYTES = 14;
    private static final int VLAN_TAG_BYTES = 4;
    private static final int VLAN = 0x8100;

    private FrameLine() {}

    /** @param name of the device and its queue */
    static String of(long epochNanos, String name, NetBuf packet) {
        StringBuilder line = new StringBuilder(120);
        TIME.formatTo(Instant.ofEpochSecond(Math.floorDiv(epochNanos, NANOS_PER_SECOND),
                Math.floorMod(epochNanos, NANOS_PER_SECOND)), line);
        line.append(' ').append(name).append(' ').append(packet.totalLength()).append(" bytes ");
        appendHeader(line, packet);
        if (packet.segmentCount() > 1) {
            line.append(", ").append(packet.segmentCount()).append(" pieces");
        }
        if ((packet.flags() & NetBuf.CHECKSUM_VALID) != 0) {
            line.append(", checksum valid");
        }
        if ((packet.flags() & NetBuf.CHECKSUM_PARTIAL) != 0) {
            line.append(", checksum partial");
        }
        if (packet.gsoType() != GsoType.NONE) {
            line.append(", segments of ").append(packet.gsoSize()).append(" bytes (").append(packet.gsoType())
                    .append(')');
        }
        return line.toString();
    }

    private static void appendHeader(StringBuilder line, NetBuf packet) {
        byte[] header = new byte[Math.min(packet.totalLength(), ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES)];
        MemorySegment bytes = MemorySegment.ofArray(header);
        packet.copyTo(0, bytes, 0, header.length);
        if (header.length < ETHERNET_HEADER_BYTES) {
            line.append("no Ethernet header");
            return;
        }
        line.append(MacAddress.read(bytes, MacAddress.BYTES)).append(" > ").append(MacAddress.read(bytes, 0))
                .append(' ');
        int type = unsignedShort(header, 2 * MacAddress.BYTES);
        if (type == VLAN && header.length == ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES) {
            line.append("VLAN ").append(unsignedShort(header, ETHERNET_HEADER_BYTES) & 0xfff).append(' ');
            type = unsignedShort(header, ETHERNET_HEADER_BYTES + 2);
        }
        line.append(protocol(type)).append(String.format(" (0x%04x)", type));
    }

    private static int unsignedShort(byte[] bytes, int at) {
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }

    /** EtherTypes as IEEE has registered them. */
    private static String protocol(int type) {
        return switch (type) {
            case 0x0800 -> "IPv4";
            case 0x0806 -> "ARP";
            case 0x86dd -> "IPv6";
            case 0x8100 -> "VLAN";
            case 0x88a8 -> "provider VLAN";
            case 0x88cc -> "LLDP";
            case 0x88b5, 0x88b6 -> "local experiment";
            default -> type < 0x0600 ? "IEEE 802.3 length" : "EtherType";
        };
    }
}
