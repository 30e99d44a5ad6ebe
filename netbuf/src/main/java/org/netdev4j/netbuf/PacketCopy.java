package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;

/** Copies between the bytes of a packet, across its pieces, and other memory. */
final class PacketCopy {
    private PacketCopy() {}

    static void copyTo(NetBuf packet, int index, MemorySegment target, long targetOffset, int length) {
        NetBuf piece = packet;
        int skip = index;
        int copied = 0;
        while (copied < length) {
            int n = Math.min(length - copied, piece.length() - skip);
            if (n > 0) {
                MemorySegment.copy(piece.segment(), piece.dataOffset() + skip, target, targetOffset + copied, n);
                copied += n;
            }
            skip = Math.max(0, skip - piece.length());
            piece = piece.next();
        }
    }

    static void copyFrom(NetBuf packet, int index, MemorySegment source, long sourceOffset, int length) {
        NetBuf piece = packet;
        int skip = index;
        int copied = 0;
        while (copied < length) {
            int n = Math.min(length - copied, piece.length() - skip);
            if (n > 0) {
                MemorySegment.copy(source, sourceOffset + copied, piece.segment(), piece.dataOffset() + skip, n);
                copied += n;
            }
            skip = Math.max(0, skip - piece.length());
            piece = piece.next();
        }
    }
}
