package org.netdev4j.virtio.linux;

import java.lang.foreign.MemorySegment;

/** A reusable {@code struct iovec} array for readv(2) and writev(2). One thread at a time. */
public final class IoVector implements AutoCloseable {
    public IoVector(int maxPieces) {
        throw new UnsupportedOperationException();
    }

    public void clear() {
        throw new UnsupportedOperationException();
    }

    /** Appends a range that lies wholly inside {@code segment} (checked). @return false if the vector is full */
    public boolean append(MemorySegment segment, long offset, long length) {
        throw new UnsupportedOperationException();
    }

    public int size() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
