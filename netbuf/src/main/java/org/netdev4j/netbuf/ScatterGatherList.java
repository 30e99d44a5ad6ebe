package org.netdev4j.netbuf;

import java.util.Objects;

/**
 * A list of memory pieces as a device sees them: device address, length in bytes, and whether the device may write.
 * Reused: {@link #clear()} and append again. Appending never allocates; a list that is full refuses and stays as it was.
 */
public final class ScatterGatherList {
    private final long[] addresses;
    private final int[] lengths;
    private final boolean[] writable;
    private int size;
    private long totalLength;

    /** @param maxSegments how many pieces the list can hold */
    public ScatterGatherList(int maxSegments) {
        if (maxSegments < 1) {
            throw new IllegalArgumentException("a list of " + maxSegments + " pieces asked, at least 1 needed");
        }
        addresses = new long[maxSegments];
        lengths = new int[maxSegments];
        writable = new boolean[maxSegments];
    }

    public void clear() {
        size = 0;
        totalLength = 0;
    }

    /** Number of pieces. */
    public int size() {
        return size;
    }

    /** Bytes of all pieces. */
    public long totalLength() {
        return totalLength;
    }

    public long address(int index) {
        return addresses[Objects.checkIndex(index, size)];
    }

    public int length(int index) {
        return lengths[Objects.checkIndex(index, size)];
    }

    public boolean deviceWritable(int index) {
        return writable[Objects.checkIndex(index, size)];
    }

    /**
     * Appends a piece; a piece of 0 bytes is left out; one that continues the last piece in the same direction is joined
     * to it.
     *
     * @return false when the list is full; it is then unchanged
     */
    public boolean append(long deviceAddress, int length, boolean deviceWritable) {
        if (length <= 0) {
            if (length < 0) {
                throw new IllegalArgumentException("a piece of " + length + " bytes");
            }
            return true;
        }
        int last = size - 1;
        if (last >= 0 && writable[last] == deviceWritable && addresses[last] + lengths[last] == deviceAddress
                && lengths[last] <= Integer.MAX_VALUE - length) {
            lengths[last] += length;
        } else {
            if (size == addresses.length) {
                return false;
            }
            addresses[size] = deviceAddress;
            lengths[size] = length;
            writable[size] = deviceWritable;
            size++;
        }
        totalLength += length;
        return true;
    }

    /** Appends every piece of the packet, or none: false when the list cannot hold them. */
    public boolean append(NetBuf packet, boolean deviceWritable) {
        int oldSize = size;
        int oldLastLength = size == 0 ? 0 : lengths[size - 1];
        long oldTotalLength = totalLength;
        for (NetBuf piece = packet; piece != null; piece = piece.next()) {
            if (!append(piece.dataAddress(), piece.length(), deviceWritable)) {
                restore(oldSize, oldLastLength, oldTotalLength);
                return false;
            }
        }
        return true;
    }

    private void restore(int oldSize, int oldLastLength, long oldTotalLength) {
        size = oldSize;
        if (oldSize > 0) {
            lengths[oldSize - 1] = oldLastLength;
        }
        totalLength = oldTotalLength;
    }
}
