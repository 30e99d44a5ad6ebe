package org.netdev4j.virtio.net;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;

/** Copies a packet that cannot be sent as it is into as few buffers as hold it, out of the pool of its first piece. */
final class PacketCopy {
    private PacketCopy() {}

    /** Pieces of the copy. */
    static int segments(NetBuf packet) {
        int dataSize = packet.pool().dataSize();
        return (packet.totalLength() + dataSize - 1) / dataSize;
    }

    /** The same bytes with the same offload request, or null if the pool has too few buffers; the packet is left alone. */
    static NetBuf of(NetBuf packet) {
        NetBuf copy = bytesOf(packet);
        if (copy != null) {
            copy.flags(packet.flags() & ~NetBuf.CHECKSUM_PARTIAL);
            if ((packet.flags() & NetBuf.CHECKSUM_PARTIAL) != 0) {
                copy.partialChecksum(packet.checksumStart(), packet.checksumOffset());
            }
            copy.gso(packet.gsoType(), packet.gsoSize(), packet.headerLength());
        }
        return copy;
    }

    private static NetBuf bytesOf(NetBuf packet) {
        NetBufPool pool = packet.pool();
        int total = packet.totalLength();
        NetBuf copy = null;
        for (int at = 0; at < total;) {
            NetBuf piece = pool.allocate();
            if (piece == null) {
                if (copy != null) {
                    copy.free();
                }
                return null;
            }
            int length = Math.min(total - at, pool.dataSize());
            piece.append(length);
            packet.copyTo(at, piece.segment(), piece.dataOffset(), length);
            at += length;
            if (copy == null) {
                copy = piece;
            } else {
                copy.chain(piece);
            }
        }
        return copy;
    }
}
