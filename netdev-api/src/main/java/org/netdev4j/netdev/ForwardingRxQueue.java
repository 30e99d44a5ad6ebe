package org.netdev4j.netdev;

import org.netdev4j.netbuf.NetBuf;

/**
 * A receive queue in front of another, for a class that looks at the packets or changes which ones arrive. State and misuse
 * are checked by this queue; the driver's half of the one behind is called directly.
 * <p>
 * A class that only looks counts nothing: {@link #stats()} are those of the queue behind. A class that keeps packets from
 * the user, adds some or holds some back
 * <ul>
 * <li>counts in {@link #counters} every burst it hands on (or {@link QueueCounters#empty()}) and what it drops itself, and
 * overrides {@link #stats()} with {@link #statsInFront()},
 * <li>returns false from {@link #arm()} while a packet it holds could be received now, and calls the listener when one
 * that it held back becomes due.
 * </ul>
 */
public abstract class ForwardingRxQueue extends RxQueue {
    /** The queue behind. */
    protected final RxQueue inner;

    protected ForwardingRxQueue(RxQueue inner) {
        super(inner.index());
        this.inner = inner;
    }

    /** The counters of the queue behind. */
    @Override
    public QueueStats stats() {
        return inner.stats();
    }

    /**
     * What a queue that changes the traffic counts: its own packets, bytes and empty bursts, its drops and those behind, the
     * interrupts behind.
     */
    protected final QueueStats statsInFront() {
        return counters.snapshot().inFrontOf(inner.stats());
    }

    @Override
    public String brokenReason() {
        return inner.brokenReason();
    }

    @Override
    protected int receiveBurst(NetBuf[] bufs, int from, int count) {
        return inner.receiveBurst(bufs, from, count);
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
