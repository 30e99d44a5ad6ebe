package org.netdev4j.virtio.net.backend;

import org.netdev4j.virtio.net.device.CounterSet;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.Verdict;

/** Frames that wait for a receiver in this process: delivered in order, kept while it has no room. */
final class DeliveryQueue implements AutoCloseable {
    /** Room for waiting frames: about 680 of 1514 bytes, 10,000 of the shortest. */
    static final int BYTES = 1 << 20;
    /** Most frames delivered before others have their turn. */
    static final int BUDGET = 64;

    private final FrameRing ring;
    private final CounterSet<DeliveryCounter> counters;
    private FrameReceiver receiver;
    private boolean blocked;

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

    /** Queues a copy. @return false if the queue is full */
    boolean add(Frame frame) {
        if (!ring.add(frame)) {
            return false;
        }
        counters.increment(DeliveryCounter.QUEUED);
        return true;
    }

    /** Delivers up to {@link #BUDGET} frames until the receiver is busy. @return frames that left the queue */
    int deliver() {
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
                done++;
            }
        }
        return done;
    }

    /** The receiver is busy: nothing is offered until {@link #resume()}. */
    void block() {
        blocked = true;
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
        blocked = false;
    }

    @Override
    public void close() {
        ring.close();
    }
}
