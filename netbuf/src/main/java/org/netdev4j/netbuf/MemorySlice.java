package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/** A piece of a {@link MemoryRegion} with one owner, zeroed when cut; {@link #close()} gives the piece back. */
public final class MemorySlice implements AutoCloseable {
    private final MemoryRegion region;
    private final long offset;
    private final MemorySegment segment;
    private final AtomicBoolean closed = new AtomicBoolean();

    MemorySlice(MemoryRegion region, long offset, long bytes) {
        this.region = region;
        this.offset = offset;
        segment = region.segment().asSlice(offset, bytes);
    }

    public MemoryRegion region() {
        return region;
    }

    /** Exactly this piece. */
    public MemorySegment segment() {
        return segment;
    }

    /** Offset of this piece in the region, bytes. */
    public long offset() {
        return offset;
    }

    /** Device address of the first byte of this piece. */
    public long deviceAddress() {
        return region.deviceAddress() + offset;
    }

    /** Size in bytes. */
    public long size() {
        return segment.byteSize();
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            region.giveBack(offset, size());
        }
    }
}
