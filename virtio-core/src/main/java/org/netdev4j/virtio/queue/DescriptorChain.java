package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;

/**
 * One available buffer as the device end sees it: pieces of host memory, the readable ones first. Filled by
 * {@link DeviceQueue#next}, reused for the next buffer. Addresses and lengths were checked and are private copies: what the
 * driver writes to the descriptors later changes nothing here. The bytes themselves are the driver's and may change at any
 * time.
 * <p>
 * Descriptors of length 0 are left out, so a chain may have no piece at all; one that spans two regions of memory makes two
 * pieces.
 */
public final class DescriptorChain {
    private final int[] region;
    private final long[] offset;
    private final int[] length;
    private DeviceMemory.Table table;
    private int id;
    private int size;
    private int readable;
    private int readableLength;
    private int writableLength;
    private int lastRegion;
    /** Of {@link #lastRegion}; size 0 while no address of {@link #table} was looked up. */
    private long lastBase;
    private long lastSize;
    private String fault;

    /**
     * An empty chain.
     *
     * @param maxPieces most pieces a chain may have, the queue size at least; a longer one breaks the queue
     */
    public DescriptorChain(int maxPieces) {
        region = new int[maxPieces];
        offset = new long[maxPieces];
        length = new int[maxPieces];
    }

    /** Names the buffer to {@link DeviceQueue#complete(int, int)}. */
    public int id() {
        return id;
    }

    /** Pieces, readable and writable. */
    public int size() {
        return size;
    }

    /** Pieces the device may read: 0..readable()-1; the rest it may write. */
    public int readable() {
        return readable;
    }

    /** Bytes of the readable pieces. */
    public int readableLength() {
        return readableLength;
    }

    /** Bytes of the writable pieces. */
    public int writableLength() {
        return writableLength;
    }

    /** Memory of the region that piece {@code i} is in. */
    public MemorySegment segment(int i) {
        return table.segment[region[i]];
    }

    /** Offset of piece {@code i} in {@link #segment}. */
    public long offset(int i) {
        return offset[i];
    }

    /** Bytes of piece {@code i}. */
    public int length(int i) {
        return length[i];
    }

    /**
     * Copies from the readable bytes, starting at byte {@code from}.
     *
     * @return bytes copied, less at the end of the data
     */
    public int read(int from, MemorySegment target, long targetOffset, int length) {
        int skip = from;
        int copied = 0;
        for (int i = 0; i < readable && copied < length; i++) {
            int piece = this.length[i];
            if (skip < piece) {
                int bytes = Math.min(piece - skip, length - copied);
                MemorySegment.copy(segment(i), offset[i] + skip, target, targetOffset + copied, bytes);
                copied += bytes;
                skip = 0;
            } else {
                skip -= piece;
            }
        }
        return copied;
    }

    /**
     * Copies to the writable bytes, starting at byte {@code to}.
     *
     * @return bytes copied, less at the end of the room
     */
    public int write(int to, MemorySegment source, long sourceOffset, int length) {
        int skip = to;
        int copied = 0;
        for (int i = readable; i < size && copied < length; i++) {
            int piece = this.length[i];
            if (skip < piece) {
                int bytes = Math.min(piece - skip, length - copied);
                MemorySegment.copy(source, sourceOffset + copied, segment(i), offset[i] + skip, bytes);
                copied += bytes;
                skip = 0;
            } else {
                skip -= piece;
            }
        }
        return copied;
    }

    /** Logs the first {@code bytes} of the writable part as written. */
    void logWritten(WriteLog log, int bytes) {
        int left = bytes;
        for (int i = readable; i < size && left > 0; i++) {
            int part = Math.min(left, length[i]);
            log.written(table.base[region[i]] + offset[i], part);
            left -= part;
        }
    }

    /** Starts a new buffer. */
    void begin(int newId, DeviceMemory.Table memory) {
        if (table != memory) {
            table = memory;
            lastSize = 0;
        }
        id = newId;
        size = 0;
        readable = 0;
        readableLength = 0;
        writableLength = 0;
    }

    /**
     * Appends what a descriptor names, translated, or nothing.
     *
     * @param bytes the length field, unsigned
     * @return false if the descriptor is not acceptable: {@link #fault()} says why
     */
    boolean append(long deviceAddress, int bytes, boolean writable) {
        if (bytes == 0) {
            return true;
        }
        if (!writable && readable != size) {
            return refuse("readable descriptor after a writable one", deviceAddress, bytes);
        }
        int total = (writable ? writableLength : readableLength) + bytes;
        if (bytes < 0 || total < 0) {
            return refuse("buffer longer than 2147483647 bytes", deviceAddress, bytes);
        }
        long inRegion = deviceAddress - lastBase;
        if (inRegion >= 0 && bytes <= lastSize - inRegion && size < region.length) {
            put(inRegion, bytes);
        } else if (!translate(deviceAddress, bytes)) {
            return false;
        }
        if (writable) {
            writableLength = total;
        } else {
            readableLength = total;
            readable = size;
        }
        return true;
    }

    /** A piece that is not all in the region of the one before. */
    private boolean translate(long deviceAddress, int bytes) {
        if (Long.compareUnsigned(deviceAddress + (bytes - 1), deviceAddress) < 0) {
            return refuse("piece that wraps around the end of the address space", deviceAddress, bytes);
        }
        DeviceMemory.Table memory = table;
        int before = size;
        long address = deviceAddress;
        int left = bytes;
        do {
            int index = memory.find(address, lastRegion);
            if (index < 0) {
                size = before;
                return refuse("address outside the memory known (" + memory + ")", deviceAddress, bytes);
            }
            if (size == region.length) {
                size = before;
                return refuse("buffer of more than " + region.length + " pieces", deviceAddress, bytes);
            }
            lastRegion = index;
            lastBase = memory.base[index];
            lastSize = memory.size[index];
            long inRegion = address - lastBase;
            int part = (int) Math.min(left, lastSize - inRegion);
            put(inRegion, part);
            address += part;
            left -= part;
        } while (left != 0);
        return true;
    }

    private void put(long inRegion, int bytes) {
        region[size] = lastRegion;
        offset[size] = inRegion;
        length[size] = bytes;
        size++;
    }

    private boolean refuse(String rule, long deviceAddress, int bytes) {
        fault = rule + ": device address 0x" + Long.toHexString(deviceAddress) + ", "
                + Integer.toUnsignedString(bytes) + " bytes";
        return false;
    }

    /** Index of the region that the last piece was found in, by which to look for what is likely near. */
    int lastRegion() {
        return lastRegion;
    }

    /** Why {@link #append} returned false. */
    String fault() {
        return fault;
    }
}
