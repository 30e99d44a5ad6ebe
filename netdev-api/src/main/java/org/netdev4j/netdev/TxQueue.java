package org.netdev4j.netdev;

import org.netdev4j.netbuf.NetBuf;

/**
 * One transmit queue: packets go in bursts. One thread at a time; different queues need no lock between them. A driver
 * extends this class; state and misuse are checked here, once a burst.
 */
public abstract class TxQueue {
    protected final QueueCounters counters = new QueueCounters();

    protected TxQueue(int index) {
        throw new UnsupportedOperationException();
    }

    public final int index() {
        throw new UnsupportedOperationException();
    }

    /**
     * Hands over packets {@code bufs[from..from+count)} in order, as many as fit.
     *
     * @return packets taken: those slots are nulled and belong to the device; the rest stay the caller's, unchanged. A packet
     *     that can never be sent (too many pieces, unreachable memory) is taken, freed and counted as a drop
     * @throws IllegalStateException if the device is not RUNNING
     */
    public final int transmit(NetBuf[] bufs, int from, int count) {
        throw new UnsupportedOperationException();
    }

    /** As {@link #transmit(NetBuf[], int, int)}, for one packet: true if it was taken. */
    public final boolean transmit(NetBuf packet) {
        throw new UnsupportedOperationException();
    }

    /**
     * Frees packets the device is done with; transmit does so by itself when it needs room, so this is for senders that go
     * quiet.
     *
     * @return packets freed
     */
    public final int reclaim() {
        throw new UnsupportedOperationException();
    }

    /** Packets in one piece that the queue takes now without reclaiming. */
    public final int space() {
        throw new UnsupportedOperationException();
    }

    /**
     * Asks for one call of the queue's listener when the device has finished packets.
     *
     * @return true: armed; false: finished packets wait already, nothing is armed, reclaim them first
     */
    public final boolean armInterrupt() {
        throw new UnsupportedOperationException();
    }

    public final void disarmInterrupt() {
        throw new UnsupportedOperationException();
    }

    public final QueueStats stats() {
        return counters.snapshot();
    }

    /** The driver's half of {@link #transmit}: arguments are checked, nulling slots and counting are the driver's. */
    protected abstract int transmitBurst(NetBuf[] bufs, int from, int count);

    protected abstract int reclaimCompleted();

    protected abstract int freeSlots();

    protected abstract boolean arm();

    protected abstract void disarm();
}
