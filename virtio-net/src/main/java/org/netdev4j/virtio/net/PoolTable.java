package org.netdev4j.virtio.net;

import java.util.Arrays;
import java.util.function.Predicate;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;

/**
 * The pools whose packets a transmit queue has met, numbered, so that an {@code int} names any packet in flight: pool number
 * in bits 24 to 30, index in the pool below. Only pools whose memory the device can reach are in it.
 */
final class PoolTable {
    static final int UNREACHABLE = -1;

    private static final int INDEX_BITS = 24;
    private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;
    private static final int MAX_POOLS = 1 << (31 - INDEX_BITS);

    private final Predicate<MemoryRegion> reachable;
    private NetBufPool[] pools = new NetBufPool[4];
    private int size;
    private NetBufPool last;
    private int lastNumber;

    PoolTable(Predicate<MemoryRegion> reachable) {
        this.reachable = reachable;
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
        if (i == size && !add(pool)) {
            return UNREACHABLE;
        }
        last = pool;
        lastNumber = i << INDEX_BITS;
        return lastNumber;
    }

    private boolean add(NetBufPool pool) {
        if (size == MAX_POOLS || pool.capacity() > INDEX_MASK + 1 || !reachable.test(pool.region())) {
            return false;
        }
        if (size == pools.length) {
            pools = Arrays.copyOf(pools, 2 * size);
        }
        pools[size++] = pool;
        return true;
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
