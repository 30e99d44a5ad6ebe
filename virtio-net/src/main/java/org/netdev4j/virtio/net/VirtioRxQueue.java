package org.netdev4j.virtio.net;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.netdev.DeviceEvent;
import org.netdev4j.netdev.DeviceListener;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.queue.Virtqueue;

/**
 * Receive queue i, virtqueue 2i. Buffers in flight are named by their index in the pool.
 *
 * <pre>
 *  headroom of the pool holds the header:   | .. hdr | data            |   one descriptor
 *  it does not:                             header area[index], | data |   two descriptors
 *  it does not, buffers may be merged:      | .. | hdr, data           |   one descriptor
 * </pre>
 *
 * A packet in several buffers (virtio 1.4 §5.1.9.3.2) has a header in the first; of the others all bytes are data.
 */
final class VirtioRxQueue extends RxQueue {
    private static final int FILL_BURST = 64;
    private static final int CACHE_LINE_BYTES = 64;

    private final DriverQueue queue;
    private final DeviceListener events;
    private final NetBufPool pool;
    private final MemorySegment poolMemory;
    private final int headroom;
    private final int dataSize;

    private final int[] tokens;
    private final int[] written;
    private final NetBuf[] scratch;
    private final ScatterGatherList pieces = new ScatterGatherList(2);
    private final int[] nextToken = new int[1];
    private final int[] nextWritten = new int[1];
    private final AtomicLong shortFills = new AtomicLong();

    // From open to close.
    private int headerLength;
    private int maxFrame;
    private boolean mergeable;
    private boolean hashReported;
    private final ReceivedOffload offload = new ReceivedOffload();
    /** Where the device writes first: this far into the buffer, and so much. */
    private int lead;
    private int room;
    private MemorySlice headerArea;
    /** The ring is empty and so is the pool, and that was told. */
    private boolean stalled;
    /** A digest of what was loaded ahead, which nobody needs, but the loads are for it. */
    private long loaded;
    /** The pool is to wake who waits for the listener. */
    private volatile boolean awaitingBuffers;

    VirtioRxQueue(int index, RxQueueConfig config, int size, DriverContext driver) {
        super(index);
        events = driver.events();
        queue = new DriverQueue(driver, virtqueueIndex(index), "rx" + index, size, config.dispatcher(), index,
                config.listener(), counters);
        pool = config.pool();
        poolMemory = pool.segment();
        headroom = pool.headroom();
        dataSize = pool.dataSize();
        tokens = new int[size];
        written = new int[size];
        scratch = new NetBuf[Math.min(size, FILL_BURST)];
    }

    static int virtqueueIndex(int index) {
        return 2 * index;
    }

    DriverQueue queue() {
        return queue;
    }

    long loaded() {
        return loaded;
    }

    /** How often the pool had fewer buffers than the ring had room for. */
    long shortFills() {
        return shortFills.get();
    }

    @Override
    public String brokenReason() {
        return queue.brokenReason();
    }

    // Control path, while no thread is in the queue.

    /** Bytes of device-reachable memory that {@link #open} cuts. */
    long memoryBytes(Features negotiated) {
        return queue.memoryBytes(negotiated) + (needsHeaderArea(negotiated) ? headerAreaBytes() : 0);
    }

    private boolean needsHeaderArea(Features negotiated) {
        return headroom < NetHeader.length(negotiated) && !negotiated.has(NetFeature.MRG_RXBUF);
    }

    /** Bytes of data that one buffer holds. */
    int bufferBytes() {
        return dataSize;
    }

    private long headerAreaBytes() {
        return (long) NetHeader.AREA_STRIDE * pool.capacity();
    }

    /**
     * Enables the virtqueue and fills it; between FEATURES_OK and DRIVER_OK, so without a kick.
     *
     * @param maxFrameLength longest frame the device may deliver, bytes
     */
    void open(MemoryRegion memory, Features negotiated, int maxFrameLength) {
        headerLength = NetHeader.length(negotiated);
        maxFrame = maxFrameLength;
        mergeable = negotiated.has(NetFeature.MRG_RXBUF);
        hashReported = negotiated.has(NetFeature.HASH_REPORT);
        offload.negotiated(negotiated);
        stalled = false;
        boolean inFront = headroom >= headerLength;
        lead = inFront ? headroom - headerLength : headroom;
        room = inFront ? headerLength + dataSize : dataSize;
        if (needsHeaderArea(negotiated)) {
            headerArea = memory.cut(headerAreaBytes(), NetHeader.AREA_STRIDE);
        }
        Virtqueue ring = queue.open(memory, negotiated);
        fill(ring);
        ring.publish();
    }

    /** The device was reset, or never had the queue: every buffer goes back to the pool. Idempotent. */
    void close() {
        Virtqueue ring = queue.ring();
        if (ring != null) {
            takeBack(ring);
            queue.close();
        }
        if (headerArea != null) {
            headerArea.close();
            headerArea = null;
        }
    }

    /** Frees every buffer in the ring, which the device touches no more. */
    private void takeBack(Virtqueue ring) {
        int waiting = ring.pop(tokens, written, tokens.length);
        release(waiting);
        if (waiting > 0) {
            counters.drop(DropReason.RESET, waiting);
        }
        release(ring.reset(tokens));
    }

    /** Frees the buffers named by the first {@code count} tokens. */
    private void release(int count) {
        for (int i = 0; i < count; i++) {
            pool.get(tokens[i]).free();
        }
    }

    // Packet path, the queue's thread.

    /** True while nothing can move. A device that came back has forgotten the queue: it gets it anew. */
    private boolean isAway() {
        return !queue.peerIsThere() && !(queue.peerCameBack() && startAfresh());
    }

    private boolean startAfresh() {
        Virtqueue ring = queue.ring();
        takeBack(ring);
        fill(ring);
        ring.publish();
        return queue.enableAgain();
    }

    @Override
    protected int receiveBurst(NetBuf[] bufs, int from, int count) {
        if (isAway()) {
            return 0;
        }
        final Virtqueue ring = queue.ring();
        final int[] tokens = this.tokens;
        final int[] written = this.written;
        queue.settleInterrupt();
        int received = 0;
        int posted = 0;
        long bytes = 0;
        while (received < count) {
            int used = ring.pop(tokens, written, Math.min(count - received, tokens.length));
            if (used == 0) {
                break;
            }
            if (headerArea == null && room >= CACHE_LINE_BYTES + Long.BYTES) {
                loadAhead(used);
            }
            for (int i = 0; i < used; i++) {
                NetBuf buf = pool.get(tokens[i]);
                int more = mergeable ? moreBuffers(buf) : 0;
                int length;
                if (more == 0) {
                    length = accept(buf, written[i]);
                } else if (more < 0) {
                    length = drop(DropReason.MALFORMED);
                } else {
                    int here = Math.min(more, used - 1 - i);
                    length = merge(ring, buf, i, here, more - here);
                    i += here;
                }
                if (length >= 0) {
                    bufs[from + received++] = buf;
                    bytes += length;
                } else if (more <= 0 && post(ring, buf)) {
                    posted++;
                } else {
                    buf.free();
                }
            }
        }
        posted += fill(ring);
        if (posted > 0) {
            queue.publish();
        }
        if (received > 0) {
            counters.add(received, bytes);
        } else {
            counters.empty();
        }
        if (queue.newlyBroken()) {
            counters.drop(DropReason.RESET, 1);
        }
        return received;
    }

    /**
     * Loads the first two cache lines of what was popped, one right behind the other, so that the waits for them overlap: the device
     * has just written them.
     */
    private void loadAhead(int used) {
        MemorySegment memory = poolMemory;
        long digest = 0;
        for (int i = 0; i < used; i++) {
            long at = headerOffset(pool.get(tokens[i]));
            digest ^= memory.get(NetHeader.FIRST_WORD, at) ^ memory.get(NetHeader.FIRST_WORD, at + CACHE_LINE_BYTES);
        }
        loaded ^= digest;
    }

    /** Buffers that belong to the packet which begins in {@code buf}, besides it; -1 if the device says that it is in none. */
    private int moreBuffers(NetBuf buf) {
        return (poolMemory.get(NetHeader.SECOND_WORD, headerOffset(buf) + NetHeader.SECOND_WORD_OFFSET) >>> 16) - 1;
    }

    /** Where the header is in a fresh buffer's memory, unless it is in the header area. */
    private long headerOffset(NetBuf buf) {
        return buf.dataOffset() - headroom + lead;
    }

    /**
     * Makes {@code head} a packet of several buffers, which the device returned together (virtio 1.4 §5.1.9.4.1).
     *
     * @param at where in the arrays of what was popped {@code head} is
     * @param here buffers behind it there that belong to it
     * @param missing buffers that belong to it and are to be popped
     * @return bytes of the frame, or -1: dropped and counted, {@code head} is to be freed with what it holds
     */
    private int merge(Virtqueue ring, NetBuf head, int at, int here, int missing) {
        int frame = written[at] - headerLength;
        boolean complete = frame >= 0;
        long header = headerOffset(head);
        head.place(lead + headerLength, Math.max(frame, 0));
        for (int i = at + 1; i <= at + here; i++) {
            frame += append(head, pool.get(tokens[i]), written[i]);
        }
        for (int left = missing; left > 0; left--) {
            if (ring.pop(nextToken, nextWritten, 1) == 0) {
                complete = false;
                break;
            }
            frame += append(head, pool.get(nextToken[0]), nextWritten[0]);
        }
        if (!complete) {
            return drop(DropReason.MALFORMED);
        }
        return describe(head, poolMemory, header, frame);
    }

    /** @return bytes added */
    private int append(NetBuf head, NetBuf buf, int bytes) {
        buf.place(lead, bytes);
        head.chain(buf);
        return bytes;
    }

    /**
     * Checks what the device wrote, once, and makes {@code buf} the packet.
     *
     * @return bytes of the frame, or -1: dropped and counted, {@code buf} is as fresh as it was
     */
    private int accept(NetBuf buf, int writtenBytes) {
        int length = writtenBytes - headerLength;
        if (length < 0) {
            return drop(DropReason.MALFORMED);
        }
        MemorySegment memory;
        long header;
        if (headerArea == null) {
            memory = poolMemory;
            header = headerOffset(buf);
        } else {
            memory = headerArea.segment();
            header = (long) NetHeader.AREA_STRIDE * buf.index();
        }
        buf.place(lead + (headerArea == null ? headerLength : 0), length);
        int accepted = describe(buf, memory, header, length);
        if (accepted < 0) {
            buf.place(headroom, 0);
        }
        return accepted;
    }

    /** Checks the header of a packet whose bytes are in place, and tells the packet what it says. */
    private int describe(NetBuf packet, MemorySegment memory, long header, int length) {
        if (length < EthernetFrame.HEADER) {
            return drop(DropReason.RUNT);
        }
        long firstWord = memory.get(NetHeader.FIRST_WORD, header);
        boolean isPlain = (firstWord & 0xffff) == 0;
        if (length > maxFrame && (isPlain || (firstWord & 0xff00) == 0 || length > EthernetFrame.MAX_LARGE)) {
            return drop(DropReason.OVERSIZE);
        }
        if (!isPlain) {
            int offset = memory.get(NetHeader.LAST_HALF_WORD, header + NetHeader.CSUM_OFFSET) & 0xffff;
            DropReason wrong = offload.tell(packet, length, firstWord, offset);
            if (wrong != null) {
                return drop(wrong);
            }
        }
        if (hashReported) {
            int report = memory.get(NetHeader.LAST_HALF_WORD, header + NetHeader.HASH_REPORT) & 0xffff;
            if (report != HashType.REPORT_NONE) {
                packet.flowHash(memory.get(NetHeader.SECOND_WORD, header + NetHeader.HASH_VALUE), report);
            }
        }
        return length;
    }

    private int drop(DropReason reason) {
        counters.drop(reason, 1);
        return -1;
    }

    /** Fills every free place of the ring from the pool, or as many as it has. @return buffers added, not yet published */
    private int fill(Virtqueue ring) {
        final NetBuf[] scratch = this.scratch;
        if (ring.isBroken()) {
            return 0;
        }
        int room = headerArea == null ? ring.free() : ring.free() / ring.slotsFor(2);
        int posted = 0;
        while (posted < room) {
            int wanted = Math.min(room - posted, scratch.length);
            int allocated = allocate(wanted);
            for (int i = 0; i < allocated; i++) {
                if (!post(ring, scratch[i])) {
                    NetBuf.free(scratch, i, allocated - i);
                    return posted;
                }
                posted++;
            }
            if (allocated < wanted) {
                shortFills.lazySet(shortFills.getPlain() + 1);
                checkStall(ring);
                break;
            }
            stalled = false;
        }
        return posted;
    }

    /** A pool that its owner closed under the queue is one that ran dry for good. */
    private int allocate(int wanted) {
        if (pool.isClosed()) {
            return 0;
        }
        try {
            return pool.allocate(scratch, 0, wanted);
        } catch (IllegalStateException e) {
            return 0;
        }
    }

    /** The pool ran dry: tells, once, if the device has no buffer left either. */
    private void checkStall(Virtqueue ring) {
        boolean before = stalled;
        stalled = ring.inFlight() == 0;
        if (stalled && !before) {
            events.onEvent(DeviceEvent.QUEUE_STALLED, queue.name() + ": the pool " + pool.name()
                    + (pool.isClosed() ? " is closed" : " is empty"));
        }
    }

    /** False if the ring is broken. */
    private boolean post(Virtqueue ring, NetBuf buf) {
        if (headerArea == null) {
            return ring.add(buf.dataAddress() - headroom + lead, room, true, buf.index());
        }
        pieces.clear();
        pieces.append(headerArea.deviceAddress() + (long) NetHeader.AREA_STRIDE * buf.index(), headerLength, true);
        pieces.append(buf.dataAddress(), dataSize, true);
        return ring.add(pieces, buf.index());
    }

    /**
     * Buffers may have come back to the pool since the last burst: without any in the ring nothing would ever arrive. If none
     * have, the device will not interrupt, so that the pool has to.
     */
    @Override
    protected boolean arm() {
        if (isAway()) {
            return queue.armWhileAway();
        }
        if (fill(queue.ring()) > 0) {
            queue.publish();
        }
        boolean armed = queue.arm();
        if (armed && stalled && !awaitingBuffers) {
            awaitingBuffers = true;
            pool.whenAvailable(1, this::buffersCameBack);
        }
        return armed;
    }

    /** Any thread. */
    private void buffersCameBack() {
        awaitingBuffers = false;
        queue.raise();
    }

    @Override
    protected void disarm() {
        queue.disarm();
    }

    @Override
    protected void raise() {
        queue.raise();
    }
}
