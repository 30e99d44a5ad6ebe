package org.netdev4j.netdev.offload;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DropReason;

/**
 * The headers of a packet that is to be cut, copied and checked once, and written anew for each segment: Ethernet with any VLAN
 * tags, IPv4 with options or IPv6 with extension headers, TCP with options or UDP. Reused; one thread.
 */
public final class SegmentHeaders {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** Longest headers, bytes. */
    public static final int CAPACITY = 512;

    private static final int ETHERNET = 14;
    private static final int VLAN_TAG = 4;
    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_IPV6 = 0x86dd;
    private static final int TYPE_VLAN = 0x8100;
    private static final int TYPE_SERVICE_VLAN = 0x88a8;

    private static final int IPV4 = 20;
    private static final int IPV4_LENGTH = 2;
    private static final int IPV4_ID = 4;
    private static final int IPV4_FRAGMENT = 6;
    private static final int IPV4_MORE_OR_OFFSET = 0x3fff;
    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV4_CHECKSUM = 10;

    private static final int IPV6 = 40;
    private static final int IPV6_LENGTH = 4;
    private static final int IPV6_NEXT = 6;
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int DESTINATION_OPTIONS = 60;

    private static final int PROTOCOL_TCP = 6;
    private static final int TCP = 20;
    private static final int TCP_SEQUENCE = 4;
    private static final int TCP_DATA_OFFSET = 12;
    private static final int TCP_FLAGS = 13;
    private static final int TCP_FIN = 0x01;
    private static final int TCP_PSH = 0x08;
    private static final int TCP_CWR = 0x80;
    private static final int TCP_CHECKSUM = 16;

    private static final int PROTOCOL_UDP = 17;
    private static final int UDP = 8;
    private static final int UDP_LENGTH = 4;
    private static final int UDP_CHECKSUM = 6;

    private static final int MAX_IP_LENGTH = 0xffff;

    private final MemorySegment bytes = Arena.ofAuto().allocate(CAPACITY);
    private int known;
    private boolean complete;
    private boolean udp;
    private boolean ipv6;
    private int network;
    private int transport;
    private int length;

    // As they were in the packet.
    private int firstId;
    private int firstSequence;
    private int tcpFlags;
    private int checksumSeed;
    private int transportLength;

    /** Room for the headers of one packet after the other. */
    public SegmentHeaders() {}

    /**
     * {@link #CAPACITY} bytes: takes the beginning of a packet before {@link #read}, holds the headers of a segment after
     * {@link #write(int, int, int, boolean)}.
     */
    public MemorySegment bytes() {
        return bytes;
    }

    /** Bytes of all headers. */
    public int length() {
        return length;
    }

    /** True if the packet is IPv6. */
    public boolean isIpv6() {
        return ipv6;
    }

    /** Where the transport header begins, bytes. */
    public int transport() {
        return transport;
    }

    /** Where the checksum is in the transport header, bytes. */
    public int checksumOffset() {
        return udp ? UDP_CHECKSUM : TCP_CHECKSUM;
    }

    /**
     * Takes the headers of {@code packet}, which asks to be cut.
     *
     * @return why it cannot be, or null
     */
    DropReason read(NetBuf packet) {
        if ((packet.flags() & NetBuf.CHECKSUM_PARTIAL) == 0) {
            return DropReason.MALFORMED;
        }
        packet.copyTo(0, bytes, 0, Math.min(packet.totalLength(), CAPACITY));
        return read(packet.gsoType(), packet.gsoSize(), packet.checksumStart(), packet.checksumOffset(),
                packet.totalLength());
    }

    /**
     * Takes the headers of a packet whose beginning was copied to {@link #bytes()}, as much of it as there is room for.
     *
     * @param gsoSize payload of a segment, bytes
     * @param checksumStart where the transport header should begin, bytes
     * @param checksumField where the checksum should be in it, bytes
     * @param total bytes of the whole packet
     * @return why it cannot be cut, or null
     */
    public DropReason read(GsoType type, int gsoSize, int checksumStart, int checksumField, int total) {
        if (gsoSize <= 0) {
            return DropReason.MALFORMED;
        }
        known = Math.min(total, CAPACITY);
        complete = known == total;
        udp = type == GsoType.UDP;
        transport = checksumStart;
        DropReason wrong = readNetwork(type);
        if (wrong == null) {
            wrong = readTransport(checksumField);
        }
        if (wrong == null && length - network + (long) gsoSize > MAX_IP_LENGTH) {
            wrong = DropReason.MALFORMED;
        }
        transportLength = total - transport;
        return wrong;
    }

    private DropReason readNetwork(GsoType gso) {
        if (known < ETHERNET) {
            return DropReason.MALFORMED;
        }
        network = ETHERNET;
        int type = getShort(network - 2);
        while (type == TYPE_VLAN || type == TYPE_SERVICE_VLAN) {
            network += VLAN_TAG;
            if (network > known) {
                return tooShort();
            }
            type = getShort(network - 2);
        }
        ipv6 = type == TYPE_IPV6;
        boolean expected = switch (gso) {
            case TCP_IPV4, TCP_IPV4_ECN -> type == TYPE_IPV4;
            case TCP_IPV6, TCP_IPV6_ECN -> ipv6;
            case UDP -> ipv6 || type == TYPE_IPV4;
            case NONE -> false;
        };
        if (!expected) {
            return DropReason.MALFORMED;
        }
        return ipv6 ? readIpv6() : readIpv4();
    }

    private DropReason readIpv4() {
        if (network + IPV4 > known) {
            return tooShort();
        }
        int versionAndLength = getByte(network);
        int headerLength = (versionAndLength & 0xf) << 2;
        if (versionAndLength >>> 4 != 4 || headerLength < IPV4 || network + headerLength != transport
                || getByte(network + IPV4_PROTOCOL) != protocol()) {
            return DropReason.MALFORMED;
        }
        if ((getShort(network + IPV4_FRAGMENT) & IPV4_MORE_OR_OFFSET) != 0) {
            return DropReason.UNSUPPORTED_OFFLOAD;
        }
        firstId = getShort(network + IPV4_ID);
        return null;
    }

    /** Extension headers (RFC 8200 §4) that every segment may repeat. */
    private DropReason readIpv6() {
        if (network + IPV6 > known) {
            return tooShort();
        }
        if (getByte(network) >>> 4 != 6) {
            return DropReason.MALFORMED;
        }
        int next = getByte(network + IPV6_NEXT);
        int at = network + IPV6;
        while (at < transport) {
            if (next != HOP_BY_HOP && next != ROUTING && next != DESTINATION_OPTIONS) {
                return DropReason.UNSUPPORTED_OFFLOAD;
            }
            if (at + 2 > known) {
                return tooShort();
            }
            next = getByte(at);
            at += (getByte(at + 1) + 1) << 3;
        }
        return at == transport && next == protocol() ? null : DropReason.MALFORMED;
    }

    private int protocol() {
        return udp ? PROTOCOL_UDP : PROTOCOL_TCP;
    }

    private DropReason readTransport(int checksumField) {
        if (checksumField != checksumOffset()) {
            return DropReason.MALFORMED;
        }
        if (transport + (udp ? UDP : TCP) > known) {
            return tooShort();
        }
        int headerLength = udp ? UDP : getByte(transport + TCP_DATA_OFFSET) >>> 4 << 2;
        if (headerLength < (udp ? UDP : TCP)) {
            return DropReason.MALFORMED;
        }
        length = transport + headerLength;
        if (length > known) {
            return tooShort();
        }
        if (!udp) {
            firstSequence = bytes.get(INT, transport + TCP_SEQUENCE);
            tcpFlags = getByte(transport + TCP_FLAGS);
        }
        checksumSeed = getShort(transport + checksumOffset());
        return null;
    }

    /** The headers end behind what is known of the packet. */
    private DropReason tooShort() {
        return complete ? DropReason.MALFORMED : DropReason.UNSUPPORTED_OFFLOAD;
    }

    /**
     * Writes the headers of one segment to its beginning.
     *
     * @param segment of {@link #length()} and {@code payload} bytes
     */
    void write(NetBuf segment, int index, int offset, int payload, boolean last) {
        write(index, offset, payload, last);
        segment.copyFrom(0, bytes, 0, length);
    }

    /**
     * Writes the headers of one segment to {@link #bytes()}; its checksum is that of the pseudo-header only.
     *
     * @param index 0 for the first
     * @param offset of its payload in that of the packet, bytes
     * @param payload bytes of its payload
     */
    public void write(int index, int offset, int payload, boolean last) {
        if (ipv6) {
            putShort(network + IPV6_LENGTH, length - network - IPV6 + payload);
        } else {
            putShort(network + IPV4_LENGTH, length - network + payload);
            putShort(network + IPV4_ID, firstId + index);
            putShort(network + IPV4_CHECKSUM, 0);
            long sum = InternetChecksum.add(0, bytes, network, transport - network);
            putShort(network + IPV4_CHECKSUM, ~InternetChecksum.fold(sum));
        }
        int segmentLength = length - transport + payload;
        if (udp) {
            putShort(transport + UDP_LENGTH, segmentLength);
        } else {
            bytes.set(INT, transport + TCP_SEQUENCE, firstSequence + offset);
            int notHere = (index == 0 ? 0 : TCP_CWR) | (last ? 0 : TCP_FIN | TCP_PSH);
            bytes.set(BYTE, transport + TCP_FLAGS, (byte) (tcpFlags & ~notHere));
        }
        putShort(transport + checksumOffset(), seed(segmentLength));
    }

    /** The sum of the pseudo-header with another length in it (RFC 1624 §3). */
    private int seed(int segmentLength) {
        long sum = InternetChecksum.addShort(0, checksumSeed);
        sum = InternetChecksum.addInt(sum, ~transportLength);
        return InternetChecksum.fold(InternetChecksum.addInt(sum, segmentLength));
    }

    private int getByte(int at) {
        return bytes.get(BYTE, at) & 0xff;
    }

    private int getShort(int at) {
        return Short.toUnsignedInt(bytes.get(SHORT, at));
    }

    private void putShort(int at, int value) {
        bytes.set(SHORT, at, (short) value);
    }
}
