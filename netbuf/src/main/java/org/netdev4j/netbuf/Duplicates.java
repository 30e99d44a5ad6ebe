package org.netdev4j.netbuf;

import java.util.concurrent.atomic.AtomicInteger;

import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;

/** The NetBufs without memory of their own of a pool, made when they are first needed. Thread-safe. */
final class Duplicates {
    private final NetBufPool pool;
    private final MemorySlice slice;
    private final NetBuf[] all;
    private final int first;
    private final int count;
    private final AtomicInteger made = new AtomicInteger();
    private final MpmcVarHandleArrayQueue<NetBuf> free;

    /** @param all the buffers of the pool by index; those of duplicates are at the end */
    Duplicates(NetBufPool pool, MemorySlice slice, NetBuf[] all, int count) {
        this.pool = pool;
        this.slice = slice;
        this.all = all;
        this.count = count;
        first = all.length - count;
        free = new MpmcVarHandleArrayQueue<>(Math.max(2, count));
    }

    /** A duplicate that nobody holds, or null. */
    NetBuf take() {
        NetBuf buf = free.poll();
        return buf != null || made.get() >= count ? buf : make();
    }

    private NetBuf make() {
        int number = made.getAndIncrement();
        if (number >= count) {
            made.set(count);
            return null;
        }
        int index = first + number;
        NetBuf buf = new NetBuf(pool, index, slice, 0);
        all[index] = buf;
        return buf;
    }

    void give(NetBuf buf) {
        free.offer(buf);
    }

    /** Held ones; exact when no thread takes or gives at the moment. */
    int inUse() {
        return Math.max(0, Math.min(count, made.get()) - free.size());
    }
}
