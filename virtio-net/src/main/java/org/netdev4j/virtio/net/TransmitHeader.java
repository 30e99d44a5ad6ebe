package org.netdev4j.virtio.net;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.virtio.Features;

/** The header of the packet at hand: what the packet asks for, as far as it was negotiated (virtio 1.4 §5.1.9.2.1). */
final class TransmitHeader {
    private int length;
    private boolean checksumNegotiated;

    private long firstWord;
    private int secondWord;

    void negotiated(Features features) {
        length = NetHeader.length(features);
        checksumNegotiated = features.has(NetFeature.CSUM);
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
        if ((packet.flags() & NetBuf.CHECKSUM_PARTIAL) == 0 && packet.gsoType() == GsoType.NONE) {
            return null;
        }
        if (!checksumNegotiated || packet.gsoType() != GsoType.NONE) {
            return DropReason.UNSUPPORTED_OFFLOAD;
        }
        int start = packet.checksumStart();
        int offset = packet.checksumOffset();
        if (start > 0xffff || offset > 0xffff || start + offset + 2 > packetLength) {
            return DropReason.MALFORMED;
        }
        firstWord = NetHeader.FLAG_NEEDS_CSUM | ((long) start << 48);
        secondWord = offset;
        return null;
    }

    /** The header of a packet that asks for nothing. */
    static void writePlain(MemorySegment memory, long at) {
        memory.set(NetHeader.FIRST_WORD, at, 0L);
        memory.set(NetHeader.SECOND_WORD, at + NetHeader.SECOND_WORD_OFFSET, 0);
    }

    void write(MemorySegment memory, long at) {
        memory.set(NetHeader.FIRST_WORD, at, firstWord);
        memory.set(NetHeader.SECOND_WORD, at + NetHeader.SECOND_WORD_OFFSET, secondWord);
    }
}
