package org.netdev4j.netdev;

import java.util.Objects;

import org.netdev4j.netbuf.NetBuf;

/**
 * One receive queue: packets come in bursts and belong to the caller. One thread at a time; different queues need no lock
 * between them. A driver extends this class; state and misuse are checked here, once a burst.
 */
public abstract class RxQueue {
    protected final QueueCounters counters = new QueueCounters();
    final QueueGate gate;

    protected RxQueue(int index) {
        gate = new QueueGate("receive", index);
    }

    public final int index() {
        return gate.index;
    }

    /**
     * Takes up to {@code count} packets that have arrived, in order, into {@code bufs[from..]}, and keeps the queue filled
     * from its pool. Never blocks, never throws for what the device did.
     *
     * @return packets received, 0 if none waits; each is the caller's to free
     * @throws IllegalStateException if the device is not RUNNING
     */
    public final int receive(NetBuf[] bufs, int from, int count) {
        Objects.checkFromIndexSize(from, count, bufs.length);
        gate.enter("receive");
        try {
            return receiveBurst(bufs, from, count);
        } finally {
            gate.exit();
        }
    }

    /** As {@link #receive(NetBuf[], int, int)}, for the whole array. */
    public final int receive(NetBuf[] bufs) {
        return receive(bufs, 0, bufs.length);
    }

    /**
     * Asks for one call of the queue's listener when a packet arrives. Asking again while armed changes nothing.
     *
     * @return true: armed, the listener will be called once; false: packets wait already, nothing is armed, receive them
     *     first
     * @throws IllegalStateException if the device is not RUNNING or the queue has no listener
     */
    public final boolean armInterrupt() {
        gate.requireListener("armInterrupt");
        gate.enter("armInterrupt");
        try {
            return arm();
        } finally {
            gate.exit();
        }
    }

    /**
     * No call of the listener from now on, but for one that is already under way.
     *
     * @throws IllegalStateException if the device is not RUNNING or the queue has no listener
     */
    public final void disarmInterrupt() {
        gate.requireListener("disarmInterrupt");
        gate.enter("disarmInterrupt");
        try {
            disarm();
        } finally {
            gate.exit();
        }
    }

    /** From any thread, in any state: since the queue was configured. */
    public QueueStats stats() {
        return counters.snapshot();
    }

    /** The driver's half of {@link #receive}: arguments are checked, counting is the driver's. */
    protected abstract int receiveBurst(NetBuf[] bufs, int from, int count);

    /** The driver's half of {@link #armInterrupt}: the queue has a listener. */
    protected abstract boolean arm();

    /** The driver's half of {@link #disarmInterrupt}: the queue has a listener. */
    protected abstract void disarm();
}
