package org.netdev4j.stack;

import java.util.Arrays;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.TxQueue;

/** Collects frames, hands them to the queue in one burst, and keeps a bounded number that the queue does not take yet. */
final class Transmitter {
    static final int BACKLOG = 256;

    private final TxQueue queue;
    private final StackCounters counters;
    private final NetBuf[] frames = new NetBuf[BACKLOG];
    private int count;

    Transmitter(TxQueue queue, StackCounters counters) {
        this.queue = queue;
        this.counters = counters;
    }

    /** True: taken; false: the backlog is full (counted), the frame stays the caller's. */
    boolean offer(NetBuf frame) {
        if (count == BACKLOG && flush() == 0) {
            counters.increment(StackCounter.TRANSMIT_FULL);
            return false;
        }
        frames[count++] = frame;
        return true;
    }

    /** As {@link #offer}, but the frame is freed if the backlog is full. */
    boolean send(NetBuf frame) {
        boolean taken = offer(frame);
        if (!taken) {
            frame.free();
        }
        return taken;
    }

    /** Hands over what the queue takes; returns how many frames. */
    int flush() {
        if (count == 0) {
            return 0;
        }
        int sent = queue.transmit(frames, 0, count);
        if (sent > 0) {
            int left = count - sent;
            System.arraycopy(frames, sent, frames, 0, left);
            Arrays.fill(frames, left, count, null);
            count = left;
        }
        return sent;
    }

    boolean isEmpty() {
        return count == 0;
    }

    void close() {
        NetBuf.free(frames, 0, count);
        count = 0;
    }
}
