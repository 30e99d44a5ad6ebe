package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;

/** Copies the bytes of a packet, across its pieces, and makes packets that have the same bytes or share them. */
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
        if (BufferMemory.CHECKS) {
            checkOwnMemory(packet, index, length);
        }
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

    /** Before the first byte is written: a refused copy changes nothing. */
    private static void checkOwnMemory(NetBuf packet, int index, int length) {
        int end = index + length;
        int at = 0;
        for (NetBuf piece = packet; at < end; piece = piece.next()) {
            at += piece.length();
            if (at > index) {
                piece.checkOwnMemory();
            }
        }
    }

    /** The bytes of {@code packet} in buffers of {@code pool}, or null if it has too few. */
    static NetBuf copy(NetBuf packet, NetBufPool pool) {
        int total = packet.totalLength();
        NetBuf copy = null;
        int copied = 0;
        do {
            NetBuf piece = pool.allocate();
            if (piece == null) {
                if (copy != null) {
                    copy.free();
                }
                return null;
            }
            int n = Math.min(total - copied, pool.dataSize());
            piece.append(n);
            copyTo(packet, copied, piece.segment(), piece.dataOffset(), n);
            copied += n;
            copy = chain(copy, piece);
        } while (copied < total);
        return copy;
    }

    /** A packet over {@code length} bytes of {@code packet}, or null if there are too few duplicates. */
    static NetBuf duplicate(NetBuf packet, int index, int length) {
        NetBuf duplicate = null;
        NetBuf piece = packet;
        int skip = length == 0 ? 0 : index;
        int left = length;
        do {
            int n = Math.min(left, piece.length() - skip);
            if (n > 0 || length == 0) {
                NetBuf part = piece.pool().duplicate(piece, skip, Math.max(0, n));
                if (part == null) {
                    if (duplicate != null) {
                        duplicate.free();
                    }
                    return null;
                }
                left -= n;
                duplicate = chain(duplicate, part);
            }
            skip = Math.max(0, skip - piece.length());
            piece = piece.next();
        } while (left > 0);
        return duplicate;
    }

    private static NetBuf chain(NetBuf packet, NetBuf piece) {
        if (packet == null) {
            return piece;
        }
        Pieces.join(packet, piece);
        return packet;
    }
}
