package org.netdev4j.netdev;

/**
 * Lets calls into a queue while its device is running: one volatile read a burst. With checks on it also notices, as well as
 * plain fields can, a second thread in the same queue.
 */
final class QueueGate {
    private static final int IDLE = 0;
    private static final int OPEN = 1;
    private static final int VOID = 2;

    private final String queue;
    final int index;
    private volatile int state = IDLE;
    private boolean hasListener;
    private Thread inside;

    QueueGate(String direction, int index) {
        if (index < 0) {
            throw new IllegalArgumentException("queue index " + index + " is negative");
        }
        this.queue = direction + " queue " + index;
        this.index = index;
    }

    /** Once, when the queue is prepared. */
    void listener(boolean present) {
        hasListener = present;
    }

    void open() {
        state = OPEN;
    }

    void close() {
        state = IDLE;
    }

    /** For good: the device was configured anew or closed. */
    void invalidate() {
        state = VOID;
    }

    /** Every call that passes is followed by {@link #exit}. */
    void enter(String call) {
        if (state != OPEN) {
            throw notOpen(call);
        }
        if (Checks.ON) {
            Thread other = inside;
            if (other != null) {
                throw new IllegalStateException(call + " on " + queue + " by thread " + Thread.currentThread().getName()
                        + " while thread " + other.getName() + " is in it; a queue takes one thread at a time");
            }
            inside = Thread.currentThread();
        }
    }

    void exit() {
        if (Checks.ON) {
            inside = null;
        }
    }

    void requireListener(String call) {
        if (!hasListener) {
            throw new IllegalStateException(
                    call + " on " + queue + ", which has no listener; configure it with withInterrupt(...)");
        }
    }

    private IllegalStateException notOpen(String call) {
        return new IllegalStateException(call + " on " + queue + (state == VOID
                ? ", which is void: its device was configured anew or closed since"
                : " is illegal while its device is not RUNNING; call NetDev.start() first"));
    }
}
