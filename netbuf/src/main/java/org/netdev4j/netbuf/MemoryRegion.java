package org.netdev4j.netbuf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

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
    private static final long PAGE_BYTES = 4096;

    private final String name;
    private final MemorySegment segment;
    private final long deviceAddress;
    private final MemoryBacking backing;
    private final Runnable unmap;

    /** Free pieces, offset to size in bytes; no two of them touch. */
    private final TreeMap<Long, Long> free = new TreeMap<>();
    private int slices;
    private boolean closed;

    private MemoryRegion(String name, MemorySegment segment, long deviceAddress, MemoryBacking backing,
            Runnable unmap) {
        this.name = name;
        this.segment = segment;
        this.deviceAddress = deviceAddress;
        this.backing = backing;
        this.unmap = unmap;
        free.put(0L, segment.byteSize());
    }

    /**
     * Maps anonymous zeroed memory, aligned to 4096 bytes, whose device address is its host address.
     *
     * @param name for messages and statistics
     * @param bytes size, rounded up to a multiple of 4096
     */
    public static MemoryRegion allocate(String name, long bytes) {
        Objects.requireNonNull(name, "name");
        if (bytes <= 0 || bytes > Long.MAX_VALUE - PAGE_BYTES) {
            throw new IllegalArgumentException("region " + name + ": " + bytes + " bytes asked, at least 1 needed");
        }
        Arena arena = Arena.ofShared();
        MemorySegment memory;
        try {
            memory = arena.allocate((bytes + PAGE_BYTES - 1) & -PAGE_BYTES, PAGE_BYTES);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
        return new MemoryRegion(name, memory, memory.address(), null, arena::close);
    }

    /**
     * A region over memory mapped by someone else.
     *
     * @param segment exactly the mapping, in a shared arena
     * @param deviceAddress the address of its first byte as devices see it
     * @param backing the file it is mapped from, for a transport that shares it with another process, or null
     * @param unmap run once, when the region and all its slices are closed
     */
    public static MemoryRegion of(String name, MemorySegment segment, long deviceAddress, MemoryBacking backing,
            Runnable unmap) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(unmap, "unmap");
        if (!segment.isNative() || segment.byteSize() == 0) {
            throw new IllegalArgumentException("region " + name + ": needs a native segment of at least 1 byte");
        }
        if (Long.compareUnsigned(deviceAddress + segment.byteSize() - 1, deviceAddress) < 0) {
            throw new IllegalArgumentException("region " + name + ": " + segment.byteSize()
                    + " bytes at device address 0x" + Long.toHexString(deviceAddress) + " pass the end of 64 bits");
        }
        return new MemoryRegion(name, segment, deviceAddress, backing, unmap);
    }

    public String name() {
        return name;
    }

    /** The whole mapping. */
    public MemorySegment segment() {
        return segment;
    }

    /** Size in bytes. */
    public long size() {
        return segment.byteSize();
    }

    /** Device address of the first byte. */
    public long deviceAddress() {
        return deviceAddress;
    }

    /** The file that the memory is mapped from, or null if no other process can map it. */
    public MemoryBacking backing() {
        return backing;
    }

    /**
     * Cuts a piece for one owner; first fit, reused after {@link MemorySlice#close()}.
     *
     * @param alignment a power of two up to 4096, of the device address, the host address and the offset in the region,
     *            in bytes
     * @throws IllegalArgumentException naming what was asked and the largest free piece, when there is no room
     * @throws IllegalStateException when the region is closed
     */
    public MemorySlice cut(long bytes, long alignment) {
        if (bytes <= 0) {
            throw new IllegalArgumentException(this + ": slice of " + bytes + " bytes asked, at least 1 needed");
        }
        if (Long.bitCount(alignment) != 1 || alignment < 1 || alignment > PAGE_BYTES) {
            throw new IllegalArgumentException(
                    this + ": alignment " + alignment + " asked, allowed are powers of two from 1 to " + PAGE_BYTES);
        }
        if (((segment.address() | deviceAddress) & (alignment - 1)) != 0) {
            throw new IllegalArgumentException(this + ": alignment " + alignment
                    + " asked, but the region itself is not aligned so; its host address is 0x"
                    + Long.toHexString(segment.address()));
        }
        MemorySlice slice = new MemorySlice(this, take(bytes, alignment), bytes);
        slice.segment().fill((byte) 0);
        return slice;
    }

    private synchronized long take(long bytes, long alignment) {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
        for (Map.Entry<Long, Long> piece : free.entrySet()) {
            long start = piece.getKey();
            long end = start + piece.getValue();
            long offset = (start + alignment - 1) & -alignment;
            if (offset < end && bytes <= end - offset) {
                free.remove(start);
                putFree(start, offset);
                putFree(offset + bytes, end);
                slices++;
                return offset;
            }
        }
        long largest = free.values().stream().mapToLong(Long::longValue).max().orElse(0);
        throw new IllegalArgumentException(this + ": no room for a slice of " + bytes + " bytes aligned to " + alignment
                + ", the largest free piece has " + largest + " bytes");
    }

    private void putFree(long start, long end) {
        if (start < end) {
            free.put(start, end - start);
        }
    }

    void giveBack(long offset, long bytes) {
        boolean last;
        synchronized (this) {
            long start = offset;
            long end = offset + bytes;
            Map.Entry<Long, Long> before = free.lowerEntry(start);
            if (before != null && before.getKey() + before.getValue() == start) {
                start = before.getKey();
            }
            Long after = free.remove(end);
            if (after != null) {
                end += after;
            }
            putFree(start, end);
            slices--;
            last = closed && slices == 0;
        }
        if (last) {
            unmap.run();
        }
    }

    /** Gives up the region; unmapped when the last slice is closed too. Idempotent. */
    @Override
    public void close() {
        boolean last;
        synchronized (this) {
            last = !closed && slices == 0;
            closed = true;
        }
        if (last) {
            unmap.run();
        }
    }

    @Override
    public String toString() {
        return "region " + name + " (" + size() + " bytes at device address 0x" + Long.toHexString(deviceAddress) + ")";
    }
}
