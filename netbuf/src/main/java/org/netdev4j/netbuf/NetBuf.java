package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;
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
 * <b>Sharing.</b> {@link #retain()} adds a holder of the same packet: all may read it; while there are several, its bytes,
 * data position, length, chain, flags and headroom are frozen. {@link #duplicate()} makes another packet over the same
 * bytes, with a data position, length, chain and flags of its own: while there are several, only the bytes, and the headroom
 * and tailroom around them, are frozen. Changing what is frozen is an IllegalStateException. A header goes in front of shared
 * bytes as a piece of its own: {@link #prepend(NetBuf)}.
 * <p>
 * <b>Threads.</b> One thread at a time, except {@link #free()} and {@link #retain()} of a shared buffer: any thread. Duplicates
 * of one packet may be used by different threads.
 * <p>
 * <b>Checks</b> are on unless {@code -Dnetdev4j.checks=false}: use after free, double free, change of what is frozen and use
 * of a piece that is not the head are an IllegalStateException that names pool and buffer (and, with {@link LeakTracking},
 * where it was freed), an index outside the data is an IndexOutOfBoundsException, more than there is room for an
 * IllegalArgumentException. Without them misuse makes wrong packets, but no access outside {@link #segment()}.
 */
public final class NetBuf extends PacketOffloads {
    // The chain: of the packet's head, but for next. For Pieces, which cuts and joins.
    NetBuf next;
    NetBuf tail = this;
    /** 0 on a piece that is not the head. */
    int segmentCount = 1;
    int totalLength;

    private long userData;

    NetBuf(NetBufPool pool, int index, MemorySlice slice, long base) {
        super(pool, index, slice, base);
    }

    // data of the packet

    /** Sets headroom and length of the head at once: how a receiver places what a device wrote. */
    public void place(int headroom, int length) {
        checkChangeable();
        checkOwnMemory();
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
        checkOwnMemory();
        checkRoom("prepend", bytes, headroom());
        moveFront(-bytes);
        totalLength += bytes;
        moveOffloads(-bytes);
    }

    /**
     * Removes {@code bytes} from the front of the packet. Pieces behind the head that lose all their bytes are freed; the
     * head stays, even empty. What counts from the start of the packet ({@link #checksumStart()}, {@link #headerLength()})
     * follows; {@link #CHECKSUM_PARTIAL} goes with the byte where its sum starts.
     */
    public void trimFront(int bytes) {
        checkChangeable();
        checkRoom("trimFront", bytes, totalLength);
        if (bytes <= length()) {
            moveFront(bytes);
            totalLength -= bytes;
        } else {
            Pieces.trimFront(this, bytes);
        }
        moveOffloads(bytes);
    }

    /** Grows the packet by {@code bytes} at the back, into the tailroom of its last piece; the bytes are not cleared. */
    public void append(int bytes) {
        checkChangeable();
        tail.checkOwnMemory();
        checkRoom("append", bytes, tail.tailroom());
        tail.moveBack(bytes);
        totalLength += bytes;
    }

    /** Removes {@code bytes} from the back of the packet. Pieces behind the head that lose all their bytes are freed. */
    public void trimBack(int bytes) {
        checkChangeable();
        checkRoom("trimBack", bytes, totalLength);
        if (bytes < tail.length() || tail == this) {
            tail.moveBack(-bytes);
            totalLength -= bytes;
        } else {
            Pieces.trimBack(this, bytes);
        }
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
        checkOther(packet);
        Pieces.join(this, packet);
        packet.resetOffloads();
    }

    /**
     * Puts {@code front}, another packet, before this one, O(1), and returns it, the head from now on. The flags and offload
     * requests of this packet become those of the whole; {@link #checksumStart()} and {@link #headerLength()} grow by the
     * bytes of {@code front}.
     */
    public NetBuf prepend(NetBuf front) {
        checkChangeable();
        checkOther(front);
        front.takeOffloads(this, front.totalLength);
        resetOffloads();
        Pieces.join(front, this);
        return front;
    }

    /**
     * Cuts the packet behind this head and returns the rest as a packet of its own, without flags and offload requests, or
     * null if there is none. O(1).
     */
    public NetBuf unchain() {
        checkChangeable();
        return next == null ? null : Pieces.cutBehind(this, this, 1, length());
    }

    /**
     * Takes {@code piece}, a later piece of this packet, out of it: a packet of its own from now on. O(pieces before it).
     *
     * @throws IllegalArgumentException when {@code piece} is no later piece of this packet
     */
    public void disconnect(NetBuf piece) {
        checkChangeable();
        Pieces.disconnect(this, piece);
    }

    /**
     * Cuts the packet behind its first {@code index} bytes and returns the rest as a packet of its own, without flags and
     * offload requests. A piece with the cut inside is divided: what is behind the cut moves to a new buffer of its pool, so
     * that the two packets share nothing. ({@link #duplicate(int, int)} divides without a copy.)
     *
     * @param index 1 to {@link #totalLength()} - 1
     * @return null, and nothing changed, if a buffer is needed and the pool has none (counted)
     */
    public NetBuf split(int index) {
        checkChangeable();
        if (CHECKS && (index <= 0 || index >= totalLength)) {
            throw Misuse.split(this, index, totalLength);
        }
        return Pieces.split(this, index);
    }

    /**
     * Makes the first {@code bytes} of the packet contiguous in its head, as a parser wants its headers; the data of the head
     * may move into its headroom. Pieces that lose all their bytes are freed.
     *
     * @return false, and nothing changed, if the packet has fewer bytes, or the head less capacity, or its bytes are shared
     */
    public boolean pullUp(int bytes) {
        checkChangeable();
        return bytes <= length() || Pieces.pullUp(this, bytes);
    }

    /**
     * Moves all bytes into the head and frees the other pieces.
     *
     * @return false, and nothing changed, if they do not fit into its capacity or its bytes are shared; then a
     *         {@link #copy(NetBufPool)} to a pool of larger buffers does
     */
    public boolean linearise() {
        checkChangeable();
        return next == null || Pieces.linearise(this);
    }

    // copies and references

    /** As {@link #copy(NetBufPool)}, to buffers of the same pool. */
    public NetBuf copy() {
        return copy(pool());
    }

    /**
     * A packet of the same bytes, flags and offload requests that shares nothing with this one, in as few buffers of
     * {@code target} as hold it behind their headroom; null when that has too few (counted).
     */
    public NetBuf copy(NetBufPool target) {
        checkHead();
        NetBuf copy = PacketCopy.copy(this, target);
        if (copy != null) {
            copy.takeOffloads(this, 0);
        }
        return copy;
    }

    /**
     * A second packet over the same bytes, with the same flags and offload requests, free to change but for the bytes; null
     * when the pools of the pieces have too few duplicates left (counted).
     */
    public NetBuf duplicate() {
        checkHead();
        NetBuf duplicate = PacketCopy.duplicate(this, 0, totalLength);
        if (duplicate != null) {
            duplicate.takeOffloads(this, 0);
        }
        return duplicate;
    }

    /** As {@link #duplicate()}, of {@code length} bytes from {@code index} on, without flags and offload requests. */
    public NetBuf duplicate(int index, int length) {
        checkHead();
        checkRange(index, length);
        return PacketCopy.duplicate(this, index, length);
    }

    /** Adds a reference to every piece of this packet and returns it. */
    public NetBuf retain() {
        checkHead();
        for (NetBuf piece = this; piece != null; piece = piece.next) {
            piece.holdAgain();
        }
        return this;
    }

    /** Drops one reference of every piece; pieces nobody holds go back to their pools. Head only. Any thread. */
    public void free() {
        Release.free(this);
    }

    /** Frees {@code count} packets from {@code bufs[from]} on and nulls the slots; cheaper than one by one. */
    public static void free(NetBuf[] bufs, int from, int count) {
        Objects.checkFromIndexSize(from, count, bufs.length);
        Release.free(bufs, from, count);
    }

    /**
     * Tells {@code listener} once this buffer, and with it every duplicate of its bytes, is free: that a packet was sent, say,
     * and its bytes are its own again. (Not that it arrived: dropped packets are freed too.) Costs buffers without a listener
     * nothing. Another listener replaces it, null removes it.
     *
     * @param token for the listener
     */
    public void onFree(FreeListener listener, long token) {
        checkChangeable();
        listen(listener, token);
    }

    /** Remembers, if its pool tracks this buffer, who had it last: see {@link NetBufPool#leaks()}. */
    public void touch() {
        checkHead();
        BufferTracker tracker = pool().tracker();
        if (tracker != null) {
            tracker.touched(this);
        }
    }

    /** A slot for the owner; kept until the buffer is freed, then 0. */
    public long userData() {
        return userData;
    }

    public void userData(long value) {
        userData = value;
    }

    // for the pool

    NetBuf handOut() {
        hold();
        return this;
    }

    void checkFreeable() {
        if (CHECKS && (holders() <= 0 || segmentCount == 0)) {
            throw Misuse.free(this);
        }
    }

    @Override
    void reset() {
        resetData();
        totalLength = 0;
        if (segmentCount != 1) {
            next = null;
            tail = this;
            segmentCount = 1;
        }
        resetOffloads();
        userData = 0;
    }

    // checks

    private void checkHead() {
        if (CHECKS && (holders() <= 0 || segmentCount == 0)) {
            throw Misuse.packet(this);
        }
    }

    @Override
    void checkChangeable() {
        if (CHECKS && (holders() != 1 || segmentCount == 0)) {
            throw Misuse.change(this);
        }
    }

    /** For what uses headroom, tailroom or bytes. */
    void checkOwnMemory() {
        if (CHECKS && isShared()) {
            throw Misuse.change(this);
        }
    }

    private void checkOther(NetBuf packet) {
        packet.checkChangeable();
        if (CHECKS && packet == this) {
            throw new IllegalArgumentException(this + " cannot be chained to itself");
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
