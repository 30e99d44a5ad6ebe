package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;

/**
 * A fixed number of equal {@link NetBuf}s over one {@link MemorySlice}. Allocation and free are safe from any thread:
 * each platform thread keeps a small cache of buffers in front of a shared queue.
 */
public final class NetBufPool implements AutoCloseable {
    private NetBufPool() {}

    /** Starts from 1024 buffers of 2048 data bytes and 128 bytes of headroom in a region of the pool's own. */
    public static Builder builder() {
        throw new UnsupportedOperationException();
    }

    public String name() {
        throw new UnsupportedOperationException();
    }

    public MemoryRegion region() {
        throw new UnsupportedOperationException();
    }

    /** Memory of all buffers. */
    public MemorySegment segment() {
        throw new UnsupportedOperationException();
    }

    /** A buffer with the pool's headroom, length 0 and no flags, or null when none is left (counted). */
    public NetBuf allocate() {
        throw new UnsupportedOperationException();
    }

    /** Fills {@code into[from..from+n)} and returns n, less than {@code count} when the pool ran dry (counted once). */
    public int allocate(NetBuf[] into, int from, int count) {
        throw new UnsupportedOperationException();
    }

    /** The buffer of that index, whoever owns it: for a driver that names in-flight buffers by index. */
    public NetBuf get(int index) {
        throw new UnsupportedOperationException();
    }

    /** Number of buffers, free and in use. */
    public int capacity() {
        throw new UnsupportedOperationException();
    }

    /** Buffers that nobody holds; exact when no thread allocates or frees at the moment. */
    public int available() {
        throw new UnsupportedOperationException();
    }

    /** Headroom of a fresh buffer, bytes. */
    public int headroom() {
        throw new UnsupportedOperationException();
    }

    /** Tailroom of a fresh buffer, bytes: what one buffer can hold behind its headroom. */
    public int dataSize() {
        throw new UnsupportedOperationException();
    }

    /** How often a request found fewer buffers than asked. */
    public long exhausted() {
        throw new UnsupportedOperationException();
    }

    /**
     * Closes the pool. Buffers still held keep the memory mapped until they are freed; allocation fails from now on.
     * Idempotent.
     */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** What a pool is made of; each setter returns this. */
    public static final class Builder {
        private Builder() {}

        /** For messages and statistics. */
        public Builder name(String name) {
            throw new UnsupportedOperationException();
        }

        /** Cut the memory from this region rather than from one of the pool's own. The region stays the caller's. */
        public Builder region(MemoryRegion region) {
            throw new UnsupportedOperationException();
        }

        public Builder buffers(int count) {
            throw new UnsupportedOperationException();
        }

        /** Bytes behind the headroom. */
        public Builder dataSize(int bytes) {
            throw new UnsupportedOperationException();
        }

        public Builder headroom(int bytes) {
            throw new UnsupportedOperationException();
        }

        /** Buffers a thread may keep for itself; 0 switches the thread caches off. */
        public Builder cacheSize(int buffers) {
            throw new UnsupportedOperationException();
        }

        public NetBufPool build() {
            throw new UnsupportedOperationException();
        }
    }
}
