package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;

/**
 * A packet buffer: one contiguous piece of off-heap memory with headroom, data and tailroom, and the link to the next
 * piece of the same packet.
 *
 * <pre>
 *  |&lt;-------------------------- capacity() --------------------------&gt;|
 *  +---------------+----------------------------------+----------------+
 *  |  headroom()   |             length()             |   tailroom()   |
 *  +---------------+----------------------------------+----------------+
 *                  ^ dataOffset() in segment(), dataAddress() for a device
 * </pre>
 *
 * <b>Ownership.</b> A NetBuf has one owner, who alone may change it; the owner gives it away (transmit) or frees it. A
 * packet is a chain of NetBufs, owned by whoever owns its head; {@link #totalLength()} and {@link #segmentCount()} of the
 * head are O(1).
 * <p>
 * <b>Sharing.</b> {@link #retain()} adds a reference to every piece of the chain. Shared bytes may be read by all holders;
 * while shared, data position, length, chain and headroom are frozen: changing them is an IllegalStateException.
 * <p>
 * <b>Threads.</b> One thread at a time, except {@link #free()} and {@link #retain()} of a shared buffer: any thread.
 * <p>
 * Checks (use after free, double free, change while shared, index out of bounds) are on unless
 * {@code -Dnetdev4j.checks=false}.
 */
public final class NetBuf {
    /** {@link #flags()}: the device or the sender vouches for the checksum (virtio: DATA_VALID). */
    public static final int CHECKSUM_VALID = 1;

    /**
     * {@link #flags()}: the checksum field holds the pseudo-header sum only; whoever puts the packet on a wire sums from
     * {@link #checksumStart()} to the end and stores at {@code checksumStart + checksumOffset} (virtio: NEEDS_CSUM).
     */
    public static final int CHECKSUM_PARTIAL = 2;

    NetBuf() {}

    public NetBufPool pool() {
        throw new UnsupportedOperationException();
    }

    /** Index in its pool, 0..pool.capacity()-1; names an in-flight buffer where a reference would cost more. */
    public int index() {
        throw new UnsupportedOperationException();
    }

    // memory

    /** The memory of the whole pool; {@link #dataOffset()} indexes it. Outlives no pool. */
    public MemorySegment segment() {
        throw new UnsupportedOperationException();
    }

    /** Offset in {@link #segment()} of the first byte of data. */
    public long dataOffset() {
        throw new UnsupportedOperationException();
    }

    /** Device address of the first byte of data. */
    public long dataAddress() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of headroom, data and tailroom together. */
    public int capacity() {
        throw new UnsupportedOperationException();
    }

    public int headroom() {
        throw new UnsupportedOperationException();
    }

    public int tailroom() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of data in this piece. */
    public int length() {
        throw new UnsupportedOperationException();
    }

    /** Sets headroom and length at once: how a receiver places what a device wrote. */
    public void place(int headroom, int length) {
        throw new UnsupportedOperationException();
    }

    /** Grows the data by {@code bytes} to the front; the bytes are not cleared. Head of a chain only. */
    public void prepend(int bytes) {
        throw new UnsupportedOperationException();
    }

    /** Removes {@code bytes} from the front of the data of this piece. */
    public void trimFront(int bytes) {
        throw new UnsupportedOperationException();
    }

    /** Grows the data of this (last or only) piece by {@code bytes} at the back; the bytes are not cleared. */
    public void append(int bytes) {
        throw new UnsupportedOperationException();
    }

    /** Removes {@code bytes} from the back of the data of this (last or only) piece. */
    public void trimBack(int bytes) {
        throw new UnsupportedOperationException();
    }

    // bytes of this piece, index 0 = first byte of data, network byte order

    public int getUnsignedByte(int index) {
        throw new UnsupportedOperationException();
    }

    public int getUnsignedShort(int index) {
        throw new UnsupportedOperationException();
    }

    public int getInt(int index) {
        throw new UnsupportedOperationException();
    }

    public long getLong(int index) {
        throw new UnsupportedOperationException();
    }

    public void setByte(int index, int value) {
        throw new UnsupportedOperationException();
    }

    public void setShort(int index, int value) {
        throw new UnsupportedOperationException();
    }

    public void setInt(int index, int value) {
        throw new UnsupportedOperationException();
    }

    public void setLong(int index, long value) {
        throw new UnsupportedOperationException();
    }

    /** Copies from the chain's bytes, starting {@code index} bytes into the packet. Head of a chain. */
    public void copyTo(int index, MemorySegment target, long targetOffset, int length) {
        throw new UnsupportedOperationException();
    }

    /** Copies into the chain's bytes, starting {@code index} bytes into the packet. Head of a chain. */
    public void copyFrom(int index, MemorySegment source, long sourceOffset, int length) {
        throw new UnsupportedOperationException();
    }

    // chain

    /** Next piece of the packet, or null. */
    public NetBuf next() {
        throw new UnsupportedOperationException();
    }

    /** Pieces of the packet, 1 for a packet in one piece. Head only. */
    public int segmentCount() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of the packet. Head only. */
    public int totalLength() {
        throw new UnsupportedOperationException();
    }

    /** Appends {@code tail} (the head of another packet) to this packet, O(1). Takes ownership of it. */
    public void chain(NetBuf tail) {
        throw new UnsupportedOperationException();
    }

    /** Cuts the packet behind this head and returns the rest as a packet of its own, or null if there is none. */
    public NetBuf unchain() {
        throw new UnsupportedOperationException();
    }

    // references

    /** Adds a reference to every piece of this packet. */
    public NetBuf retain() {
        throw new UnsupportedOperationException();
    }

    /** True while someone else holds a reference too: bytes are read-only and the headroom is not to be used. */
    public boolean isShared() {
        throw new UnsupportedOperationException();
    }

    public int refCount() {
        throw new UnsupportedOperationException();
    }

    /** Drops one reference of every piece; pieces nobody holds go back to their pools. Head only. Any thread. */
    public void free() {
        throw new UnsupportedOperationException();
    }

    /** Frees {@code count} packets from {@code bufs[from]} on and nulls the slots; cheaper than one by one. */
    public static void free(NetBuf[] bufs, int from, int count) {
        throw new UnsupportedOperationException();
    }

    // offload requests and results, on the head of a packet

    /** {@link #CHECKSUM_VALID}, {@link #CHECKSUM_PARTIAL} or 0. */
    public int flags() {
        throw new UnsupportedOperationException();
    }

    public void flags(int flags) {
        throw new UnsupportedOperationException();
    }

    /** Bytes from the start of the packet to where the checksum begins; with {@link #CHECKSUM_PARTIAL} only. */
    public int checksumStart() {
        throw new UnsupportedOperationException();
    }

    /** Bytes from {@link #checksumStart()} to the checksum field; with {@link #CHECKSUM_PARTIAL} only. */
    public int checksumOffset() {
        throw new UnsupportedOperationException();
    }

    /** Sets {@link #CHECKSUM_PARTIAL} and where it applies. */
    public void partialChecksum(int start, int offset) {
        throw new UnsupportedOperationException();
    }

    /** How the packet is to be cut (transmit) or was joined (receive). */
    public GsoType gsoType() {
        throw new UnsupportedOperationException();
    }

    /** Payload bytes of each segment; with {@link #gsoType()} other than NONE only. */
    public int gsoSize() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of all headers, repeated in every segment; with {@link #gsoType()} other than NONE only. */
    public int headerLength() {
        throw new UnsupportedOperationException();
    }

    public void gso(GsoType type, int gsoSize, int headerLength) {
        throw new UnsupportedOperationException();
    }

    /** A slot for the owner; kept until the buffer is freed. */
    public long userData() {
        throw new UnsupportedOperationException();
    }

    public void userData(long value) {
        throw new UnsupportedOperationException();
    }
}
