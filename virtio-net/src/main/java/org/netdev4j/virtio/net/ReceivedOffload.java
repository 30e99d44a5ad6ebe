package org.netdev4j.virtio.net;

import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.virtio.Features;

/** What the header of a received packet says of its checksum and of how it was joined, checked (virtio 1.4 §5.1.9.4.2). */
final class ReceivedOffload {
    private static final int TCP_HEADER = 20;
    private static final int TCP_DATA_OFFSET = 12;
    private static final int UDP_HEADER = 8;

    private boolean checksums;
    private boolean tso4;
    private boolean tso6;
    private boolean ecn;
    private boolean uso;

    void negotiated(Features features) {
        checksums = features.has(NetFeature.GUEST_CSUM);
        tso4 = features.has(NetFeature.GUEST_TSO4);
        tso6 = features.has(NetFeature.GUEST_TSO6);
        ecn = features.has(NetFeature.GUEST_ECN);
        uso = features.has(NetFeature.GUEST_USO4) || features.has(NetFeature.GUEST_USO6);
    }

    /**
     * Tells {@code packet}, whose bytes are in place, what its header says.
     *
     * @param firstWord flags to csum_start
     * @param checksumOffset csum_offset
     * @return why the packet cannot be believed, or null; it is unchanged then
     */
    DropReason tell(NetBuf packet, int length, long firstWord, int checksumOffset) {
        int flags = (int) firstWord & 0xff;
        GsoType type = type((int) firstWord >>> 8 & 0xff);
        if (type == null) {
            return DropReason.MALFORMED;
        }
        if ((flags & NetHeader.FLAG_NEEDS_CSUM) == 0) {
            if (type != GsoType.NONE) {
                return DropReason.MALFORMED;
            }
            if (checksums && (flags & NetHeader.FLAG_DATA_VALID) != 0) {
                packet.flags(NetBuf.CHECKSUM_VALID);
            }
            return null;
        }
        int start = (int) (firstWord >>> (8 * NetHeader.CSUM_START)) & 0xffff;
        boolean coalesced = (flags & NetHeader.FLAG_RSC_INFO) != 0;
        if (!checksums || coalesced || start + checksumOffset + 2 > length) {
            return DropReason.MALFORMED;
        }
        if (type != GsoType.NONE) {
            int segment = (int) (firstWord >>> (8 * NetHeader.GSO_SIZE)) & 0xffff;
            int headers = headerLength(packet, type, start);
            if (segment == 0 || headers == 0) {
                return DropReason.MALFORMED;
            }
            packet.gso(type, segment, headers);
        }
        packet.partialChecksum(start, checksumOffset);
        return null;
    }

    /** Null: no type that was negotiated. */
    private GsoType type(int gsoType) {
        return switch (gsoType) {
            case NetHeader.GSO_NONE -> GsoType.NONE;
            case NetHeader.GSO_TCPV4 -> tso4 ? GsoType.TCP_IPV4 : null;
            case NetHeader.GSO_TCPV6 -> tso6 ? GsoType.TCP_IPV6 : null;
            case NetHeader.GSO_TCPV4 | NetHeader.GSO_ECN -> tso4 && ecn ? GsoType.TCP_IPV4_ECN : null;
            case NetHeader.GSO_TCPV6 | NetHeader.GSO_ECN -> tso6 && ecn ? GsoType.TCP_IPV6_ECN : null;
            case NetHeader.GSO_UDP_L4 -> uso ? GsoType.UDP : null;
            default -> null;
        };
    }

    /** From the packet itself: hdr_len is a hint (virtio 1.4 §5.1.9.4.2). 0 if the headers are not in the first piece. */
    private static int headerLength(NetBuf packet, GsoType type, int transport) {
        int known = packet.length();
        if (type == GsoType.UDP) {
            return transport + UDP_HEADER <= known ? transport + UDP_HEADER : 0;
        }
        if (transport + TCP_HEADER > known) {
            return 0;
        }
        int header = packet.getUnsignedByte(transport + TCP_DATA_OFFSET) >>> 4 << 2;
        return header >= TCP_HEADER && transport + header <= packet.totalLength() ? transport + header : 0;
    }
}
