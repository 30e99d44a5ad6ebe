package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * A fixed number of equal {@link NetBuf}s over one {@link MemorySlice}. Allocation and free are safe from any thread:
 * each platform thread keeps a small cache of buffers in front of a shared queue. When the pool runs dry, what other
 * threads keep is used up before a request is refused.
 */
public final class NetBufPool implements AutoCloseable {
    private static final long BUFFER_ALIGNMENT = 128;

    private final String name;
    private final MemorySlice slice;
    private final MemoryRegion ownRegion;
    private final int headroom;
    private final int dataSize;
    private final NetBuf[] buffers;
    private final Depot depot;
    private final ThreadCaches caches;
    private final LongAdder exhausted = new LongAdder();
    private volatile boolean closed;
    /** Buffers that came back since the pool was closed. */
    private volatile int retired;

    private NetBufPool(Builder builder, int cacheSize) {
        name = builder.name;
        headroom = builder.headroom;
        dataSize = builder.dataSize;
        long stride = stride(headroom + dataSize);
        long bytes = builder.memoryBytes();
        ownRegion = builder.region == null ? MemoryRegion.allocate(name, bytes) : null;
        slice = (ownRegion == null ? builder.region : ownRegion).cut(bytes, BUFFER_ALIGNMENT);
        buffers = new NetBuf[builder.buffers];
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = new NetBuf(this, i, slice, i * stride);
        }
        int magazineSize = cacheSize / 2;
        depot = new Depot(buffers, magazineSize);
        caches = new ThreadCaches(depot, buffers, magazineSize);
    }

    /** An odd multiple of the alignment, so that the first bytes of the buffers spread over all sets of a CPU cache. */
    private static long stride(int capacity) {
        return ((capacity + BUFFER_ALIGNMENT - 1) / BUFFER_ALIGNMENT | 1) * BUFFER_ALIGNMENT;
    }

    /** Starts from 1024 buffers of 2048 data bytes and 128 bytes of headroom in a region of the pool's own. */
    public static Builder builder() {
        return new Builder();
    }

    public String name() {
        return name;
    }

    public MemoryRegion region() {
        return slice.region();
    }

    /** Memory of all buffers. */
    public MemorySegment segment() {
        return slice.segment();
    }

    /**
     * A buffer with the pool's headroom, length 0 and no flags, or null when none is left (counted).
     *
     * @throws IllegalStateException when the pool is closed
     */
    public NetBuf allocate() {
        ThreadCache cache = caches.lockCurrent();
        if (cache != null) {
            try {
                NetBuf buf = cache.take();
                if (buf != null) {
                    return buf;
                }
            } finally {
                cache.unlock();
            }
        }
        return allocateShared();
    }

    /**
     * Fills {@code into[from..from+n)} and returns n, less than {@code count} when the pool ran dry (counted once).
     *
     * @throws IllegalStateException when the pool is closed
     */
    public int allocate(NetBuf[] into, int from, int count) {
        Objects.checkFromIndexSize(from, count, into.length);
        int taken = 0;
        ThreadCache cache = caches.lockCurrent();
        if (cache != null) {
            try {
                taken = cache.take(into, from, count);
            } finally {
                cache.unlock();
            }
        }
        return taken == count ? taken : taken + allocateShared(into, from + taken, count - taken);
    }

    private NetBuf allocateShared() {
        checkOpen();
        NetBuf buf = depot.take();
        if (buf != null) {
            return buf.handOut();
        }
        buf = caches.steal();
        if (buf == null) {
            exhausted.increment();
        }
        return buf;
    }

    private int allocateShared(NetBuf[] into, int from, int count) {
        checkOpen();
        int taken = 0;
        NetBuf buf;
        while (taken < count && (buf = depot.take()) != null) {
            into[from + taken++] = buf.handOut();
        }
        while (taken < count && (buf = caches.steal()) != null) {
            into[from + taken++] = buf;
        }
        if (taken < count) {
            exhausted.increment();
        }
        return taken;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    /** Frees one packet. */
    static void free(NetBuf packet) {
        packet.checkFreeable();
        NetBufPool pool = packet.pool();
        ThreadCache cache = pool.caches.lockCurrent();
        try {
            pool.free(packet, cache);
        } finally {
            leave(cache);
        }
    }

    /** Frees the packets of {@code packets[from..from+count)} and nulls the slots. */
    static void free(NetBuf[] packets, int from, int count) {
        int i = from;
        int end = from + count;
        while (i < end) {
            NetBufPool pool = packets[i].pool();
            ThreadCache cache = pool.caches.lockCurrent();
            try {
                do {
                    NetBuf packet = packets[i];
                    packet.checkFreeable();
                    packets[i++] = null;
                    pool.free(packet, cache);
                } while (i < end && packets[i].pool() == pool);
            } finally {
                leave(cache);
            }
        }
    }

    /** @param cache this pool's cache of the calling thread, locked, or null */
    private void free(NetBuf packet, ThreadCache cache) {
        NetBuf piece = packet;
        do {
            NetBuf next = piece.next();
            if (piece.dropReference()) {
                piece.reset();
                piece.pool().give(piece, piece.pool() == this ? cache : null);
            }
            piece = next;
        } while (piece != null);
    }

    private void give(NetBuf buf, ThreadCache cache) {
        if (cache != null) {
            cache.give(buf.index());
            return;
        }
        depot.giveLoose(buf);
        if (closed) {
            retireReturned();
        }
    }

    private static void leave(ThreadCache cache) {
        if (cache != null) {
            cache.unlock();
        }
    }

    /** The buffer of that index, whoever owns it: for a driver that names in-flight buffers by index. */
    public NetBuf get(int index) {
        return buffers[index];
    }

    /** Number of buffers, free and in use. */
    public int capacity() {
        return buffers.length;
    }

    /** Buffers that nobody holds; exact when no thread allocates or frees at the moment. */
    public int available() {
        return closed ? retired : depot.size() + caches.size();
    }

    /** Headroom of a fresh buffer, bytes. */
    public int headroom() {
        return headroom;
    }

    /** Tailroom of a fresh buffer, bytes: what one buffer can hold behind its headroom. */
    public int dataSize() {
        return dataSize;
    }

    /** How often a request found fewer buffers than asked. */
    public long exhausted() {
        return exhausted.sum();
    }

    /**
     * Closes the pool. Buffers still held keep the memory mapped until they are freed; allocation is an
     * IllegalStateException from now on. Idempotent.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        caches.close();
        retireReturned();
    }

    /**
     * Counts what is in the depot out of it; the last buffer takes the memory along. Called after each buffer that comes to
     * the depot of a closed pool. (An allocation that was under way may break up a magazine later: it holds one of its
     * buffers, and that will come.)
     */
    private synchronized void retireReturned() {
        int count = retired;
        if (count == buffers.length) {
            return;
        }
        while (depot.take() != null) {
            count++;
        }
        retired = count;
        if (count == buffers.length) {
            slice.close();
            if (ownRegion != null) {
                ownRegion.close();
            }
        }
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public String toString() {
        return "pool " + name;
    }

    /** What a pool is made of; each setter returns this. */
    public static final class Builder {
        private static final int MAX_BUFFERS = 1 << 24;
        private static final int MAX_DATA_SIZE = 1 << 20;
        private static final int MAX_HEADROOM = 1 << 16;
        private static final int MAX_DEFAULT_CACHE_SIZE = 256;
        private static final int CACHE_SHARE = 8;
        private static final int UNSET = -1;

        private String name = "netbufs";
        private MemoryRegion region;
        private int buffers = 1024;
        private int dataSize = 2048;
        private int headroom = 128;
        private int cacheSize = UNSET;

        private Builder() {}

        /** For messages and statistics. */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /** Cut the memory from this region rather than from one of the pool's own. The region stays the caller's. */
        public Builder region(MemoryRegion region) {
            this.region = Objects.requireNonNull(region, "region");
            return this;
        }

        public Builder buffers(int count) {
            buffers = count;
            return this;
        }

        /** Bytes behind the headroom. */
        public Builder dataSize(int bytes) {
            dataSize = bytes;
            return this;
        }

        public Builder headroom(int bytes) {
            headroom = bytes;
            return this;
        }

        /**
         * Buffers a thread may keep for itself, rounded down to an even number, at most an eighth of all; 0 switches the
         * thread caches off. Without this, an eighth of all, but no more than 256.
         */
        public Builder cacheSize(int buffers) {
            check("cacheSize", buffers, 0, MAX_BUFFERS / CACHE_SHARE);
            cacheSize = buffers;
            return this;
        }

        /**
         * Bytes that the pool will cut from its region: how large a region of its own has to be.
         *
         * @throws IllegalArgumentException naming the value and what is allowed
         */
        public long memoryBytes() {
            checkSizes();
            return stride(headroom + dataSize) * buffers;
        }

        /** @throws IllegalArgumentException naming the value and what is allowed, or when the region has no room */
        public NetBufPool build() {
            checkSizes();
            int largestCache = buffers / CACHE_SHARE;
            if (cacheSize == UNSET) {
                return new NetBufPool(this, Math.min(MAX_DEFAULT_CACHE_SIZE, largestCache));
            }
            check("cacheSize", cacheSize, 0, largestCache);
            return new NetBufPool(this, cacheSize);
        }

        private void checkSizes() {
            check("buffers", buffers, 1, MAX_BUFFERS);
            check("dataSize", dataSize, 1, MAX_DATA_SIZE);
            check("headroom", headroom, 0, MAX_HEADROOM);
        }

        private void check(String what, int asked, int least, int most) {
            if (asked < least || asked > most) {
                throw new IllegalArgumentException(
                        "pool " + name + ": " + what + " " + asked + " asked, " + least + " to " + most + " allowed");
            }
        }
    }
}
