package org.netdev4j.netbuf;

import java.util.concurrent.atomic.LongAdder;

/** The buffers of a pool that nobody holds, in thread caches and the depot, until all have come back to a closed pool. */
final class FreeBuffers {
    private final NetBufPool pool;
    private final int total;
    private final Depot depot;
    private final ThreadCaches caches;
    private final WaterLevel level;
    private final Runnable whenAllCameBack;
    private final LongAdder exhausted = new LongAdder();
    private volatile boolean closed;
    /** Buffers that came back since the pool was closed. */
    private volatile int retired;

    FreeBuffers(NetBufPool pool, NetBuf[] buffers, int magazineSize, NetBufPool.LowWater lowWater,
            Runnable whenAllCameBack) {
        this.pool = pool;
        this.whenAllCameBack = whenAllCameBack;
        total = buffers.length;
        depot = new Depot(buffers, magazineSize);
        caches = new ThreadCaches(depot, buffers, magazineSize);
        level = new WaterLevel(pool, caches, lowWater);
    }

    NetBuf take() {
        ThreadCache cache = caches.lockCurrent();
        if (cache != null) {
            NetBuf buf;
            try {
                buf = cache.take();
            } finally {
                unlock(cache);
            }
            if (buf != null) {
                return buf;
            }
        }
        return takeShared();
    }

    int take(NetBuf[] into, int from, int count) {
        int taken = 0;
        ThreadCache cache = caches.lockCurrent();
        if (cache != null) {
            try {
                taken = cache.take(into, from, count);
            } finally {
                unlock(cache);
            }
        }
        if (taken == count || (taken > 0 && closed)) {
            return taken;
        }
        return taken + takeShared(into, from + taken, count - taken, taken == 0);
    }

    private NetBuf takeShared() {
        checkOpen();
        NetBuf buf = takeOrSteal();
        if (buf == null) {
            exhausted.increment();
        }
        level.check();
        return buf;
    }

    /** @param refuseIfClosed false if some were taken already: they must not be lost to an exception */
    private int takeShared(NetBuf[] into, int from, int count, boolean refuseIfClosed) {
        if (refuseIfClosed) {
            checkOpen();
        }
        int taken = 0;
        NetBuf buf;
        while (taken < count && (buf = takeOrSteal()) != null) {
            into[from + taken++] = buf;
        }
        if (taken < count) {
            exhausted.increment();
        }
        level.check();
        return taken;
    }

    private NetBuf takeOrSteal() {
        NetBuf buf = depot.take();
        return buf != null ? buf.handOut() : caches.steal();
    }

    boolean isClosed() {
        return closed;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(pool + " is closed");
        }
    }

    /** The calling thread's cache, locked, to give buffers to; or null. */
    ThreadCache lockCache() {
        return caches.lockCurrent();
    }

    void unlock(ThreadCache cache) {
        if (cache.unlock()) {
            level.check();
        }
    }

    /** Takes back a buffer of any thread. The caller holds no lock. */
    void give(NetBuf buf) {
        depot.giveLoose(buf);
        if (closed) {
            retireReturned();
        }
        level.check();
    }

    int available() {
        return closed ? retired : depot.size() + caches.size();
    }

    int cached() {
        return caches.size();
    }

    long exhausted() {
        return exhausted.sum();
    }

    void countExhausted() {
        exhausted.increment();
    }

    long lowEvents() {
        return level.lowEvents();
    }

    void await(int buffers, Runnable action) {
        checkOpen();
        level.await(buffers, action);
    }

    /** @return false if closed before */
    boolean close() {
        synchronized (this) {
            if (closed) {
                return false;
            }
            closed = true;
        }
        level.close();
        caches.close();
        retireReturned();
        return true;
    }

    /**
     * Counts what is in the depot out of it; the last buffer takes the memory along. Called after each buffer that comes to
     * the depot of a closed pool. (An allocation that was under way may break up a magazine later: it holds one of its
     * buffers, and that will come.)
     */
    private synchronized void retireReturned() {
        int count = retired;
        if (count == total) {
            return;
        }
        while (depot.take() != null) {
            count++;
        }
        retired = count;
        if (count == total) {
            whenAllCameBack.run();
        }
    }
}
