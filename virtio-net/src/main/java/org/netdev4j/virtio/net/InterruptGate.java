package org.netdev4j.virtio.net;

import java.util.concurrent.atomic.AtomicInteger;

import org.netdev4j.virtio.queue.Virtqueue;

/**
 * Between a queue's thread, which arms the interrupt, and the dispatcher, which calls the listener: one call for each time it
 * was armed, none when it was not, and the ring touched by the queue's thread only.
 */
final class InterruptGate {
    private static final int DISARMED = 0;
    private static final int ARMING = 1;
    private static final int SIGNALLED_WHILE_ARMING = 2;
    private static final int ARMED = 3;

    private final AtomicInteger state = new AtomicInteger(DISARMED);
    /** Queue's thread only: the device was asked for notifications. */
    private boolean ringArmed;

    /** Queue's thread. @return false if used buffers wait already; nothing is armed then */
    boolean arm(Virtqueue ring) {
        return state.get() == ARMED || (armRing(ring) && armListener(ring));
    }

    /** Queue's thread: as {@link #arm}, for a device that is not there; a signal calls the listener all the same. */
    void armWithoutRing() {
        state.set(ARMED);
    }

    /** First half of {@link #arm}: signals are remembered from now on. */
    boolean armRing(Virtqueue ring) {
        state.set(ARMING);
        ringArmed = ring.armInterrupt();
        if (!ringArmed) {
            state.set(DISARMED);
        }
        return ringArmed;
    }

    /** Second half of {@link #arm}: signals call the listener from now on. */
    boolean armListener(Virtqueue ring) {
        while (!state.compareAndSet(ARMING, ARMED)) {
            // Signalled since: a late signal for buffers that were taken long ago, or a new one.
            state.set(ARMING);
            if (ring.hasUsed()) {
                disarm(ring);
                return false;
            }
        }
        return true;
    }

    /** Queue's thread. */
    void disarm(Virtqueue ring) {
        state.set(DISARMED);
        ring.disarmInterrupt();
        ringArmed = false;
    }

    /** Queue's thread, each burst: after the listener was called the device need not notify any more. */
    void settle(Virtqueue ring) {
        if (ringArmed && state.get() == DISARMED) {
            ring.disarmInterrupt();
            ringArmed = false;
        }
    }

    /** Dispatcher's thread: the device notified. @return true if the listener is to be called */
    boolean signalled() {
        while (true) {
            int seen = state.get();
            if (seen == ARMED) {
                if (state.compareAndSet(ARMED, DISARMED)) {
                    return true;
                }
            } else if (seen != ARMING || state.compareAndSet(ARMING, SIGNALLED_WHILE_ARMING)) {
                return false;
            }
        }
    }
}
