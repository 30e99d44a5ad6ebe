package org.netdev4j.virtio.net;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.virtio.Features;

/** The header of the packet at hand: what the packet asks for, as far as it was negotiated (virtio 1.4 §5.1.9.2.1). */
final class TransmitHeader {
    private static final int REFUSED = -1;
    /** With HASH_REPORT the header ends in a hash, which a driver leaves 0. */
    private static final int HASH_OFFSET = NetHeader.LENGTH;

    private int length;
    private boolean withHash;
    private boolean legacy;
    private boolean checksumNegotiated;
    private boolean tso4;
    private boolean tso6;
    private boolean ecn;
    private boolean uso;

    private long firstWord;
    private int secondWord;

    void negotiated(Features features) {
        length = NetHeader.length(features);
        withHash = length == NetHeader.HASH_LENGTH;
        legacy = length == NetHeader.LEGACY_LENGTH;
        checksumNegotiated = features.has(NetFeature.CSUM);
        tso4 = features.has(NetFeature.HOST_TSO4);
        tso6 = features.has(NetFeature.HOST_TSO6);
        ecn = features.has(NetFeature.HOST_ECN);
        uso = features.has(NetFeature.HOST_USO);
    }

    /** Bytes. */
    int length() {
        return length;
    }

    /**
     * Becomes the header of {@code packet}.
     *
     * @param packetLength bytes
     * @return why it cannot be had, or null
     */
    DropReason describe(NetBuf packet, int packetLength) {
        firstWord = 0;
        secondWord = 0;
        if (packet.flags() == 0 && packet.gsoType() == GsoType.NONE) {
            return null;
        }
        return describeOffload(packet, packetLength);
    }

    private DropReason describeOffload(NetBuf packet, int packetLength) {
        boolean partial = (packet.flags() & NetBuf.CHECKSUM_PARTIAL) != 0;
        if (packet.gsoType() != GsoType.NONE) {
            return partial ? describeLarge(packet, packetLength) : DropReason.MALFORMED;
        }
        return partial ? describeChecksum(packet, packetLength) : null;
    }

    private DropReason describeChecksum(NetBuf packet, int packetLength) {
        if (!checksumNegotiated) {
            return DropReason.UNSUPPORTED_OFFLOAD;
        }
        int start = packet.checksumStart();
        int offset = packet.checksumOffset();
        if (start > 0xffff || offset > 0xffff || start + offset + 2 > packetLength) {
            return DropReason.MALFORMED;
        }
        firstWord = NetHeader.FLAG_NEEDS_CSUM | ((long) start << (8 * NetHeader.CSUM_START));
        secondWord = offset;
        return null;
    }

    /** A packet that the device is to cut: it asks for its checksum too, and says how long its headers are, exactly. */
    private DropReason describeLarge(NetBuf packet, int packetLength) {
        DropReason refused = describeChecksum(packet, packetLength);
        if (refused != null) {
            return refused;
        }
        int type = type(packet.gsoType());
        if (type == REFUSED) {
            return DropReason.UNSUPPORTED_OFFLOAD;
        }
        int headers = packet.headerLength();
        if (packet.gsoSize() > 0xffff || headers > packetLength || headers > 0xffff
                || headers < packet.checksumStart() + packet.checksumOffset() + 2) {
            return DropReason.MALFORMED;
        }
        firstWord |= ((long) type << (8 * NetHeader.GSO_TYPE)) | ((long) headers << (8 * NetHeader.HDR_LEN))
                | ((long) packet.gsoSize() << (8 * NetHeader.GSO_SIZE));
        return null;
    }

    private int type(GsoType type) {
        return switch (type) {
            case NONE -> NetHeader.GSO_NONE;
            case TCP_IPV4 -> tso4 ? NetHeader.GSO_TCPV4 : REFUSED;
            case TCP_IPV6 -> tso6 ? NetHeader.GSO_TCPV6 : REFUSED;
            case TCP_IPV4_ECN -> tso4 && ecn ? NetHeader.GSO_TCPV4 | NetHeader.GSO_ECN : REFUSED;
            case TCP_IPV6_ECN -> tso6 && ecn ? NetHeader.GSO_TCPV6 | NetHeader.GSO_ECN : REFUSED;
            case UDP -> uso ? NetHeader.GSO_UDP_L4 : REFUSED;
        };
    }

    /** The header of a packet that asks for nothing. */
    void writePlain(MemorySegment memory, long at) {
        write(memory, at, 0, 0);
    }

    void write(MemorySegment memory, long at) {
        write(memory, at, firstWord, secondWord);
    }

    /** A header that says so already is left alone: the device has read it, and its cache line can stay with both ends. */
    private void write(MemorySegment memory, long at, long first, int second) {
        if (memory.get(NetHeader.FIRST_WORD, at) != first) {
            memory.set(NetHeader.FIRST_WORD, at, first);
        }
        long rest = at + NetHeader.SECOND_WORD_OFFSET;
        if (legacy) {
            if (memory.get(NetHeader.LAST_HALF_WORD, rest) != (short) second) {
                memory.set(NetHeader.LAST_HALF_WORD, rest, (short) second);
            }
            return;
        }
        if (memory.get(NetHeader.SECOND_WORD, rest) != second) {
            memory.set(NetHeader.SECOND_WORD, rest, second);
        }
        if (withHash && memory.get(NetHeader.FIRST_WORD, at + HASH_OFFSET) != 0) {
            memory.set(NetHeader.FIRST_WORD, at + HASH_OFFSET, 0L);
        }
    }
}
