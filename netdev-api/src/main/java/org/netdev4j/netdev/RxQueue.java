package org.netdev4j.netdev;

import java.util.Objects;

import org.netdev4j.netbuf.NetBuf;

/**
 * One receive queue: packets come in bursts and belong to the caller. One thread at a time; different queues need no lock
 * between them. A driver extends this class; state and misuse are checked here, once a burst.
 */
public abstract non-sealed class RxQueue extends NetQueue {
    protected RxQueue(int index) {
        super("receive", index);
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

    /** The driver's half of {@link #receive}: arguments are checked, counting is the driver's. */
    protected abstract int receiveBurst(NetBuf[] bufs, int from, int count);
}
