package org.netdev4j.netdev.offload;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;

/** Packets made of as few fresh buffers as hold them. */
final class BufferChain {
    private BufferChain() {}

    /** Pieces of a packet of so many bytes. */
    static int pieces(NetBufPool pool, int bytes) {
        return Math.max(1, (int) (((long) bytes + pool.dataSize() - 1) / pool.dataSize()));
    }

    /** A packet of so many bytes that are not cleared, or null if the pool has too few buffers. */
    static NetBuf allocate(NetBufPool pool, int bytes) {
        NetBuf packet = piece(pool, bytes);
        while (packet != null && packet.totalLength() < bytes) {
            NetBuf piece = piece(pool, bytes - packet.totalLength());
            if (piece == null) {
                packet.free();
                return null;
            }
            packet.chain(piece);
        }
        return packet;
    }

    private static NetBuf piece(NetBufPool pool, int bytes) {
        NetBuf piece = pool.isClosed() ? null : pool.allocate();
        if (piece != null) {
            piece.append(Math.min(bytes, pool.dataSize()));
        }
        return piece;
    }

    /** The same packet, shared with nobody, from its own pool, or null if that has too few buffers. */
    static NetBuf copyOf(NetBuf packet) {
        return packet.pool().isClosed() ? null : packet.copy();
    }

    /** True if someone else holds a piece of the packet: its bytes are not ours to change. */
    static boolean isShared(NetBuf packet) {
        for (NetBuf piece = packet; piece != null; piece = piece.next()) {
            if (piece.isShared()) {
                return true;
            }
        }
        return false;
    }
}
