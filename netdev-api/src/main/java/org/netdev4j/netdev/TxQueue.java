package org.netdev4j.netdev;

import java.util.Objects;

import org.netdev4j.netbuf.NetBuf;

/**
 * One transmit queue: packets go in bursts. One thread at a time; different queues need no lock between them. A driver
 * extends this class; state and misuse are checked here, once a burst.
 */
public abstract non-sealed class TxQueue extends NetQueue {
    private final NetBuf[] single = new NetBuf[1];

    protected TxQueue(int index) {
        super("transmit", index);
    }

    /**
     * Hands over packets {@code bufs[from..from+count)} in order, as many as fit.
     *
     * @return packets taken: those slots are nulled and belong to the device; the rest stay the caller's, unchanged. A packet
     *     that can never be sent (too many pieces, unreachable memory) is taken, freed and counted as a drop
     * @throws IllegalStateException if the device is not RUNNING
     * @throws NullPointerException if a slot is null; nothing is sent then
     */
    public final int transmit(NetBuf[] bufs, int from, int count) {
        Objects.checkFromIndexSize(from, count, bufs.length);
        if (Checks.ON) {
            requirePackets(bufs, from, from + count);
        }
        gate.enter("transmit");
        try {
            return transmitBurst(bufs, from, count);
        } finally {
            gate.exit();
        }
    }

    /** As {@link #transmit(NetBuf[], int, int)}, for one packet: true if it was taken. */
    public final boolean transmit(NetBuf packet) {
        Objects.requireNonNull(packet, "packet");
        gate.enter("transmit");
        try {
            single[0] = packet;
            return transmitBurst(single, 0, 1) == 1;
        } finally {
            single[0] = null;
            gate.exit();
        }
    }

    /**
     * Frees packets the device is done with; transmit does so by itself when it needs room, so this is for senders that go
     * quiet.
     *
     * @return packets freed
     * @throws IllegalStateException if the device is not RUNNING
     */
    public final int reclaim() {
        gate.enter("reclaim");
        try {
            return reclaimCompleted();
        } finally {
            gate.exit();
        }
    }

    /**
     * Packets in one piece that the queue takes now without reclaiming.
     *
     * @throws IllegalStateException if the device is not RUNNING
     */
    public final int space() {
        gate.enter("space");
        try {
            return freeSlots();
        } finally {
            gate.exit();
        }
    }

    /**
     * Pieces of a packet that the device takes as they are, or {@link Integer#MAX_VALUE}; a packet in more is copied into
     * fewer. From any thread, in any state.
     */
    public int maxSegments() {
        return Integer.MAX_VALUE;
    }

    /** The driver's half of {@link #transmit}: arguments are checked, nulling slots and counting are the driver's. */
    protected abstract int transmitBurst(NetBuf[] bufs, int from, int count);

    /** The driver's half of {@link #reclaim}. */
    protected abstract int reclaimCompleted();

    /** The driver's half of {@link #space}. */
    protected abstract int freeSlots();

    private static void requirePackets(NetBuf[] bufs, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bufs[i] == null) {
                throw new NullPointerException("bufs[" + i + "] holds no packet");
            }
        }
    }
}
