package org.netdev4j.virtio.net.backend;

import org.netdev4j.virtio.net.device.CounterSet;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.Verdict;

/** Frames that wait for a receiver in this process: delivered in order, kept while it has no room. */
final class DeliveryQueue implements AutoCloseable {
    /** Room for waiting frames: about 2,700 of 1514 bytes, 63 of the largest. */
    static final int BYTES = 1 << 22;
    /** Most frames that wait, however short. */
    static final int MAX_FRAMES = 10_000;
    /** Most frames delivered before others have their turn. */
    static final int BUDGET = 64;

    private final FrameRing ring;
    private final CounterSet<DeliveryCounter> counters;
    private FrameReceiver receiver;
    private boolean blocked;
    private boolean delivering;
    private int frames;

    DeliveryQueue(String name, CounterSet<DeliveryCounter> counters) {
        ring = new FrameRing(name, BYTES);
        this.counters = counters;
    }

    void attach(FrameReceiver to) {
        receiver = to;
    }

    boolean isEmpty() {
        return ring.isEmpty();
    }

    /** True if {@link #deliver} may move something. */
    boolean isDeliverable() {
        return !blocked && !ring.isEmpty();
    }

    /**
     * Delivers {@code frame} as it is, if the receiver has room for it behind all that waits. Not from within a delivery, wherever
     * that leads: what comes then waits its turn.
     *
     * @return false if it has to be queued
     */
    boolean passOn(Frame frame) {
        if (!ring.isEmpty()) {
            deliver();
        }
        if (delivering || blocked || !ring.isEmpty()) {
            return false;
        }
        delivering = true;
        try {
            blocked = receiver.receive(frame) == Verdict.BUSY;
        } finally {
            delivering = false;
        }
        return !blocked;
    }

    /** Queues a copy. @return false if the queue is full */
    boolean add(Frame frame) {
        if (frames == MAX_FRAMES || !ring.add(frame)) {
            return false;
        }
        frames++;
        counters.increment(DeliveryCounter.QUEUED);
        return true;
    }

    /**
     * Delivers up to {@link #BUDGET} frames until the receiver is busy; nothing if it is delivering already.
     *
     * @return frames that left the queue
     */
    int deliver() {
        if (delivering) {
            return 0;
        }
        delivering = true;
        try {
            return deliverInOrder();
        } finally {
            delivering = false;
        }
    }

    private int deliverInOrder() {
        int done = 0;
        while (!blocked && done < BUDGET) {
            Frame frame = ring.peek();
            if (frame == null) {
                break;
            }
            if (receiver.receive(frame) == Verdict.BUSY) {
                blocked = true;
            } else {
                ring.remove();
                frames--;
                done++;
            }
        }
        return done;
    }

    void resume() {
        blocked = false;
    }

    /** The receiver was reset: what waits is not for whoever comes next. */
    void clear() {
        while (ring.peek() != null) {
            ring.remove();
            counters.increment(DeliveryCounter.DROP_RESET);
        }
        frames = 0;
        blocked = false;
    }

    @Override
    public void close() {
        ring.close();
    }
}
