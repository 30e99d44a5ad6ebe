package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The memory side of a {@link NetBuf}: which piece of its pool it is, where its data lies in it, and access to the data. */
abstract sealed class BufferMemory permits CountedBuffer {
    static final boolean CHECKS = !"false".equals(System.getProperty("netdev4j.checks"));

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final NetBufPool pool;
    private final int index;
    private final MemorySegment segment;
    /** Device address of the first byte of {@link #segment}. */
    private final long segmentAddress;
    /** Where this buffer begins in {@link #segment}; a duplicate begins where its original does. */
    private long base;
    private final int capacity;
    private final int freshHeadroom;

    /** Where the data begins in {@link #segment}. */
    private long dataOffset;
    private int length;

    BufferMemory(NetBufPool pool, int index, MemorySlice slice, long base) {
        this.pool = pool;
        this.index = index;
        this.base = base;
        segment = slice.segment();
        segmentAddress = slice.deviceAddress();
        capacity = pool.headroom() + pool.dataSize();
        freshHeadroom = pool.headroom();
        dataOffset = base + freshHeadroom;
    }

    /** Holders of this buffer; 0 when it is free. */
    public abstract int refCount();

    /**
     * True while someone else holds this buffer or a duplicate of its bytes: the bytes are read-only, and headroom and
     * tailroom are not to be used.
     */
    public abstract boolean isShared();

    public NetBufPool pool() {
        return pool;
    }

    /**
     * Index in its pool, 0 to 2<sup>24</sup>-1; names an in-flight buffer where a reference would cost more. Those of
     * duplicates begin at {@code pool().capacity()}.
     */
    public int index() {
        return index;
    }

    /** The memory of the whole pool: {@link #dataOffset()} indexes it. It stays mapped at least as long as this is held. */
    public MemorySegment segment() {
        return segment;
    }

    /** Offset in {@link #segment()} of the first byte of data. */
    public long dataOffset() {
        return dataOffset;
    }

    /** Device address of the first byte of data. */
    public long dataAddress() {
        return segmentAddress + dataOffset;
    }

    /** Bytes of headroom, data and tailroom together. */
    public int capacity() {
        return capacity;
    }

    /** Bytes in front of the data. */
    public int headroom() {
        return (int) (dataOffset - base);
    }

    /** Bytes behind the data. */
    public int tailroom() {
        return capacity - headroom() - length;
    }

    /** Bytes of data in this piece. */
    public int length() {
        return length;
    }

    /** The byte at {@code index} of this piece, 0 to 255. */
    public int getUnsignedByte(int index) {
        checkRead(index, 1);
        return Byte.toUnsignedInt(segment.get(BYTE, dataOffset + index));
    }

    /** The two bytes from {@code index} of this piece in network byte order, 0 to 65535. */
    public int getUnsignedShort(int index) {
        checkRead(index, 2);
        return Short.toUnsignedInt(segment.get(SHORT, dataOffset + index));
    }

    /** The four bytes from {@code index} of this piece in network byte order. */
    public int getInt(int index) {
        checkRead(index, 4);
        return segment.get(INT, dataOffset + index);
    }

    /** The eight bytes from {@code index} of this piece in network byte order. */
    public long getLong(int index) {
        checkRead(index, 8);
        return segment.get(LONG, dataOffset + index);
    }

    /** Stores the low 8 bits of {@code value}. */
    public void setByte(int index, int value) {
        checkWrite(index, 1);
        segment.set(BYTE, dataOffset + index, (byte) value);
    }

    /** Stores the low 16 bits of {@code value} in network byte order. */
    public void setShort(int index, int value) {
        checkWrite(index, 2);
        segment.set(SHORT, dataOffset + index, (short) value);
    }

    /** Stores {@code value} in network byte order. */
    public void setInt(int index, int value) {
        checkWrite(index, 4);
        segment.set(INT, dataOffset + index, value);
    }

    /** Stores {@code value} in network byte order. */
    public void setLong(int index, long value) {
        checkWrite(index, 8);
        segment.set(LONG, dataOffset + index, value);
    }

    @Override
    public final String toString() {
        return "buffer " + index + " of " + pool;
    }

    /** Lies over the same memory as {@code other}, from where its data begins, {@code skip} bytes in. */
    final void lieOver(BufferMemory other, int skip, int length) {
        base = other.base;
        dataOffset = other.dataOffset + skip;
        this.length = length;
    }

    final void resetData() {
        dataOffset = base + freshHeadroom;
        length = 0;
    }

    final void setData(int headroom, int length) {
        dataOffset = base + headroom;
        this.length = length;
    }

    /** Moves the first byte of data by {@code bytes}; the last stays where it is. */
    final void moveFront(int bytes) {
        dataOffset += bytes;
        length -= bytes;
    }

    /** Moves the end of the data by {@code bytes}. */
    final void moveBack(int bytes) {
        length += bytes;
    }

    /** A free buffer has no length, so that this one comparison finds use after free too. */
    private void checkRead(int index, int bytes) {
        if (CHECKS && (index < 0 || index > length - bytes)) {
            throw Misuse.index(this, index, bytes, length);
        }
    }

    private void checkWrite(int index, int bytes) {
        if (CHECKS && (index < 0 || index > length - bytes || isShared())) {
            throw Misuse.write(this, index, bytes);
        }
    }
}
