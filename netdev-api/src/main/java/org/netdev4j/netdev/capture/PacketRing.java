package org.netdev4j.netdev.capture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;

import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;

/**
 * Captured packets of one queue, copied by the queue's thread and read by another, without a lock. When it is full it either
 * refuses packets until the reader {@link #release released} some, or overwrites the oldest.
 * <p>
 * Positions count bytes and never wrap. Packets added are tentative until they are published: of a burst that a device took
 * in part, the rest is forgotten.
 *
 * <pre>
 *  record:  bytes of the record | bytes of the packet | epoch ns | flags | bytes kept | the packet's bytes, padded to 8
 *  filler:  bytes of the record | -1                                    up to the end of the memory
 * </pre>
 */
final class PacketRing {
    static final int PACKET_LENGTH = 4;
    static final int TIME = 8;
    static final int FLAGS = 16;
    static final int KEPT_LENGTH = 20;
    static final int DATA = 24;
    static final int FILLER = -1;

    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment memory;
    private final long mask;
    private final int snapLength;
    private final boolean overwrites;

    /** Writer's. */
    private long next;
    /** Writer's: what it knows of {@link #oldest}. */
    private long oldestSeen;
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong oldest = new AtomicLong();

    /**
     * @param bytes at least {@link #minBytes}, rounded up to a power of two
     * @param overwrites when full: the oldest packets go, else new ones are refused
     */
    PacketRing(int bytes, int snapLength, boolean overwrites) {
        long size = Long.highestOneBit(2L * Math.max(bytes, minBytes(snapLength)) - 1);
        // Collected with the last reader or writer: neither can come too late.
        memory = Arena.ofAuto().allocate(size, Long.BYTES);
        mask = size - 1;
        this.snapLength = snapLength;
        this.overwrites = overwrites;
    }

    /** Two of the longest records fit, wherever the first begins. */
    static int minBytes(int snapLength) {
        return 4 * recordBytes(snapLength);
    }

    private static int recordBytes(int kept) {
        return DATA + (kept + 7 & -8);
    }

    // Writer

    /** Adds a packet, tentatively; false if there is no room. */
    boolean add(long epochNanos, int flags, NetBuf packet) {
        int length = packet.totalLength();
        int kept = Math.min(length, snapLength);
        int bytes = recordBytes(kept);
        long toEnd = memory.byteSize() - (next & mask);
        if (!hasRoom(toEnd < bytes ? toEnd + bytes : bytes)) {
            return false;
        }
        if (toEnd < bytes) {
            putInt(next, (int) toEnd);
            putInt(next + PACKET_LENGTH, FILLER);
            next += toEnd;
        }
        long at = next & mask;
        putInt(at, bytes);
        putInt(at + PACKET_LENGTH, length);
        memory.set(ValueLayout.JAVA_LONG, at + TIME, epochNanos);
        putInt(at + FLAGS, flags);
        putInt(at + KEPT_LENGTH, kept);
        copy(packet, at + DATA, kept);
        if ((flags & PacketFlags.CHECKSUM_TO_COMPLETE) != 0) {
            completeChecksum(packet, at, kept);
        }
        next += bytes;
        return true;
    }

    private boolean hasRoom(long bytes) {
        long needed = next + bytes - memory.byteSize();
        if (needed <= oldestSeen) {
            return true;
        }
        if (!overwrites) {
            oldestSeen = oldest.getAcquire();
            return needed <= oldestSeen;
        }
        while (needed > oldestSeen && oldestSeen < published.getPlain()) {
            oldestSeen += memory.get(ValueLayout.JAVA_INT, oldestSeen & mask);
        }
        oldest.setOpaque(oldestSeen);
        // A reader that sees one of the bytes to come also sees that they are not its any more.
        VarHandle.storeStoreFence();
        return needed <= oldestSeen;
    }

    private void putInt(long position, int value) {
        memory.set(ValueLayout.JAVA_INT, position & mask, value);
    }

    private void copy(NetBuf packet, long to, int kept) {
        int copied = 0;
        for (NetBuf piece = packet; copied < kept; piece = piece.next()) {
            int bytes = Math.min(piece.length(), kept - copied);
            MemorySegment.copy(piece.segment(), piece.dataOffset(), memory, to + copied, bytes);
            copied += bytes;
        }
    }

    /** In the copy: the packet stays as it is. */
    private void completeChecksum(NetBuf packet, long at, int kept) {
        int start = packet.checksumStart();
        int field = start + packet.checksumOffset();
        if (start <= packet.totalLength() && field + Short.BYTES <= kept) {
            int sum = InternetChecksum.fold(InternetChecksum.add(0, packet, start, packet.totalLength() - start));
            // 0 means "no checksum" to UDP, and to every other protocol the same as 0xffff (RFC 768).
            int checksum = sum == 0xffff ? sum : ~sum;
            memory.set(BE16, at + DATA + field, (short) checksum);
        }
        putInt(at + FLAGS, memory.get(ValueLayout.JAVA_INT, at + FLAGS) & ~PacketFlags.CHECKSUM_TO_COMPLETE);
    }

    /** Where the next packet goes. */
    long position() {
        return next;
    }

    /** Lets the reader see what was added before {@code position}, and forgets what was added behind it. */
    void publish(long position) {
        next = position;
        published.setRelease(position);
    }

    // Reader

    /** A reader of what is published, in place; whoever reads releases. */
    PacketReader reader() {
        return new PacketReader(memory, mask, oldest.getAcquire());
    }

    /** How far a reader may read. */
    long readable() {
        return published.getAcquire();
    }

    /** Gives the room before {@code position} back to the writer. */
    void release(long position) {
        oldest.setRelease(position);
    }

    /** A reader of a copy of what is here now, while the writer goes on. */
    PacketReader snapshot() {
        long end = readable();
        MemorySegment copy = Arena.ofAuto().allocate(memory.byteSize(), Long.BYTES);
        MemorySegment.copy(memory, 0, copy, 0, memory.byteSize());
        VarHandle.loadLoadFence();
        PacketReader reader = new PacketReader(copy, mask, Math.min(end, oldest.getOpaque()));
        reader.limit(end);
        return reader;
    }
}
