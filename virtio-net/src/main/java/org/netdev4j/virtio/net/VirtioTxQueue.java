package org.netdev4j.virtio.net;

import java.util.function.Predicate;

import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.queue.Virtqueue;

/**
 * Transmit queue i, virtqueue 2i + 1. The header goes in front of the data, into the headroom, when there is room and nobody
 * else holds the packet; else into the queue's own header area, as a descriptor of its own. The packet itself is never changed.
 */
final class VirtioTxQueue extends TxQueue {
    private static final int QUEUED = 1;
    private static final int FULL = 0;
    private static final int DROPPED = -1;

    /** Packets in flight from which on finished ones are looked for: an idle sender keeps no more than these. */
    private static final int RECLAIM_FROM = 64;

    private final DriverQueue queue;
    private final int reclaimFrom;
    private final PoolTable pools;
    private final HeaderSlots headerSlots;
    private final ScatterGatherList pieces;
    private final int[] tokens;
    private final NetBuf[] scratch;
    private final TransmitHeader header = new TransmitHeader();
    private volatile int mtu;

    VirtioTxQueue(int index, TxQueueConfig config, int size, DriverContext driver,
            Predicate<MemoryRegion> reachable) {
        super(index);
        queue = new DriverQueue(driver, virtqueueIndex(index), "tx" + index, size, config.dispatcher(), index,
                config.listener(), counters);
        reclaimFrom = Math.min(RECLAIM_FROM, size / 4);
        pools = new PoolTable(reachable);
        headerSlots = new HeaderSlots(size);
        pieces = new ScatterGatherList(size);
        tokens = new int[size];
        scratch = new NetBuf[size];
    }

    static int virtqueueIndex(int index) {
        return 2 * index + 1;
    }

    DriverQueue queue() {
        return queue;
    }

    /** Frames that carry more than {@code bytes} are dropped from now on. */
    void mtu(int bytes) {
        mtu = bytes;
    }

    /** One descriptor may be needed for the header. */
    @Override
    public int maxSegments() {
        return queue.size() - 1;
    }

    /** Memory was detached: from the next burst on, every pool is looked at anew. */
    void forgetUnreachable() {
        pools.forget();
    }

    @Override
    public String brokenReason() {
        return queue.brokenReason();
    }

    // Control path, while no thread is in the queue.

    /** Bytes of device-reachable memory that {@link #open} cuts. */
    long memoryBytes(Features negotiated) {
        return queue.memoryBytes(negotiated) + headerSlots.memoryBytes();
    }

    /** Enables the virtqueue; between FEATURES_OK and DRIVER_OK. */
    void open(MemoryRegion memory, Features negotiated) {
        header.negotiated(negotiated);
        headerSlots.open(memory);
        queue.open(memory, negotiated);
    }

    /** The device was reset, or never had the queue: every packet goes back to its pool. Idempotent. */
    void close() {
        Virtqueue ring = queue.ring();
        if (ring != null) {
            takeBack(ring);
            queue.close();
        }
        pools.clear();
        headerSlots.close();
    }

    /** Frees every packet in the ring, which the device touches no more. */
    private void takeBack(Virtqueue ring) {
        takeFinished();
        int unfinished = ring.reset(tokens);
        release(unfinished);
        if (unfinished > 0) {
            counters.drop(DropReason.RESET, unfinished);
        }
    }

    // Packet path, the queue's thread.

    /** True while nothing can move. A device that came back has forgotten the queue: it gets it anew. */
    private boolean isAway() {
        return !queue.peerIsThere() && !(queue.peerCameBack() && startAfresh());
    }

    private boolean startAfresh() {
        takeBack(queue.ring());
        return queue.enableAgain();
    }

    @Override
    protected int transmitBurst(NetBuf[] bufs, int from, int count) {
        if (isAway()) {
            return 0;
        }
        final Virtqueue ring = queue.ring();
        queue.settleInterrupt();
        pools.refresh();
        if (ring.inFlight() >= reclaimFrom) {
            reclaimCompleted();
        }
        int taken = 0;
        int packets = 0;
        long bytes = 0;
        for (; taken < count && !ring.isBroken(); taken++) {
            NetBuf packet = bufs[from + taken];
            int length = packet.totalLength();
            int verdict = isPlain(packet, length) && enqueuePlain(ring, packet, length)
                    ? QUEUED
                    : enqueue(ring, packet, length);
            if (verdict == FULL) {
                break;
            }
            bufs[from + taken] = null;
            if (verdict == QUEUED) {
                packets++;
                bytes += length;
            }
        }
        if (packets > 0) {
            queue.publish();
            counters.add(packets, bytes);
        }
        if (taken < count) {
            counters.empty();
            queue.newlyBroken();
        }
        return taken;
    }

    /** True if the packet is in one piece, asks for nothing and has room for the header: most are, and go a short way. */
    private boolean isPlain(NetBuf packet, int length) {
        return packet.pool() == pools.last() && packet.segmentCount() == 1 && packet.flags() == 0
                && packet.gsoType() == GsoType.NONE && packet.headroom() >= header.length()
                && length >= EthernetFrame.HEADER && length <= mtu + EthernetFrame.HEADER && !packet.isShared();
    }

    /** False if the ring is full. */
    private boolean enqueuePlain(Virtqueue ring, NetBuf packet, int length) {
        int headerLength = header.length();
        header.writePlain(packet.segment(), packet.dataOffset() - headerLength);
        return ring.add(packet.dataAddress() - headerLength, headerLength + length, false,
                pools.lastNumber() | packet.index());
    }

    private int enqueue(Virtqueue ring, NetBuf packet, int length) {
        if (length < EthernetFrame.HEADER) {
            return drop(packet, DropReason.RUNT);
        }
        int limit = mtu;
        if (packet.gsoType() == GsoType.NONE
                ? length > limit + EthernetFrame.HEADER && !EthernetFrame.fits(packet, limit)
                : length > EthernetFrame.MAX_LARGE) {
            return drop(packet, DropReason.OVERSIZE);
        }
        int pool = pools.number(packet.pool());
        if (pool == PoolTable.UNREACHABLE) {
            return drop(packet, DropReason.UNREACHABLE_MEMORY);
        }
        int headerLength = header.length();
        int segments = packet.segmentCount();
        boolean headerInFront = packet.headroom() >= headerLength && !packet.isShared();
        int needed = headerInFront ? segments : segments + 1;
        if (needed > ring.size()) {
            return drop(packet, DropReason.TOO_MANY_SEGMENTS);
        }
        if (!makeRoom(ring, needed)) {
            return FULL;
        }
        DropReason refused = header.describe(packet, length);
        if (refused != null) {
            return drop(packet, refused);
        }
        int name = pool | packet.index();
        if (!headerInFront) {
            return enqueueBehindHeaderSlot(ring, packet, name);
        }
        header.write(packet.segment(), packet.dataOffset() - headerLength);
        long start = packet.dataAddress() - headerLength;
        if (segments > 1) {
            return enqueueChain(ring, packet, start, name);
        }
        return ring.add(start, headerLength + length, false, name) ? QUEUED : FULL;
    }

    private boolean makeRoom(Virtqueue ring, int pieces) {
        int slots = ring.slotsFor(pieces);
        return slots <= ring.free() || (reclaimCompleted() > 0 && slots <= ring.free() && !ring.isBroken());
    }

    private int enqueueChain(Virtqueue ring, NetBuf packet, long start, int name) {
        pieces.clear();
        pieces.append(start, header.length() + packet.length(), false);
        return appendPieces(packet.next()) ? add(ring, name) : drop(packet, DropReason.UNREACHABLE_MEMORY);
    }

    private int enqueueBehindHeaderSlot(Virtqueue ring, NetBuf packet, int name) {
        int token = headerSlots.take(name);
        header.write(headerSlots.segment(), headerSlots.offset(token));
        pieces.clear();
        pieces.append(headerSlots.deviceAddress(token), header.length(), false);
        if (!appendPieces(packet)) {
            headerSlots.giveBack(token);
            return drop(packet, DropReason.UNREACHABLE_MEMORY);
        }
        int verdict = add(ring, token);
        if (verdict == FULL) {
            headerSlots.giveBack(token);
        }
        return verdict;
    }

    /** False if the device cannot reach one of them. */
    private boolean appendPieces(NetBuf first) {
        for (NetBuf piece = first; piece != null; piece = piece.next()) {
            if (pools.number(piece.pool()) == PoolTable.UNREACHABLE) {
                return false;
            }
            pieces.append(piece.dataAddress(), piece.length(), false);
        }
        return true;
    }

    private int add(Virtqueue ring, int token) {
        return ring.add(pieces, token) ? QUEUED : FULL;
    }

    private int drop(NetBuf packet, DropReason reason) {
        packet.free();
        counters.drop(reason, 1);
        return DROPPED;
    }

    @Override
    protected int reclaimCompleted() {
        if (isAway()) {
            return 0;
        }
        int finished = takeFinished();
        queue.newlyBroken();
        return finished;
    }

    private int takeFinished() {
        int finished = queue.ring().pop(tokens, null, tokens.length);
        release(finished);
        return finished;
    }

    /** Frees the packets named by the first {@code count} tokens. */
    private void release(int count) {
        final int[] tokens = this.tokens;
        final NetBuf[] scratch = this.scratch;
        for (int i = 0; i < count; i++) {
            int token = tokens[i];
            scratch[i] = pools.packet(token >= 0 ? token : headerSlots.giveBack(token));
        }
        NetBuf.free(scratch, 0, count);
    }

    @Override
    protected int freeSlots() {
        Virtqueue ring = queue.ring();
        return isAway() || ring.isBroken() ? 0 : ring.free();
    }

    @Override
    protected boolean arm() {
        return isAway() ? queue.armWhileAway() : queue.arm();
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
