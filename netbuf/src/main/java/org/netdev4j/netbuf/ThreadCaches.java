package org.netdev4j.netbuf;

import java.util.Arrays;

/** The {@link ThreadCache}s of a pool: one for each platform thread that used it. Thread-safe. */
final class ThreadCaches {
    private final Depot depot;
    private final NetBuf[] buffers;
    private final int magazineSize;
    private final ThreadLocal<ThreadCache> current = ThreadLocal.withInitial(this::register);
    private volatile ThreadCache[] registered = {};
    private volatile boolean bypassed;
    private boolean closed;

    ThreadCaches(Depot depot, NetBuf[] buffers, int magazineSize) {
        this.depot = depot;
        this.buffers = buffers;
        this.magazineSize = magazineSize;
    }

    /**
     * The calling thread's cache, locked; or null if it is to go to the depot itself: a virtual thread, or one that
     * another thread steals from just now, or any thread when there are no caches, no more, or they are bypassed.
     */
    ThreadCache lockCurrent() {
        if (magazineSize == 0 || Thread.currentThread().isVirtual()) {
            return null;
        }
        ThreadCache cache = current.get();
        if (!cache.tryLock()) {
            return null;
        }
        if (bypassed) {
            cache.unlock();
            return null;
        }
        return cache;
    }

    /**
     * Takes the caches out of use and gives what they have to the depot, or puts them in use again. When this returns, no
     * thread puts anything into a cache: a burst under way is waited for.
     */
    synchronized void bypass(boolean bypass) {
        if (bypass == bypassed) {
            return;
        }
        bypassed = bypass;
        if (bypass) {
            for (ThreadCache cache : registered) {
                cache.lock();
                cache.drain();
                cache.unlock();
            }
        }
    }

    private synchronized ThreadCache register() {
        retireDead();
        ThreadCache cache = new ThreadCache(Thread.currentThread(), depot, buffers, magazineSize);
        if (closed) {
            cache.lock();
            cache.retire();
            return cache;
        }
        ThreadCache[] longer = Arrays.copyOf(registered, registered.length + 1);
        longer[registered.length] = cache;
        registered = longer;
        return cache;
    }

    private void retireDead() {
        ThreadCache[] alive = Arrays.stream(registered).filter(ThreadCache::ownerIsAlive).toArray(ThreadCache[]::new);
        if (alive.length < registered.length) {
            for (ThreadCache cache : registered) {
                if (!cache.ownerIsAlive()) {
                    cache.lock();
                    cache.retire();
                }
            }
            registered = alive;
        }
    }

    /** Takes one buffer that another thread, living or dead, keeps; null when there is none. */
    NetBuf steal() {
        for (ThreadCache cache : registered) {
            if (cache.size() > 0 && cache.tryLock()) {
                try {
                    NetBuf buf = cache.takeKept();
                    if (buf != null) {
                        return buf;
                    }
                } finally {
                    cache.unlock();
                }
            }
        }
        return null;
    }

    /** Buffers in all caches; exact at rest. */
    int size() {
        if (bypassed) {
            return 0;
        }
        int size = 0;
        for (ThreadCache cache : registered) {
            size += cache.size();
        }
        return size;
    }

    /** Gives all buffers to the depot; from now on {@link #lockCurrent()} returns null. */
    synchronized void close() {
        closed = true;
        for (ThreadCache cache : registered) {
            cache.lock();
            cache.retire();
        }
        registered = new ThreadCache[0];
    }
}
