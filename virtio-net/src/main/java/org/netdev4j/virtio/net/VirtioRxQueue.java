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
 * </pre>
 */
final class VirtioRxQueue extends RxQueue {
    private static final int FILL_BURST = 64;

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
    private final AtomicLong shortFills = new AtomicLong();

    // From open to close.
    private int headerLength;
    private int maxFrame;
    private boolean checksumNegotiated;
    private MemorySlice headerArea;
    /** The ring is empty and so is the pool, and that was told. */
    private boolean stalled;
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
        return queue.memoryBytes(negotiated) + (headerFitsHeadroom(negotiated) ? 0 : headerAreaBytes());
    }

    private boolean headerFitsHeadroom(Features negotiated) {
        return headroom >= NetHeader.length(negotiated);
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
        checksumNegotiated = negotiated.has(NetFeature.GUEST_CSUM);
        stalled = false;
        if (!headerFitsHeadroom(negotiated)) {
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
            for (int i = 0; i < used; i++) {
                NetBuf buf = pool.get(tokens[i]);
                int length = accept(buf, written[i]);
                if (length >= 0) {
                    bufs[from + received++] = buf;
                    bytes += length;
                } else if (post(ring, buf)) {
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
     * Checks what the device wrote, once, and makes {@code buf} the packet.
     *
     * @return bytes of the frame, or -1: dropped and counted, {@code buf} is as fresh as it was
     */
    private int accept(NetBuf buf, int writtenBytes) {
        int length = writtenBytes - headerLength;
        if (length < EthernetFrame.HEADER) {
            return drop(length < 0 ? DropReason.MALFORMED : DropReason.RUNT);
        }
        if (length > maxFrame) {
            return drop(DropReason.OVERSIZE);
        }
        MemorySegment memory;
        long header;
        if (headerArea == null) {
            memory = poolMemory;
            header = buf.dataOffset() - headerLength;
        } else {
            memory = headerArea.segment();
            header = (long) NetHeader.AREA_STRIDE * buf.index();
        }
        long firstWord = memory.get(NetHeader.FIRST_WORD, header);
        if ((firstWord & 0xffff) != 0) {
            int secondWord = memory.get(NetHeader.SECOND_WORD, header + NetHeader.SECOND_WORD_OFFSET);
            return acceptOffload(buf, length, firstWord, secondWord);
        }
        buf.place(headroom, length);
        return length;
    }

    /** As {@link #accept}, for a header with a flag or a GSO type. */
    private int acceptOffload(NetBuf buf, int length, long firstWord, int secondWord) {
        int flags = (int) firstWord & 0xff;
        int gsoType = (int) firstWord >>> 8 & 0xff;
        if (gsoType != NetHeader.GSO_NONE) {
            return drop(DropReason.MALFORMED);
        }
        if ((flags & NetHeader.FLAG_NEEDS_CSUM) == 0) {
            buf.place(headroom, length);
            if (checksumNegotiated && (flags & NetHeader.FLAG_DATA_VALID) != 0) {
                buf.flags(NetBuf.CHECKSUM_VALID);
            }
            return length;
        }
        int start = (int) (firstWord >>> 48);
        int offset = secondWord & 0xffff;
        boolean coalesced = (flags & NetHeader.FLAG_RSC_INFO) != 0;
        if (!checksumNegotiated || coalesced || start + offset + 2 > length) {
            return drop(DropReason.MALFORMED);
        }
        buf.place(headroom, length);
        buf.partialChecksum(start, offset);
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
            return ring.add(buf.dataAddress() - headerLength, headerLength + dataSize, true, buf.index());
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
