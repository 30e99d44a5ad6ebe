package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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
 * head are O(1). What changes a packet is called on its head. The bytes of a piece behind the head may be read and
 * written; to change its length, {@link #unchain()} it first.
 * <p>
 * <b>Sharing.</b> {@link #retain()} adds a reference to every piece of the chain. Shared bytes may be read by all holders;
 * while shared, bytes, data position, length, chain, flags and headroom are frozen: changing them is an
 * IllegalStateException.
 * <p>
 * <b>Threads.</b> One thread at a time, except {@link #free()} and {@link #retain()} of a shared buffer: any thread.
 * <p>
 * <b>Checks</b> are on unless {@code -Dnetdev4j.checks=false}: use after free, double free, change while shared and use of
 * a piece that is not the head are an IllegalStateException that names pool and buffer, an index outside the data is an
 * IndexOutOfBoundsException, more than there is room for an IllegalArgumentException. Without them misuse makes wrong
 * packets, but no access outside {@link #segment()}.
 */
public final class NetBuf extends BufferMemory {
    /** {@link #flags()}: the device or the sender vouches for the checksum (virtio: DATA_VALID). */
    public static final int CHECKSUM_VALID = 1;

    /**
     * {@link #flags()}: the checksum field holds the pseudo-header sum only; whoever puts the packet on a wire sums from
     * {@link #checksumStart()} to the end and stores at {@code checksumStart + checksumOffset} (virtio: NEEDS_CSUM).
     */
    public static final int CHECKSUM_PARTIAL = 2;

    private static final VarHandle REFERENCES;

    static {
        try {
            REFERENCES = MethodHandles.lookup().findVarHandle(NetBuf.class, "references", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** 0 while nobody holds it; every piece of a packet has the same number. */
    private int references;

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
        super(pool, index, slice, base);
    }

    // data of the packet

    /** Sets headroom and length of the head at once: how a receiver places what a device wrote. */
    public void place(int headroom, int length) {
        checkChangeable();
        checkRoom("headroom", headroom, capacity());
        checkRoom("length", length, capacity() - headroom);
        totalLength += length - length();
        setData(headroom, length);
    }

    /**
     * Grows the packet by {@code bytes} at the front, into the headroom of the head; the bytes are not cleared. What
     * counts from the start of the packet ({@link #checksumStart()}, {@link #headerLength()}) follows.
     */
    public void prepend(int bytes) {
        checkChangeable();
        checkRoom("prepend", bytes, headroom());
        moveStart(-bytes);
    }

    /**
     * Removes {@code bytes}, no more than the head has, from the front of the packet. What counts from the start of the
     * packet ({@link #checksumStart()}, {@link #headerLength()}) follows; {@link #CHECKSUM_PARTIAL} goes with the byte
     * where its sum starts.
     */
    public void trimFront(int bytes) {
        checkChangeable();
        checkRoom("trimFront", bytes, length());
        moveStart(bytes);
    }

    private void moveStart(int bytes) {
        moveFront(bytes);
        totalLength -= bytes;
        if ((flags & CHECKSUM_PARTIAL) != 0) {
            checksumStart -= bytes;
            if (checksumStart < 0) {
                flags &= ~CHECKSUM_PARTIAL;
            }
        }
        if (gsoType != GsoType.NONE) {
            headerLength = Math.max(0, headerLength - bytes);
        }
    }

    /** Grows the packet by {@code bytes} at the back, into the tailroom of its last piece; the bytes are not cleared. */
    public void append(int bytes) {
        checkChangeable();
        checkRoom("append", bytes, tail.tailroom());
        tail.moveBack(bytes);
        totalLength += bytes;
    }

    /** Removes {@code bytes}, no more than the last piece has, from the back of the packet. */
    public void trimBack(int bytes) {
        checkChangeable();
        checkRoom("trimBack", bytes, tail.length());
        tail.moveBack(-bytes);
        totalLength -= bytes;
    }

    /** Copies {@code length} bytes of the packet, from {@code index} on, to {@code target}. */
    public void copyTo(int index, MemorySegment target, long targetOffset, int length) {
        checkHead();
        checkRange(index, length);
        PacketCopy.copyTo(this, index, target, targetOffset, length);
    }

    /** Copies {@code length} bytes of {@code source} over those of the packet, from {@code index} on. */
    public void copyFrom(int index, MemorySegment source, long sourceOffset, int length) {
        checkChangeable();
        checkRange(index, length);
        PacketCopy.copyFrom(this, index, source, sourceOffset, length);
    }

    // chain

    /** Next piece of the packet, or null. */
    public NetBuf next() {
        return next;
    }

    /** Pieces of the packet, 1 for a packet in one piece. Head only. */
    public int segmentCount() {
        checkHead();
        return segmentCount;
    }

    /** Bytes of the packet. Head only. */
    public int totalLength() {
        checkHead();
        return totalLength;
    }

    /**
     * Appends {@code packet}, another head, to this packet, O(1). Takes ownership of it; its flags and offload requests are
     * dropped.
     */
    public void chain(NetBuf packet) {
        checkChangeable();
        packet.checkChangeable();
        if (CHECKS && packet == this) {
            throw new IllegalArgumentException(this + " cannot be chained to itself");
        }
        tail.next = packet;
        tail = packet.tail;
        segmentCount += packet.segmentCount;
        totalLength += packet.totalLength;
        packet.segmentCount = 0;
        packet.resetOffloads();
    }

    /**
     * Cuts the packet behind this head and returns the rest as a packet of its own, without flags and offload requests, or
     * null if there is none. O(1).
     */
    public NetBuf unchain() {
        checkChangeable();
        NetBuf rest = next;
        if (rest == null) {
            return null;
        }
        rest.tail = tail;
        rest.segmentCount = segmentCount - 1;
        rest.totalLength = totalLength - length();
        next = null;
        tail = this;
        segmentCount = 1;
        totalLength = length();
        return rest;
    }

    // references

    /** Adds a reference to every piece of this packet and returns it. */
    public NetBuf retain() {
        checkHead();
        for (NetBuf piece = this; piece != null; piece = piece.next) {
            REFERENCES.getAndAdd(piece, 1);
        }
        return this;
    }

    /** True while someone else holds a reference too: bytes are read-only and the headroom is not to be used. */
    public boolean isShared() {
        return refCount() > 1;
    }

    @Override
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

    /** {@link #CHECKSUM_VALID}, {@link #CHECKSUM_PARTIAL}, both or 0. */
    public int flags() {
        return flags;
    }

    public void flags(int flags) {
        checkChangeable();
        if (CHECKS && (flags & ~(CHECKSUM_VALID | CHECKSUM_PARTIAL)) != 0) {
            throw new IllegalArgumentException(this + ": unknown flags 0x" + Integer.toHexString(flags));
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

    /** Sets {@link #CHECKSUM_PARTIAL} and where it applies, bytes. */
    public void partialChecksum(int start, int offset) {
        checkChangeable();
        if (CHECKS && (start < 0 || offset < 0)) {
            throw new IllegalArgumentException(this + ": checksum start " + start + ", offset " + offset);
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

    /**
     * Asks for segmentation, or with {@link GsoType#NONE} for none.
     *
     * @param gsoSize payload bytes of each segment
     * @param headerLength bytes of all headers
     */
    public void gso(GsoType type, int gsoSize, int headerLength) {
        checkChangeable();
        if (CHECKS && type != GsoType.NONE && (gsoSize <= 0 || headerLength < 0)) {
            throw new IllegalArgumentException(
                    this + ": " + type + " with segments of " + gsoSize + " and headers of " + headerLength + " bytes");
        }
        gsoType = Objects.requireNonNull(type, "type");
        this.gsoSize = gsoSize;
        this.headerLength = headerLength;
    }

    /** A slot for the owner; kept until the buffer is freed, then 0. */
    public long userData() {
        return userData;
    }

    public void userData(long value) {
        userData = value;
    }

    // for the pool

    /** Gives a free buffer its first holder. */
    NetBuf handOut() {
        references = 1;
        return this;
    }

    void checkFreeable() {
        if (CHECKS && (references <= 0 || segmentCount == 0)) {
            throw Misuse.free(this);
        }
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

    /** Makes the buffer fresh again; stores no reference unless there is one to clear. */
    void reset() {
        setData(pool().headroom(), 0);
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

    private void checkHead() {
        if (CHECKS && (references <= 0 || segmentCount == 0)) {
            throw Misuse.packet(this);
        }
    }

    private void checkChangeable() {
        if (CHECKS && (references != 1 || segmentCount == 0)) {
            throw Misuse.change(this);
        }
    }

    private void checkRoom(String what, int bytes, int allowed) {
        if (CHECKS && (bytes < 0 || bytes > allowed)) {
            throw Misuse.room(this, what, bytes, allowed);
        }
    }

    private void checkRange(int index, int bytes) {
        if (CHECKS && (index < 0 || bytes < 0 || index > totalLength - bytes)) {
            throw Misuse.index(this, index, bytes, totalLength);
        }
    }
}
