package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;

/**
 * One available buffer as the device end sees it: pieces of host memory, the readable ones first. Filled by
 * {@link DeviceQueue#next}, reused for the next buffer. Addresses and lengths were checked and are private copies: what the
 * driver writes to the descriptors later changes nothing here. The bytes themselves are the driver's and may change at any
 * time.
 */
public final class DescriptorChain {
    /** @param maxPieces most pieces a chain may have, the queue size at least */
    public DescriptorChain(int maxPieces) {
        throw new UnsupportedOperationException();
    }

    /** Names the buffer to {@link DeviceQueue#complete(int, int)}. */
    public int id() {
        throw new UnsupportedOperationException();
    }

    /** Pieces, readable and writable. */
    public int size() {
        throw new UnsupportedOperationException();
    }

    /** Pieces the device may read: 0..readable()-1; the rest it may write. */
    public int readable() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of the readable pieces. */
    public int readableLength() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of the writable pieces. */
    public int writableLength() {
        throw new UnsupportedOperationException();
    }

    /** Memory of the region that piece {@code i} is in. */
    public MemorySegment segment(int i) {
        throw new UnsupportedOperationException();
    }

    /** Offset of piece {@code i} in {@link #segment}. */
    public long offset(int i) {
        throw new UnsupportedOperationException();
    }

    /** Bytes of piece {@code i}. */
    public int length(int i) {
        throw new UnsupportedOperationException();
    }

    /** Copies from the readable bytes, starting at byte {@code from}. @return bytes copied, less at the end of the data */
    public int read(int from, MemorySegment target, long targetOffset, int length) {
        throw new UnsupportedOperationException();
    }

    /** Copies to the writable bytes, starting at byte {@code to}. @return bytes copied, less at the end of the room */
    public int write(int to, MemorySegment source, long sourceOffset, int length) {
        throw new UnsupportedOperationException();
    }
}
