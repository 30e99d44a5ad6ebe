package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fixed number of equal {@link NetBuf}s over one {@link MemorySlice}. Allocation and free are safe from any thread:
 * each platform thread keeps a small cache of buffers in front of a shared queue. When the pool runs dry, what other
 * threads keep is used up before a request is refused.
 */
public final class NetBufPool implements AutoCloseable {
    private static final long BUFFER_ALIGNMENT = 128;
    private static final System.Logger LOGGER = System.getLogger(NetBufPool.class.getName());
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    /** When to tell that the pool is low and has recovered; no listener, no telling. */
    record LowWater(int low, int high, LowWaterListener listener) {}

    private final String name;
    private final int number = NUMBERS.incrementAndGet();
    private final MemorySlice slice;
    private final MemoryRegion ownRegion;
    private final int headroom;
    private final int dataSize;
    private final int size;
    /** By index; duplicates at the end. */
    private final NetBuf[] buffers;
    private final Duplicates duplicates;
    private final FreeBuffers free;
    /** Null if nothing is tracked. */
    private final BufferTracker tracker;

    private NetBufPool(Builder builder, int cacheSize) {
        name = builder.name;
        headroom = builder.headroom;
        dataSize = builder.dataSize;
        size = builder.buffers;
        long stride = stride(headroom + dataSize);
        long bytes = builder.memoryBytes();
        ownRegion = builder.region == null ? MemoryRegion.allocate(name, bytes) : null;
        slice = (ownRegion == null ? builder.region : ownRegion).cut(bytes, BUFFER_ALIGNMENT);
        NetBuf[] own = new NetBuf[size];
        for (int i = 0; i < size; i++) {
            own[i] = new NetBuf(this, i, slice, i * stride);
        }
        buffers = Arrays.copyOf(own, size + builder.duplicates());
        duplicates = new Duplicates(this, slice, buffers, builder.duplicates());
        free = new FreeBuffers(this, own, cacheSize / 2, builder.lowWater, this::unmap);
        tracker = builder.leakTracking == LeakTracking.OFF ? null : new BufferTracker(this, builder.leakTracking);
        OpenPools.add(this);
    }

    /** An odd multiple of the alignment, so that the first bytes of the buffers spread over all sets of a CPU cache. */
    private static long stride(int capacity) {
        return ((capacity + BUFFER_ALIGNMENT - 1) / BUFFER_ALIGNMENT | 1) * BUFFER_ALIGNMENT;
    }

    /** Starts from 1024 buffers of 2048 data bytes and 128 bytes of headroom in a region of the pool's own. */
    public static Builder builder() {
        return new Builder();
    }

    /** The open pools of this process, by name and number. */
    public static List<NetBufPool> all() {
        return OpenPools.all();
    }

    public String name() {
        return name;
    }

    /** Tells pools of one name apart: 1 for the first pool of this process, 2 for the next. */
    public int number() {
        return number;
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
        NetBuf buf = free.take();
        if (tracker != null && buf != null) {
            tracker.allocated(buf);
        }
        return buf;
    }

    /**
     * Fills {@code into[from..from+n)} and returns n, less than {@code count} when the pool ran dry (counted once).
     *
     * @throws IllegalStateException when the pool is closed
     */
    public int allocate(NetBuf[] into, int from, int count) {
        Objects.checkFromIndexSize(from, count, into.length);
        int taken = free.take(into, from, count);
        if (tracker != null) {
            tracker.allocated(into, from, taken);
        }
        return taken;
    }

    /** A duplicate of {@code length} bytes of a buffer of this pool, or null if none is left (counted). */
    NetBuf duplicate(NetBuf buf, int skip, int length) {
        NetBuf duplicate = duplicates.take();
        if (duplicate == null) {
            free.countExhausted();
            return null;
        }
        duplicate.holdAsDuplicate(buf, skip, length);
        duplicate.totalLength = length;
        if (tracker != null) {
            tracker.allocated(duplicate);
        }
        return duplicate;
    }

    /**
     * Takes back a buffer that nobody holds. The caller holds no lock.
     *
     * @return the buffer whose bytes a duplicate shared, if that is to be given back now, or null
     */
    NetBuf giveBack(NetBuf buf) {
        if (tracker != null) {
            tracker.freed(buf);
        }
        buf.forgetFreeListener();
        if (!buf.isDuplicate()) {
            free.give(buf);
            return null;
        }
        CountedBuffer original = buf.dropOriginal();
        duplicates.give(buf);
        return (NetBuf) original;
    }

    /** The buffer or duplicate of that index, whoever owns it: for a driver that names in-flight buffers by index. */
    public NetBuf get(int index) {
        return buffers[index];
    }

    /** Number of buffers, free and in use; duplicates are not counted. */
    public int capacity() {
        return size;
    }

    /** Buffers that nobody holds; exact when no thread allocates or frees at the moment. */
    public int available() {
        return free.available();
    }

    /** Headroom of a fresh buffer, bytes. */
    public int headroom() {
        return headroom;
    }

    /** Tailroom of a fresh buffer, bytes: what one buffer can hold behind its headroom. */
    public int dataSize() {
        return dataSize;
    }

    /** How often a request found fewer buffers or duplicates than asked. */
    public long exhausted() {
        return free.exhausted();
    }

    public PoolStatistics statistics() {
        return new PoolStatistics(size, available(), free.cached(), duplicates.inUse(), exhausted(), free.lowEvents());
    }

    /**
     * Runs {@code action} once, when {@code buffers} or more are free: at once on the calling thread, or on the one that frees
     * the last of them. They are not reserved: others may be faster. This is how a receiver that found the pool empty learns
     * that it can go on. Forgotten when the pool is closed.
     *
     * @param action not to block; what it throws goes to the thread's uncaught exception handler
     * @throws IllegalStateException when the pool is closed
     */
    public void whenAvailable(int buffers, Runnable action) {
        if (buffers < 1 || buffers > size) {
            throw new IllegalArgumentException(
                    this + ": " + buffers + " buffers to wait for asked, 1 to " + size + " allowed");
        }
        free.await(buffers, Objects.requireNonNull(action, "action"));
    }

    /**
     * The buffers and duplicates that somebody holds, with where they were allocated and last touched as far as the
     * {@link LeakTracking} of this pool says; none when that is OFF. Those that a running device holds are among them.
     */
    public List<HeldBuffer> leaks() {
        return tracker == null ? List.of() : tracker.held();
    }

    // for Release and Misuse

    FreeBuffers freeBuffers() {
        return free;
    }

    /** One more than the largest index of a buffer or duplicate. */
    int indexes() {
        return buffers.length;
    }

    /** Null if nothing is tracked. */
    BufferTracker tracker() {
        return tracker;
    }

    /**
     * Closes the pool. Buffers still held keep the memory mapped until they are freed, and are logged as a warning if they
     * are tracked; allocation is an IllegalStateException from now on. Idempotent.
     */
    @Override
    public void close() {
        if (!free.close()) {
            return;
        }
        OpenPools.remove(this);
        List<HeldBuffer> held = leaks();
        if (!held.isEmpty()) {
            LOGGER.log(System.Logger.Level.WARNING, LeakReport.of(this, held));
        }
    }

    private void unmap() {
        slice.close();
        if (ownRegion != null) {
            ownRegion.close();
        }
    }

    public boolean isClosed() {
        return free.isClosed();
    }

    @Override
    public String toString() {
        return "pool " + name;
    }

    /** What a pool is made of; each setter returns this. */
    public static final class Builder {
        /** Indexes of buffers and duplicates take 24 bits. */
        private static final int MAX_BUFFERS = 1 << 24;
        private static final int MAX_DATA_SIZE = 1 << 20;
        private static final int MAX_HEADROOM = 1 << 16;
        private static final int MAX_DEFAULT_DUPLICATES = 4096;
        private static final int MAX_DEFAULT_CACHE_SIZE = 256;
        private static final int CACHE_SHARE = 8;
        private static final int UNSET = -1;

        private String name = "netbufs";
        private MemoryRegion region;
        private int buffers = 1024;
        private int duplicates = UNSET;
        private int dataSize = 2048;
        private int headroom = 128;
        private int cacheSize = UNSET;
        private LowWater lowWater;
        private LeakTracking leakTracking = LeakTracking.ofProperty();

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

        /**
         * How many {@link NetBuf#duplicate() duplicates} can be held at a time; they have no memory of their own. Without
         * this, as many as buffers, but no more than 4096.
         */
        public Builder duplicates(int count) {
            check("duplicates", count, 0, MAX_BUFFERS);
            duplicates = count;
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
         * Tell {@code listener} when no more than {@code low} buffers are free, and when {@code high} are free again. What
         * threads take from their caches is noticed late; what comes back while the pool is low never is.
         *
         * @param low 0 or more: 0 for an empty pool
         * @param high more than {@code low}, no more than all buffers
         */
        public Builder lowWater(int low, int high, LowWaterListener listener) {
            lowWater = new LowWater(low, high, Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /** See {@link LeakTracking} for what it is without this. */
        public Builder leakTracking(LeakTracking tracking) {
            leakTracking = Objects.requireNonNull(tracking, "tracking");
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
            check("duplicates", duplicates(), 0, MAX_BUFFERS - buffers);
            if (lowWater != null) {
                check("high water", lowWater.high, 1, buffers);
                check("low water", lowWater.low, 0, lowWater.high - 1);
            }
            int largestCache = buffers / CACHE_SHARE;
            if (cacheSize == UNSET) {
                return new NetBufPool(this, Math.min(MAX_DEFAULT_CACHE_SIZE, largestCache));
            }
            check("cacheSize", cacheSize, 0, largestCache);
            return new NetBufPool(this, cacheSize);
        }

        private int duplicates() {
            int most = Math.min(MAX_DEFAULT_DUPLICATES, MAX_BUFFERS - buffers);
            return duplicates == UNSET ? Math.min(buffers, most) : duplicates;
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
