package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;

/** A frame in one piece of memory. */
public final class ContiguousFrame implements Frame {
    private final OffloadRequest offload = new OffloadRequest();
    private MemorySegment segment = MemorySegment.NULL;
    private long offset;
    private int length;
    private int pair;

    /** A frame of no bytes. */
    public ContiguousFrame() {}

    /** Shows {@code length} bytes of {@code segment}; what they ask for is set through {@link #offload()}. */
    public ContiguousFrame show(MemorySegment memory, long at, int bytes) {
        segment = memory;
        offset = at;
        length = bytes;
        return this;
    }

    /** The pair that {@link #pair()} says from now on. */
    public void sentOn(int queuePair) {
        pair = queuePair;
    }

    @Override
    public int pair() {
        return pair;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int pieces() {
        return 1;
    }

    @Override
    public MemorySegment segment(int piece) {
        return segment;
    }

    @Override
    public long offset(int piece) {
        return offset;
    }

    @Override
    public int length(int piece) {
        return length;
    }

    @Override
    public OffloadRequest offload() {
        return offload;
    }
}
