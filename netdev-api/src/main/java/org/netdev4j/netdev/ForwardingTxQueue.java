package org.netdev4j.netdev;

import org.netdev4j.netbuf.NetBuf;

/**
 * A transmit queue in front of another, for a class that looks at the packets or changes which ones go. State and misuse
 * are checked by this queue; the driver's half of the one behind is called directly.
 * <p>
 * Packets count where they are handed to the device: a class that drops packets, or finds itself full, counts these in
 * {@link #counters}, and what it passes on is counted behind. Once it has taken a packet it owns it until the queue behind
 * took it.
 */
public abstract class ForwardingTxQueue extends TxQueue {
    /** The queue behind. */
    protected final TxQueue inner;

    protected ForwardingTxQueue(TxQueue inner) {
        super(inner.index());
        this.inner = inner;
    }

    /** The counters of the queue behind, and those of this one. */
    @Override
    public QueueStats stats() {
        return inner.stats().plus(counters.snapshot());
    }

    @Override
    public String brokenReason() {
        return inner.brokenReason();
    }

    @Override
    public int maxSegments() {
        return inner.maxSegments();
    }

    @Override
    protected int transmitBurst(NetBuf[] bufs, int from, int count) {
        return inner.transmitBurst(bufs, from, count);
    }

    @Override
    protected int reclaimCompleted() {
        return inner.reclaimCompleted();
    }

    @Override
    protected int freeSlots() {
        return inner.freeSlots();
    }

    @Override
    protected boolean arm() {
        return inner.arm();
    }

    @Override
    protected void disarm() {
        inner.disarm();
    }

    @Override
    protected void raise() {
        inner.raise();
    }
}
