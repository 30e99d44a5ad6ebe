package org.netdev4j.netbuf;

/**
 * A list of memory pieces as a device sees them: device address, length in bytes, and whether the device may write.
 * Reused: {@link #clear()} and append again. Appending never allocates; a list that is full refuses and stays as it was.
 */
public final class ScatterGatherList {
    /** @param maxSegments how many pieces the list can hold */
    public ScatterGatherList(int maxSegments) {
        throw new UnsupportedOperationException();
    }

    public void clear() {
        throw new UnsupportedOperationException();
    }

    /** Number of pieces. */
    public int size() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of all pieces. */
    public long totalLength() {
        throw new UnsupportedOperationException();
    }

    public long address(int index) {
        throw new UnsupportedOperationException();
    }

    public int length(int index) {
        throw new UnsupportedOperationException();
    }

    public boolean deviceWritable(int index) {
        throw new UnsupportedOperationException();
    }

    /**
     * Appends a piece; a piece of 0 bytes is left out; one that continues the last piece in the same direction is joined
     * to it.
     *
     * @return false when the list is full; it is then unchanged
     */
    public boolean append(long deviceAddress, int length, boolean deviceWritable) {
        throw new UnsupportedOperationException();
    }

    /** Appends every piece of the packet, or none: false when the list cannot hold them. */
    public boolean append(NetBuf packet, boolean deviceWritable) {
        throw new UnsupportedOperationException();
    }
}
