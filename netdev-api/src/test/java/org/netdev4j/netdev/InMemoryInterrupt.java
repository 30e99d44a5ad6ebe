package org.netdev4j.netdev;

import java.util.concurrent.Executor;

/** What wakes the user of one queue: armed by the queue, raised by the device, one call of the listener each time. */
final class InMemoryInterrupt {
    private final Executor dispatcher;
    private final Runnable call;
    private boolean armed;

    InMemoryInterrupt(int queueIndex, QueueListener listener, Executor dispatcher, QueueCounters counters) {
        this.dispatcher = dispatcher;
        call = () -> {
            counters.interrupt();
            listener.onInterrupt(queueIndex);
        };
    }

    /** @param waiting whether the queue has something for its user already */
    synchronized boolean arm(boolean waiting) {
        armed = !waiting;
        return armed;
    }

    synchronized void disarm() {
        armed = false;
    }

    /** From any thread. */
    synchronized void raise() {
        if (armed) {
            armed = false;
            dispatcher.execute(call);
        }
    }
}
