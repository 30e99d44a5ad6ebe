package org.netdev4j.netbuf;

import java.util.Objects;

/**
 * A list of memory pieces as a device sees them: device address, length in bytes, and whether the device may write.
 * Reused: {@link #clear()} and append again. No method allocates; a list without room for what is asked refuses and stays
 * as it was.
 * <p>
 * Wherever pieces are added, one of 0 bytes is left out, and one that continues the piece before it in the same direction
 * is joined to it.
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

    /** Appends a piece; false when the list is full. */
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
        int oldLastLength = lastLength();
        for (NetBuf piece = packet; piece != null; piece = piece.next()) {
            if (!append(piece.dataAddress(), piece.length(), deviceWritable)) {
                truncate(oldSize, oldLastLength);
                return false;
            }
        }
        return true;
    }

    /**
     * Appends the bytes {@code [index, index + length)} of the packet, or nothing: false when the list cannot hold them.
     *
     * @throws IndexOutOfBoundsException when the packet has no such bytes
     */
    public boolean append(NetBuf packet, int index, int length, boolean deviceWritable) {
        Objects.checkFromIndexSize(index, length, packet.totalLength());
        int oldSize = size;
        int oldLastLength = lastLength();
        int skip = index;
        int left = length;
        for (NetBuf piece = packet; left > 0; piece = piece.next()) {
            int n = Math.min(left, piece.length() - skip);
            if (n > 0) {
                if (!append(piece.dataAddress() + skip, n, deviceWritable)) {
                    truncate(oldSize, oldLastLength);
                    return false;
                }
                left -= n;
            }
            skip = Math.max(0, skip - piece.length());
        }
        return true;
    }

    /**
     * Appends the bytes {@code [offset, offset + length)} of {@code source}, another list, or nothing: false when this list
     * cannot hold them. {@code source} stays as it is: into an empty list, this is a slice of it.
     *
     * @throws IndexOutOfBoundsException when {@code source} has no such bytes
     */
    public boolean append(ScatterGatherList source, long offset, long length) {
        if (source == this) {
            throw new IllegalArgumentException("a list cannot be appended to itself");
        }
        Objects.checkFromIndexSize(offset, length, source.totalLength);
        int oldSize = size;
        int oldLastLength = lastLength();
        long skip = offset;
        long left = length;
        for (int i = 0; left > 0; i++) {
            int n = (int) Math.min(left, source.lengths[i] - skip);
            if (n > 0) {
                if (!append(source.addresses[i] + skip, n, source.writable[i])) {
                    truncate(oldSize, oldLastLength);
                    return false;
                }
                left -= n;
            }
            skip = Math.max(0, skip - source.lengths[i]);
        }
        return true;
    }

    /** Moves all of {@code second}, another list, to the end of this one, or nothing: false when it cannot hold them. */
    public boolean join(ScatterGatherList second) {
        if (!append(second, 0, second.totalLength)) {
            return false;
        }
        second.clear();
        return true;
    }

    /**
     * Moves the first {@code bytes} to the end of {@code front}, another list, or nothing: false when it cannot hold them.
     *
     * @throws IndexOutOfBoundsException when this list has fewer bytes
     */
    public boolean split(long bytes, ScatterGatherList front) {
        if (!front.append(this, 0, bytes)) {
            return false;
        }
        int first = 0;
        long skip = bytes;
        while (first < size && skip >= lengths[first]) {
            skip -= lengths[first++];
        }
        size -= first;
        System.arraycopy(addresses, first, addresses, 0, size);
        System.arraycopy(lengths, first, lengths, 0, size);
        System.arraycopy(writable, first, writable, 0, size);
        if (skip > 0) {
            addresses[0] += skip;
            lengths[0] -= (int) skip;
        }
        totalLength -= bytes;
        return true;
    }

    private int lastLength() {
        return size == 0 ? 0 : lengths[size - 1];
    }

    /** Makes the list again what it was before pieces were appended. */
    private void truncate(int oldSize, int oldLastLength) {
        while (size > oldSize) {
            totalLength -= lengths[--size];
        }
        if (size > 0) {
            totalLength -= lengths[size - 1] - oldLastLength;
            lengths[size - 1] = oldLastLength;
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : ", ").append(writable[i] ? "w 0x" : "r 0x").append(Long.toHexString(addresses[i]))
                    .append('+').append(lengths[i]);
        }
        return text.append(']').toString();
    }
}
