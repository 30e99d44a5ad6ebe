package org.netdev4j.netbuf;

/**
 * Gives packets back to their pools. A buffer of the pool at hand with nothing special about it goes to the thread's cache at
 * once; all others wait until the lock of the cache is free: what happens to them may run code of the application, or take
 * other locks.
 */
final class Release {
    private Release() {}

    static void free(NetBuf packet) {
        packet.checkFreeable();
        NetBufPool pool = packet.pool();
        ThreadCache cache = pool.freeBuffers().lockCache();
        NetBuf waiting = null;
        try {
            waiting = drop(packet, pool, cache, null);
        } finally {
            leave(pool, cache, waiting);
        }
    }

    /** Frees the packets of {@code packets[from..from+count)} and nulls the slots. */
    static void free(NetBuf[] packets, int from, int count) {
        int i = from;
        int end = from + count;
        while (i < end) {
            NetBufPool pool = packets[i].pool();
            ThreadCache cache = pool.freeBuffers().lockCache();
            NetBuf waiting = null;
            try {
                do {
                    NetBuf packet = packets[i];
                    packet.checkFreeable();
                    packets[i++] = null;
                    if (cache != null && packet.next() == null && packet.dropOnlyHolder()) {
                        packet.reset();
                        cache.give(packet.index());
                    } else {
                        waiting = drop(packet, pool, cache, waiting);
                    }
                } while (i < end && packets[i].pool() == pool);
            } finally {
                leave(pool, cache, waiting);
            }
        }
    }

    /**
     * Drops one holder of every piece.
     *
     * @param cache the calling thread's cache of {@code pool}, locked, or null
     * @param waiting buffers to be given back later, linked by {@code next}
     * @return those and more of them
     */
    private static NetBuf drop(NetBuf packet, NetBufPool pool, ThreadCache cache, NetBuf waiting) {
        NetBuf first = waiting;
        NetBuf piece = packet;
        do {
            NetBuf next = piece.next();
            if (piece.dropOnlyHolder()) {
                piece.reset();
                if (cache != null && piece.pool() == pool) {
                    cache.give(piece.index());
                } else {
                    piece.next = first;
                    first = piece;
                }
            } else if (piece.dropHolder()) {
                piece.next = first;
                first = piece;
            }
            piece = next;
        } while (piece != null);
        return first;
    }

    private static void leave(NetBufPool pool, ThreadCache cache, NetBuf waiting) {
        if (cache != null) {
            pool.freeBuffers().unlock(cache);
        }
        if (waiting != null) {
            giveBack(waiting);
        }
    }

    private static void giveBack(NetBuf waiting) {
        NetBuf buf = waiting;
        while (buf != null) {
            NetBuf following = buf.next;
            buf.next = null;
            FreeListener listener = buf.freeListener();
            long token = buf.freeToken();
            NetBuf original = buf.pool().giveBack(buf);
            if (listener != null) {
                tell(listener, token);
            }
            if (original != null) {
                original.next = following;
                following = original;
            }
            buf = following;
        }
    }

    private static void tell(FreeListener listener, long token) {
        try {
            listener.freed(token);
        } catch (RuntimeException | Error e) {
            Misuse.uncaught(e);
        }
    }
}
