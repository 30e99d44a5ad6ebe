package org.netdev4j.netdev.offload;

import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.ForwardingTxQueue;
import org.netdev4j.netdev.TxQueue;

/**
 * The queue behind, for packets that ask for anything. Packets that need nothing from here pass in one burst; others are taken
 * when the queue behind has room for what becomes of them. What it does not take after all is held, and goes before anything
 * else.
 */
final class OffloadingTxQueue extends ForwardingTxQueue {
    private static final int STAGE = 64;

    private final int size;
    /** Before the device starts: what a device that can do nothing needs. */
    private OffloadNeeds needs = OffloadNeeds.ALL;
    private final Segmenter segmenter = new Segmenter();
    /** Taken and ready to be sent. */
    private final NetBuf[] staged = new NetBuf[STAGE];
    private int stagedCount;
    private int stagedPieces;

    /** @param size descriptors of {@code inner}: its space when nothing is in flight */
    OffloadingTxQueue(TxQueue inner, int size) {
        super(inner);
        this.size = size;
    }

    /** What the device does not do from now on; while no thread is in the queue. */
    void needs(OffloadNeeds ofDevice) {
        needs = ofDevice;
    }

    @Override
    protected int transmitBurst(NetBuf[] bufs, int from, int count) {
        if (isHolding() && !sendHeld()) {
            counters.empty();
            return 0;
        }
        int taken = 0;
        while (taken < count) {
            int ready = countReady(bufs, from + taken, count - taken);
            if (ready > 0) {
                int sent = super.transmitBurst(bufs, from + taken, ready);
                taken += sent;
                if (sent < ready) {
                    break;
                }
            } else {
                int prepared = prepare(bufs, from + taken, count - taken);
                sendHeld();
                if (prepared == 0) {
                    counters.empty();
                    break;
                }
                taken += prepared;
            }
        }
        return taken;
    }

    /** Packets at the beginning of the range that the queue behind takes as they are. */
    private int countReady(NetBuf[] bufs, int from, int count) {
        int pieces = inner.maxSegments();
        int ready = 0;
        while (ready < count && isReady(bufs[from + ready], pieces)) {
            ready++;
        }
        return ready;
    }

    private boolean isReady(NetBuf packet, int pieces) {
        return !needs.checksum(packet) && !needs.cutting(packet) && packet.segmentCount() <= pieces;
    }

    /**
     * Takes packets that are not ready from the beginning of the range, as many as there is room for.
     *
     * @return how many; those slots are nulled
     */
    private int prepare(NetBuf[] bufs, int from, int count) {
        int pieces = inner.maxSegments();
        int taken = 0;
        while (taken < count && stagedCount < STAGE && !segmenter.isCutting() && !isReady(bufs[from + taken], pieces)
                && take(bufs[from + taken], pieces)) {
            bufs[from + taken] = null;
            taken++;
        }
        return taken;
    }

    /** False if there is no room, the packet stays as it is then. */
    private boolean take(NetBuf packet, int maxPieces) {
        int copyPieces = BufferChain.pieces(packet.pool(), packet.totalLength());
        boolean tooLong = packet.segmentCount() > maxPieces;
        if (needs.cutting(packet) || (tooLong && copyPieces > maxPieces && packet.gsoType() != GsoType.NONE)) {
            return takeToCut(packet);
        }
        if (needs.checksum(packet) && !PartialChecksum.isInside(packet)) {
            return drop(packet, DropReason.MALFORMED);
        }
        if (!tooLong && !BufferChain.isShared(packet)) {
            if (!hasRoom(packet.segmentCount())) {
                return false;
            }
            stage(packet);
            return true;
        }
        return copyPieces > maxPieces
                ? drop(packet, DropReason.TOO_MANY_SEGMENTS)
                : takeCopy(packet, copyPieces);
    }

    private boolean takeToCut(NetBuf packet) {
        DropReason wrong = segmenter.check(packet);
        if (wrong != null) {
            return drop(packet, wrong);
        }
        long pieces = (long) segmenter.segments() * BufferChain.pieces(packet.pool(), segmenter.segmentLength());
        if (!hasRoom(pieces)) {
            return false;
        }
        segmenter.begin(packet);
        return true;
    }

    private boolean takeCopy(NetBuf packet, int pieces) {
        if (!hasRoom(pieces)) {
            return false;
        }
        NetBuf copy = BufferChain.copyOf(packet);
        if (copy == null && super.reclaimCompleted() > 0) {
            copy = BufferChain.copyOf(packet);
        }
        if (copy == null) {
            return !mayGetBuffersBack() && drop(packet, DropReason.NO_BUFFER);
        }
        packet.free();
        stage(copy);
        return true;
    }

    /** Reclaims if need be; a queue with nothing in it has room for anything. */
    private boolean hasRoom(long pieces) {
        long needed = Math.min(pieces, size) + stagedPieces;
        return needed <= super.freeSlots() || (super.reclaimCompleted() > 0 && needed <= super.freeSlots());
    }

    private boolean mayGetBuffersBack() {
        return stagedCount > 0 || super.freeSlots() < size;
    }

    private void stage(NetBuf packet) {
        if (needs.checksum(packet)) {
            PartialChecksum.complete(packet);
        }
        staged[stagedCount++] = packet;
        stagedPieces += packet.segmentCount();
    }

    /** Always true: the packet is taken. */
    private boolean drop(NetBuf packet, DropReason reason) {
        packet.free();
        counters.drop(reason, 1);
        return true;
    }

    private boolean isHolding() {
        return stagedCount > 0 || segmenter.isCutting();
    }

    /** Sends what is staged and goes on with the packet that is being cut. @return false if something is still held */
    private boolean sendHeld() {
        while (sendStaged()) {
            if (!segmenter.isCutting()) {
                return true;
            }
            if (!cut()) {
                return false;
            }
        }
        return false;
    }

    private boolean sendStaged() {
        if (stagedCount == 0) {
            return true;
        }
        int sent = super.transmitBurst(staged, 0, stagedCount);
        int left = stagedCount - sent;
        System.arraycopy(staged, sent, staged, 0, left);
        stagedPieces = 0;
        for (int i = 0; i < stagedCount; i++) {
            if (i < left) {
                stagedPieces += staged[i].segmentCount();
            } else {
                staged[i] = null;
            }
        }
        stagedCount = left;
        return left == 0;
    }

    /** Stages segments; false if there is no buffer for one, but the queue behind has some to give back. */
    private boolean cut() {
        while (segmenter.hasNext() && stagedCount < STAGE) {
            NetBuf segment = segmenter.next();
            if (segment == null) {
                break;
            }
            stage(segment);
        }
        if (!segmenter.hasNext()) {
            segmenter.end();
        } else if (stagedCount == 0 && super.reclaimCompleted() == 0) {
            if (mayGetBuffersBack()) {
                return false;
            }
            segmenter.end();
            counters.drop(DropReason.NO_BUFFER, 1);
        }
        return true;
    }

    @Override
    protected int reclaimCompleted() {
        int freed = super.reclaimCompleted();
        if (isHolding()) {
            sendHeld();
        }
        return freed;
    }

    @Override
    protected int freeSlots() {
        return isHolding() && !sendHeld() ? 0 : super.freeSlots();
    }

    @Override
    protected boolean arm() {
        if (isHolding()) {
            sendHeld();
        }
        return super.arm();
    }

    /** The device is stopped, no thread is in the queue: what is held is lost. */
    void reset() {
        if (segmenter.isCutting()) {
            segmenter.end();
            counters.drop(DropReason.RESET, 1);
        }
        if (stagedCount > 0) {
            counters.drop(DropReason.RESET, stagedCount);
            NetBuf.free(staged, 0, stagedCount);
        }
        stagedCount = 0;
        stagedPieces = 0;
    }
}
