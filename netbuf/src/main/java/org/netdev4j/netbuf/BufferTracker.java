package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Remembers who allocated, touched and freed the buffers of a pool, by index, and guards the memory of free ones. */
final class BufferTracker {
    private static final int SAMPLE_EVERY = 128;
    private static final byte PATTERN = (byte) 0xdb;

    private final NetBufPool pool;
    private final AtomicReferenceArray<Place> allocated;
    private final AtomicReferenceArray<Place> touched;
    private final AtomicReferenceArray<Place> freed;
    private final int sampleEvery;
    /** Written by any thread: which buffers are sampled is of no consequence. */
    private int untilSample = 1;
    /** What a free buffer is filled with, or null. */
    private final MemorySegment pattern;

    /** @param tracking not OFF */
    BufferTracker(NetBufPool pool, LeakTracking tracking) {
        this.pool = pool;
        allocated = new AtomicReferenceArray<>(pool.indexes());
        touched = new AtomicReferenceArray<>(pool.indexes());
        freed = new AtomicReferenceArray<>(pool.indexes());
        boolean paranoid = tracking == LeakTracking.PARANOID;
        sampleEvery = paranoid ? 1 : SAMPLE_EVERY;
        if (paranoid) {
            byte[] bytes = new byte[pool.headroom() + pool.dataSize()];
            pattern = MemorySegment.ofArray(bytes).fill(PATTERN);
            pool.segment().fill(PATTERN);
        } else {
            pattern = null;
        }
    }

    /**
     * Marks buffers that were just handed out.
     *
     * @throws IllegalStateException when one was written to while it was free; all are freed
     */
    void allocated(NetBuf[] bufs, int from, int count) {
        for (int i = 0; i < count; i++) {
            mark(bufs[from + i]);
        }
        if (pattern != null) {
            try {
                for (int i = 0; i < count; i++) {
                    checkPattern(bufs[from + i]);
                }
            } catch (IllegalStateException e) {
                NetBuf.free(bufs, from, count);
                throw e;
            }
        }
    }

    /** As {@link #allocated(NetBuf[], int, int)}, of one buffer or duplicate. */
    void allocated(NetBuf buf) {
        mark(buf);
        if (pattern != null && !buf.isDuplicate()) {
            try {
                checkPattern(buf);
            } catch (IllegalStateException e) {
                buf.free();
                throw e;
            }
        }
    }

    private void mark(NetBuf buf) {
        int index = buf.index();
        touched.setRelease(index, null);
        if (--untilSample <= 0) {
            untilSample = sampleEvery;
            buf.makeSpecial();
            allocated.setRelease(index, new Place(buf + " was allocated"));
        } else if (allocated.getPlain(index) != null) {
            allocated.setRelease(index, null);
            freed.setRelease(index, null);
        }
    }

    private void checkPattern(NetBuf buf) {
        long start = buf.dataOffset() - buf.headroom();
        long at = MemorySegment.mismatch(buf.segment(), start, start + buf.capacity(), pattern, 0, buf.capacity());
        if (at >= 0) {
            throw new IllegalStateException(buf + " was written to after it was freed, at byte " + at + " of its "
                    + buf.capacity() + ", headroom included", freed.getAcquire(buf.index()));
        }
    }

    void touched(NetBuf buf) {
        if (allocated.getAcquire(buf.index()) != null) {
            touched.setRelease(buf.index(), new Place(buf + " was touched"));
        }
    }

    /** Before the buffer is given back. */
    void freed(NetBuf buf) {
        if (allocated.getAcquire(buf.index()) != null) {
            freed.setRelease(buf.index(), new Place(buf + " was freed"));
        }
        if (pattern != null && !buf.isDuplicate()) {
            MemorySegment.copy(pattern, 0, buf.segment(), buf.dataOffset() - buf.headroom(), buf.capacity());
        }
    }

    /** Where the buffer of that index was freed last, or null if that is not known. */
    Throwable freed(int index) {
        return freed.getAcquire(index);
    }

    List<HeldBuffer> held() {
        List<HeldBuffer> held = new ArrayList<>();
        for (int i = 0; i < allocated.length(); i++) {
            NetBuf buf = pool.get(i);
            if (buf != null && (buf.refCount() > 0 || buf.isShared())) {
                held.add(new HeldBuffer(i, buf.refCount(), allocated.getAcquire(i), touched.getAcquire(i)));
            }
        }
        return held;
    }

    /** Who did something with a buffer, and where. */
    private static final class Place extends Exception {
        private static final long serialVersionUID = 1L;

        Place(String what) {
            super(what + " by thread " + Thread.currentThread().getName());
        }
    }
}
