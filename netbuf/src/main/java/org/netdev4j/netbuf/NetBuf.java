package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

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
 * head are O(1). A piece behind the head may be read; to change its length, {@link #unchain()} it first.
 * <p>
 * <b>Sharing.</b> {@link #retain()} adds a reference to every piece of the chain. Shared bytes may be read by all holders;
 * while shared, bytes, data position, length, chain, flags and headroom are frozen: changing them is an
 * IllegalStateException.
 * <p>
 * <b>Threads.</b> One thread at a time, except {@link #free()} and {@link #retain()} of a shared buffer: any thread.
 * <p>
 * Checks (use after free, double free, change while shared, index out of bounds) are on unless
 * {@code -Dnetdev4j.checks=false}. Without them misuse gives wrong packets, but no access outside {@link #segment()}.
 */
public final class NetBuf {
    /** {@link #flags()}: the device or the sender vouches for the checksum (virtio: DATA_VALID). */
    public static final int CHECKSUM_VALID = 1;

    /**
     * {@link #flags()}: the checksum field holds the pseudo-header sum only; whoever puts the packet on a wire sums from
     * {@link #checksumStart()} to the end and stores at {@code checksumStart + checksumOffset} (virtio: NEEDS_CSUM).
     */
    public static final int CHECKSUM_PARTIAL = 2;

    private static final boolean CHECKS = !"false".equals(System.getProperty("netdev4j.checks"));

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final VarHandle REFERENCES;

    static {
        try {
            REFERENCES = MethodHandles.lookup().findVarHandle(NetBuf.class, "references", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final NetBufPool pool;
    private final MemorySegment segment;
    /** Where this buffer begins in {@link #segment}. */
    private final long base;
    /** Device address of the first byte of {@link #segment}. */
    private final long segmentAddress;
    private final int index;
    private final int capacity;

    /** 0 while nobody holds it; every piece of a packet has the same number. */
    private int references;
    private int length;
    private long dataOffset;

    private NetBuf next;
    /** Last piece of the packet; meaningful on the head. */
    private NetBuf tail = this;
    /** 0 on a piece that is not the head. */
    private int segmentCount = 1;
    private int totalLength;

    private int flags;
    private int checksumStart;
    private int checksumOffset;
    private GsoType gsoType = GsoType.NONE;
    private int gsoSize;
    private int headerLength;
    private long userData;

    NetBuf(NetBufPool pool, int index, MemorySlice slice, long base) {
        this.pool = pool;
        this.index = index;
        this.base = base;
        segment = slice.segment();
        segmentAddress = slice.deviceAddress();
        capacity = pool.headroom() + pool.dataSize();
        dataOffset = base + pool.headroom();
    }

    public NetBufPool pool() {
        return pool;
    }

    /** Index in its pool, 0..pool.capacity()-1; names an in-flight buffer where a reference would cost more. */
    public int index() {
        return index;
    }

    // memory

    /** The memory of the whole pool; {@link #dataOffset()} indexes it. Outlives no pool. */
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

    public int headroom() {
        return (int) (dataOffset - base);
    }

    public int tailroom() {
        return capacity - headroom() - length;
    }

    /** Bytes of data in this piece. */
    public int length() {
        return length;
    }

    /** Sets headroom and length of the first piece at once: how a receiver places what a device wrote. */
    public void place(int headroom, int length) {
        if (CHECKS) {
            checkChangeable();
            if (headroom < 0 || headroom > capacity) {
                throw Misuse.room(this, "headroom", headroom, capacity);
            }
            if (length < 0 || length > capacity - headroom) {
                throw Misuse.room(this, "place", length, capacity - headroom);
            }
        }
        dataOffset = base + headroom;
        totalLength += length - this.length;
        this.length = length;
    }

    /**
     * Grows the packet by {@code bytes} to the front, into the headroom of the head; the bytes are not cleared. What
     * counts from the start of the packet ({@link #checksumStart()}, {@link #headerLength()}) follows.
     */
    public void prepend(int bytes) {
        if (CHECKS) {
            checkChangeable();
            if (bytes < 0 || bytes > headroom()) {
                throw Misuse.room(this, "prepend", bytes, headroom());
            }
        }
        dataOffset -= bytes;
        length += bytes;
        totalLength += bytes;
        if ((flags & CHECKSUM_PARTIAL) != 0 || gsoType != GsoType.NONE) {
            moveStart(-bytes);
        }
    }

    /**
     * Removes {@code bytes}, no more than the first piece has, from the front of the packet. What counts from the start of
     * the packet ({@link #checksumStart()}, {@link #headerLength()}) follows; {@link #CHECKSUM_PARTIAL} is dropped when
     * the start of the checksum is removed.
     */
    public void trimFront(int bytes) {
        if (CHECKS) {
            checkChangeable();
            if (bytes < 0 || bytes > length) {
                throw Misuse.room(this, "trimFront", bytes, length);
            }
        }
        dataOffset += bytes;
        length -= bytes;
        totalLength -= bytes;
        if ((flags & CHECKSUM_PARTIAL) != 0 || gsoType != GsoType.NONE) {
            moveStart(bytes);
        }
    }

    private void moveStart(int bytes) {
        headerLength = Math.max(0, headerLength - bytes);
        checksumStart -= bytes;
        if (checksumStart < 0) {
            flags &= ~CHECKSUM_PARTIAL;
        }
    }

    /** Grows the packet by {@code bytes} at the back, into the tailroom of its last piece; the bytes are not cleared. */
    public void append(int bytes) {
        NetBuf last = tail;
        if (CHECKS) {
            checkChangeable();
            if (bytes < 0 || bytes > last.tailroom()) {
                throw Misuse.room(this, "append", bytes, last.tailroom());
            }
        }
        last.length += bytes;
        totalLength += bytes;
    }

    /** Removes {@code bytes}, no more than the last piece has, from the back of the packet. */
    public void trimBack(int bytes) {
        NetBuf last = tail;
        if (CHECKS) {
            checkChangeable();
            if (bytes < 0 || bytes > last.length) {
                throw Misuse.room(this, "trimBack", bytes, last.length);
            }
        }
        last.length -= bytes;
        totalLength -= bytes;
    }

    // bytes of this piece, index 0 = first byte of data, network byte order

    public int getUnsignedByte(int index) {
        checkRead(index, 1);
        return Byte.toUnsignedInt(segment.get(BYTE, dataOffset + index));
    }

    public int getUnsignedShort(int index) {
        checkRead(index, 2);
        return Short.toUnsignedInt(segment.get(SHORT, dataOffset + index));
    }

    public int getInt(int index) {
        checkRead(index, 4);
        return segment.get(INT, dataOffset + index);
    }

    public long getLong(int index) {
        checkRead(index, 8);
        return segment.get(LONG, dataOffset + index);
    }

    public void setByte(int index, int value) {
        checkWrite(index, 1);
        segment.set(BYTE, dataOffset + index, (byte) value);
    }

    public void setShort(int index, int value) {
        checkWrite(index, 2);
        segment.set(SHORT, dataOffset + index, (short) value);
    }

    public void setInt(int index, int value) {
        checkWrite(index, 4);
        segment.set(INT, dataOffset + index, value);
    }

    public void setLong(int index, long value) {
        checkWrite(index, 8);
        segment.set(LONG, dataOffset + index, value);
    }

    /** Copies from the chain's bytes, starting {@code index} bytes into the packet. Head of a chain. */
    public void copyTo(int index, MemorySegment target, long targetOffset, int length) {
        checkRange(index, length);
        NetBuf piece = this;
        int skip = index;
        while (skip > piece.length) {
            skip -= piece.length;
            piece = piece.next;
        }
        int copied = 0;
        while (copied < length) {
            int n = Math.min(length - copied, piece.length - skip);
            MemorySegment.copy(piece.segment, piece.dataOffset + skip, target, targetOffset + copied, n);
            copied += n;
            skip = 0;
            piece = piece.next;
        }
    }

    /** Copies into the chain's bytes, starting {@code index} bytes into the packet. Head of a chain. */
    public void copyFrom(int index, MemorySegment source, long sourceOffset, int length) {
        if (CHECKS) {
            checkChangeable();
        }
        checkRange(index, length);
        NetBuf piece = this;
        int skip = index;
        while (skip > piece.length) {
            skip -= piece.length;
            piece = piece.next;
        }
        int copied = 0;
        while (copied < length) {
            int n = Math.min(length - copied, piece.length - skip);
            MemorySegment.copy(source, sourceOffset + copied, piece.segment, piece.dataOffset + skip, n);
            copied += n;
            skip = 0;
            piece = piece.next;
        }
    }

    // chain

    /** Next piece of the packet, or null. */
    public NetBuf next() {
        return next;
    }

    /** Pieces of the packet, 1 for a packet in one piece. Head only. */
    public int segmentCount() {
        if (CHECKS && segmentCount == 0) {
            throw Misuse.packet(this);
        }
        return segmentCount;
    }

    /** Bytes of the packet. Head only. */
    public int totalLength() {
        if (CHECKS && segmentCount == 0) {
            throw Misuse.packet(this);
        }
        return totalLength;
    }

    /**
     * Appends {@code tail} (the head of another packet) to this packet, O(1). Takes ownership of it; its flags and offload
     * requests are dropped.
     */
    public void chain(NetBuf tail) {
        if (CHECKS) {
            checkChangeable();
            tail.checkChangeable();
            if (tail == this) {
                throw new IllegalArgumentException(this + " is chained to itself");
            }
        }
        this.tail.next = tail;
        this.tail = tail.tail;
        segmentCount += tail.segmentCount;
        totalLength += tail.totalLength;
        tail.segmentCount = 0;
        tail.resetOffloads();
    }

    /**
     * Cuts the packet behind this head and returns the rest as a packet of its own, without flags, or null if there is
     * none. O(1).
     */
    public NetBuf unchain() {
        if (CHECKS) {
            checkChangeable();
        }
        NetBuf rest = next;
        if (rest == null) {
            return null;
        }
        rest.tail = tail;
        rest.segmentCount = segmentCount - 1;
        rest.totalLength = totalLength - length;
        next = null;
        tail = this;
        segmentCount = 1;
        totalLength = length;
        return rest;
    }

    // references

    /** Adds a reference to every piece of this packet. */
    public NetBuf retain() {
        if (CHECKS && (references <= 0 || segmentCount == 0)) {
            throw Misuse.packet(this);
        }
        for (NetBuf piece = this; piece != null; piece = piece.next) {
            REFERENCES.getAndAdd(piece, 1);
        }
        return this;
    }

    /** True while someone else holds a reference too: bytes are read-only and the headroom is not to be used. */
    public boolean isShared() {
        return refCount() > 1;
    }

    /** Holders of this buffer; 0 when it is free. */
    public int refCount() {
        return (int) REFERENCES.getAcquire(this);
    }

    /** Drops one reference of every piece; pieces nobody holds go back to their pools. Head only. Any thread. */
    public void free() {
        NetBufPool.free(this);
    }

    /** Frees {@code count} packets from {@code bufs[from]} on and nulls the slots; cheaper than one by one. */
    public static void free(NetBuf[] bufs, int from, int count) {
        Objects.checkFromIndexSize(from, count, bufs.length);
        NetBufPool.free(bufs, from, count);
    }

    // offload requests and results, on the head of a packet

    /** {@link #CHECKSUM_VALID}, {@link #CHECKSUM_PARTIAL} or 0. */
    public int flags() {
        return flags;
    }

    public void flags(int flags) {
        if (CHECKS) {
            checkChangeable();
            if ((flags & ~(CHECKSUM_VALID | CHECKSUM_PARTIAL)) != 0) {
                throw new IllegalArgumentException(this + ": unknown flags 0x" + Integer.toHexString(flags));
            }
        }
        this.flags = flags;
    }

    /** Bytes from the start of the packet to where the checksum begins; with {@link #CHECKSUM_PARTIAL} only. */
    public int checksumStart() {
        return checksumStart;
    }

    /** Bytes from {@link #checksumStart()} to the checksum field; with {@link #CHECKSUM_PARTIAL} only. */
    public int checksumOffset() {
        return checksumOffset;
    }

    /** Sets {@link #CHECKSUM_PARTIAL} and where it applies. */
    public void partialChecksum(int start, int offset) {
        if (CHECKS) {
            checkChangeable();
            if (start < 0 || offset < 0) {
                throw new IllegalArgumentException(this + ": checksum start " + start + ", offset " + offset);
            }
        }
        flags |= CHECKSUM_PARTIAL;
        checksumStart = start;
        checksumOffset = offset;
    }

    /** How the packet is to be cut (transmit) or was joined (receive). */
    public GsoType gsoType() {
        return gsoType;
    }

    /** Payload bytes of each segment; with {@link #gsoType()} other than NONE only. */
    public int gsoSize() {
        return gsoSize;
    }

    /** Bytes of all headers, repeated in every segment; with {@link #gsoType()} other than NONE only. */
    public int headerLength() {
        return headerLength;
    }

    public void gso(GsoType type, int gsoSize, int headerLength) {
        if (CHECKS) {
            checkChangeable();
            if (type != GsoType.NONE && (gsoSize <= 0 || headerLength < 0)) {
                throw new IllegalArgumentException(
                        this + ": " + type + " with segments of " + gsoSize + " and headers of " + headerLength
                                + " bytes");
            }
        }
        gsoType = Objects.requireNonNull(type, "type");
        this.gsoSize = gsoSize;
        this.headerLength = headerLength;
    }

    /** A slot for the owner; kept until the buffer is freed. */
    public long userData() {
        return userData;
    }

    public void userData(long value) {
        userData = value;
    }

    @Override
    public String toString() {
        return "buffer " + index + " of " + pool;
    }

    // for the pool

    /** Gives a free buffer its first holder. */
    NetBuf handOut() {
        references = 1;
        return this;
    }

    NetBuf checkFreeable() {
        if (CHECKS && (refCount() <= 0 || segmentCount == 0)) {
            throw Misuse.free(this);
        }
        return this;
    }

    /** Drops one reference of this piece and returns true if that was the last one. */
    boolean dropReference() {
        // The only holder needs no atomic operation; acquire orders it after the reads of those who let go before.
        if (refCount() == 1) {
            references = 0;
            return true;
        }
        return (int) REFERENCES.getAndAdd(this, -1) == 1;
    }

    /** Makes the buffer fresh again. */
    void reset() {
        dataOffset = base + pool.headroom();
        length = 0;
        totalLength = 0;
        if (segmentCount != 1) {
            next = null;
            tail = this;
            segmentCount = 1;
        }
        resetOffloads();
        userData = 0;
    }

    private void resetOffloads() {
        flags = 0;
        if (gsoType != GsoType.NONE) {
            gsoType = GsoType.NONE;
        }
    }

    // checks

    private void checkChangeable() {
        if (references != 1 || segmentCount == 0) {
            throw Misuse.change(this);
        }
    }

    /** A free buffer has no length, so that this one comparison finds use after free too. */
    private void checkRead(int index, int bytes) {
        if (CHECKS && (index < 0 || index > length - bytes)) {
            throw Misuse.index(this, index, bytes, length);
        }
    }

    private void checkWrite(int index, int bytes) {
        if (CHECKS && (index < 0 || index > length - bytes || references != 1)) {
            throw Misuse.write(this, index, bytes);
        }
    }

    private void checkRange(int index, int bytes) {
        if (CHECKS && (index < 0 || bytes < 0 || index > totalLength() - bytes)) {
            throw Misuse.index(this, index, bytes, totalLength);
        }
    }
}
