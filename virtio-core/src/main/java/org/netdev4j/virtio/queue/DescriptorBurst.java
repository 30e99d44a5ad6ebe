package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;

/**
 * Available buffers of one piece each, all in one region of memory, all to be read or all to be written: the usual case, taken
 * and returned together. Filled by {@link DeviceQueue#next(DescriptorBurst, int, boolean)}, reused for the next. Addresses and
 * lengths were checked and are private copies, as in a {@link DescriptorChain}.
 */
public final class DescriptorBurst {
    private final int[] id;
    private final long[] offset;
    /** Of each the second half of its descriptor, with the length in the low 32 bits; of what is looked at, beyond size too. */
    private final long[] rest;
    private int size;
    private DeviceMemory.Table table;
    private int region;
    private MemorySegment segment;
    private boolean writable;
    /** Of {@link #region} in {@link #table}. */
    private long base;
    private long regionSize;

    /** An empty burst of up to {@code capacity} buffers. */
    public DescriptorBurst(int capacity) {
        id = new int[capacity];
        offset = new long[capacity];
        rest = new long[capacity];
    }

    /** Most buffers. */
    public int capacity() {
        return id.length;
    }

    /** Buffers. */
    public int size() {
        return size;
    }

    /** Memory that all the buffers are in. */
    public MemorySegment segment() {
        return segment;
    }

    /** Offset of buffer {@code i} in {@link #segment()}. */
    public long offset(int i) {
        return offset[i];
    }

    /** Bytes of buffer {@code i}, 1 at least. */
    public int length(int i) {
        return (int) rest[i];
    }

    /** True if the buffers are to be written, all of them; false if they are to be read. */
    public boolean isWritable() {
        return writable;
    }

    int id(int i) {
        return id[i];
    }

    /** Starts a new burst, in the region that holds {@code deviceAddress}. @return false if none does */
    boolean begin(DeviceMemory.Table memory, long deviceAddress, boolean toBeWritten) {
        size = 0;
        writable = toBeWritten;
        int found = memory.find(deviceAddress, region);
        if (found < 0) {
            return false;
        }
        if (memory != table || found != region) {
            table = memory;
            region = found;
            segment = memory.segment[found];
            base = memory.base[found];
            regionSize = memory.size[found];
        }
        return true;
    }

    /** Keeps the second half of the descriptor of what may become buffer {@code i}. */
    void look(int i, long secondHalf) {
        rest[i] = secondHalf;
    }

    long rest(int i) {
        return rest[i];
    }

    /**
     * Appends the buffer that was looked at as the one behind the others.
     *
     * @return false, and nothing is done, if it is empty or not all in the region
     */
    boolean append(int bufferId, long deviceAddress) {
        int bytes = (int) rest[size];
        long inRegion = deviceAddress - base;
        if (bytes <= 0 || inRegion < 0 || inRegion > regionSize - bytes) {
            return false;
        }
        id[size] = bufferId;
        offset[size] = inRegion;
        size++;
        return true;
    }

    /** Nothing is in it. */
    void clear() {
        size = 0;
    }

    /** Logs the first {@code bytes} of buffer {@code i} as written. */
    void logWritten(WriteLog log, int i, int bytes) {
        if (bytes > 0) {
            log.written(base + offset[i], bytes);
        }
    }
}
