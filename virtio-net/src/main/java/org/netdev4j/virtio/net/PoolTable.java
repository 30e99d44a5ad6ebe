package org.netdev4j.virtio.net;

import java.util.Arrays;
import java.util.function.Predicate;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;

/**
 * The pools whose packets a transmit queue has met, numbered, so that an {@code int} names any packet in flight: pool number
 * in bits 24 to 30, index in the pool below. A pool that is closed, all its buffers back, makes room for another. Used by the
 * queue's thread, except {@link #forget}.
 */
final class PoolTable {
    static final int UNREACHABLE = -1;

    private static final int INDEX_BITS = 24;
    private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;
    private static final int MAX_POOLS = 1 << (31 - INDEX_BITS);

    private final Predicate<MemoryRegion> reachable;
    private NetBufPool[] pools = new NetBufPool[4];
    /** By pool number: the device reached it when it was looked at last. */
    private boolean[] known = new boolean[4];
    private int size;
    private NetBufPool last;
    private int lastNumber;
    private volatile boolean stale;

    PoolTable(Predicate<MemoryRegion> reachable) {
        this.reachable = reachable;
    }

    /** What is reachable may have changed. From any thread; holds from the next {@link #refresh} on. */
    void forget() {
        stale = true;
    }

    /** Each burst. */
    void refresh() {
        if (stale) {
            stale = false;
            Arrays.fill(known, false);
            last = null;
        }
    }

    /** Number of {@code pool} shifted into its place in a name, or {@link #UNREACHABLE}. */
    int number(NetBufPool pool) {
        return pool == last ? lastNumber : find(pool);
    }

    /** The pool that {@link #number} found last, or null. */
    NetBufPool last() {
        return last;
    }

    /** What {@link #number} says of {@link #last()}. */
    int lastNumber() {
        return lastNumber;
    }

    private int find(NetBufPool pool) {
        int i = 0;
        while (i < size && pools[i] != pool) {
            i++;
        }
        if ((i == size || !known[i]) && !reachable.test(pool.region())) {
            return UNREACHABLE;
        }
        if (i == size) {
            i = place(pool);
            if (i < 0) {
                return UNREACHABLE;
            }
            pools[i] = pool;
        }
        known[i] = true;
        last = pool;
        lastNumber = i << INDEX_BITS;
        return lastNumber;
    }

    /** The number for a new pool, or -1. */
    private int place(NetBufPool pool) {
        if (pool.capacity() > INDEX_MASK + 1) {
            return -1;
        }
        for (int i = 0; i < size; i++) {
            if (isOver(pools[i])) {
                return i;
            }
        }
        if (size == MAX_POOLS) {
            return -1;
        }
        if (size == pools.length) {
            pools = Arrays.copyOf(pools, 2 * size);
            known = Arrays.copyOf(known, 2 * size);
        }
        return size++;
    }

    /** Nothing of it is in flight, or ever will be. */
    private static boolean isOver(NetBufPool pool) {
        return pool.isClosed() && pool.available() == pool.capacity();
    }

    /** The packet of that name. */
    NetBuf packet(int name) {
        return pools[name >>> INDEX_BITS].get(name & INDEX_MASK);
    }

    /** Forgets every pool; nothing may be in flight. */
    void clear() {
        Arrays.fill(pools, null);
        size = 0;
        last = null;
    }
}
