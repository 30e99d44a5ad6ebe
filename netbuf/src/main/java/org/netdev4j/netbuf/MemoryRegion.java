package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;

/**
 * Off-heap memory that is mapped once and shared with devices: pools, rings and header areas are cut from it.
 * <p>
 * A region knows two addresses of its first byte: the host address (inside {@link #segment()}) and the address by which a
 * device names it ({@link #deviceAddress()}). The two may differ; nothing may assume that they are equal.
 * <p>
 * Lifetime: the memory stays mapped until the region <em>and</em> every {@link MemorySlice} cut from it are closed.
 * Thread-safe; none of it is meant for the packet path.
 */
public final class MemoryRegion implements AutoCloseable {
    private MemoryRegion() {}

    /**
     * Maps anonymous zeroed memory, aligned to 4096 bytes, whose device address is its host address.
     *
     * @param name for messages and statistics
     * @param bytes size, rounded up to a multiple of 4096
     */
    public static MemoryRegion allocate(String name, long bytes) {
        throw new UnsupportedOperationException();
    }

    /**
     * A region over memory mapped by someone else.
     *
     * @param segment exactly the mapping, in a shared arena
     * @param deviceAddress the address of its first byte as devices see it
     * @param backing what the mapping is made of, for a transport that can share it (a memfd, say), or null
     * @param unmap run once, when the region and all its slices are closed
     */
    public static MemoryRegion of(String name, MemorySegment segment, long deviceAddress, Object backing,
            Runnable unmap) {
        throw new UnsupportedOperationException();
    }

    public String name() {
        throw new UnsupportedOperationException();
    }

    /** The whole mapping. */
    public MemorySegment segment() {
        throw new UnsupportedOperationException();
    }

    /** Size in bytes. */
    public long size() {
        throw new UnsupportedOperationException();
    }

    /** Device address of the first byte. */
    public long deviceAddress() {
        throw new UnsupportedOperationException();
    }

    /** What the mapping is made of, or null: see {@link #of}. */
    public Object backing() {
        throw new UnsupportedOperationException();
    }

    /**
     * Cuts a piece for one owner; first fit, reused after {@link MemorySlice#close()}.
     *
     * @param alignment a power of two, of the device address and of the offset in the region, in bytes
     * @throws IllegalArgumentException naming what was asked and the largest free piece, when there is no room
     */
    public MemorySlice cut(long bytes, long alignment) {
        throw new UnsupportedOperationException();
    }

    /** Gives up the region; unmapped when the last slice is closed too. Idempotent. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
