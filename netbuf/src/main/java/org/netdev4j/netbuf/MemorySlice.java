package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;

/** A piece of a {@link MemoryRegion} with one owner, zeroed when cut; {@link #close()} gives the piece back. */
public final class MemorySlice implements AutoCloseable {
    MemorySlice() {}

    public MemoryRegion region() {
        throw new UnsupportedOperationException();
    }

    /** Exactly this piece. */
    public MemorySegment segment() {
        throw new UnsupportedOperationException();
    }

    /** Offset of this piece in the region, bytes. */
    public long offset() {
        throw new UnsupportedOperationException();
    }

    /** Device address of the first byte of this piece. */
    public long deviceAddress() {
        throw new UnsupportedOperationException();
    }

    /** Size in bytes. */
    public long size() {
        throw new UnsupportedOperationException();
    }

    /** Idempotent. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
