package org.netdev4j.netdev;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

import org.netdev4j.netbuf.NetBuf;

/** Packets go from the application to {@code inFlight}, sent by the device to {@code completed}, and to their pool. */
final class InMemoryTxQueue extends TxQueue {
    private static final int ETHERNET_HEADER_BYTES = 14;

    private final int size;
    private final InMemoryInterrupt interrupt;
    private final Queue<NetBuf> inFlight = new ArrayDeque<>();
    private final Queue<NetBuf> completed = new ArrayDeque<>();

    InMemoryTxQueue(int index, TxQueueConfig config, Executor dispatcher) {
        super(index);
        size = config.size();
        interrupt = new InMemoryInterrupt(index, config.listener(), dispatcher, counters);
    }

    @Override
    protected int transmitBurst(NetBuf[] bufs, int from, int count) {
        if (freeSlots() < count) {
            reclaimCompleted();
        }
        int taken = Math.min(count, freeSlots());
        int runts = 0;
        long bytes = 0;
        for (int i = from; i < from + taken; i++) {
            NetBuf packet = bufs[i];
            bufs[i] = null;
            if (packet.totalLength() < ETHERNET_HEADER_BYTES) {
                packet.free();
                runts++;
            } else {
                bytes += packet.totalLength();
                inFlight.add(packet);
            }
        }
        if (runts > 0) {
            counters.drop(DropReason.RUNT, runts);
        }
        if (taken > 0) {
            counters.add(taken - runts, bytes);
        } else if (count > 0) {
            counters.empty();
        }
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
        return size - inFlight.size() - completed.size();
    }

    @Override
    protected boolean arm() {
        return interrupt.arm(!completed.isEmpty());
    }

    @Override
    protected void disarm() {
        interrupt.disarm();
    }

    @Override
    protected void raise() {
        interrupt.raise();
    }

    /** The device end: sends what the receiver has buffers for. */
    void sendTo(InMemoryRxQueue receiver) {
        while (!inFlight.isEmpty() && receiver.deliver(inFlight.peek())) {
            completed.add(inFlight.remove());
            interrupt.raise();
        }
    }

    void reset() {
        interrupt.disarm();
        if (!inFlight.isEmpty()) {
            counters.drop(DropReason.RESET, inFlight.size());
        }
        inFlight.forEach(NetBuf::free);
        inFlight.clear();
        reclaimCompleted();
    }
}
