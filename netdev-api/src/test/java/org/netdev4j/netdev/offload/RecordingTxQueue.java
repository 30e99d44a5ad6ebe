package org.netdev4j.netdev.offload;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.TxQueue;

/** A queue with room for so many pieces that keeps what it is sent, to be looked at. */
final class RecordingTxQueue extends TxQueue {
    final List<NetBuf> inFlight = new ArrayList<>();
    private final List<NetBuf> completed = new ArrayList<>();
    private final int size;
    private final int maxSegments;
    int bursts;

    RecordingTxQueue(int size, int maxSegments) {
        super(0);
        this.size = size;
        this.maxSegments = maxSegments;
    }

    /** The device sent everything it has. */
    void complete() {
        completed.addAll(inFlight);
        inFlight.clear();
    }

    @Override
    public int maxSegments() {
        return maxSegments;
    }

    @Override
    protected int transmitBurst(NetBuf[] bufs, int from, int count) {
        bursts++;
        int taken = 0;
        long bytes = 0;
        while (taken < count && bufs[from + taken].segmentCount() <= freeSlots()) {
            bytes += bufs[from + taken].totalLength();
            inFlight.add(bufs[from + taken]);
            bufs[from + taken++] = null;
        }
        counters.add(taken, bytes);
        return taken;
    }

    @Override
    protected int reclaimCompleted() {
        int freed = completed.size();
        completed.forEach(NetBuf::free);
        completed.clear();
        return freed;
    }

    @Override
    protected int freeSlots() {
        return size - inFlight.stream().mapToInt(NetBuf::segmentCount).sum()
                - completed.stream().mapToInt(NetBuf::segmentCount).sum();
    }

    @Override
    protected boolean arm() {
        return completed.isEmpty();
    }

    @Override
    protected void disarm() {}

    @Override
    protected void raise() {}
}
