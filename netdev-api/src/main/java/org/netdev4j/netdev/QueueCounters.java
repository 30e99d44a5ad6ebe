package org.netdev4j.netdev;

/**
 * The counters behind {@link QueueStats}: written by the one thread that uses the queue, read by any. A driver adds once a
 * burst, never once a packet.
 */
public final class QueueCounters {
    public QueueCounters() {
        throw new UnsupportedOperationException();
    }

    /** Counts a burst. */
    public void add(long packets, long bytes) {
        throw new UnsupportedOperationException();
    }

    public void empty() {
        throw new UnsupportedOperationException();
    }

    /** Called by the dispatcher's thread. */
    public void interrupt() {
        throw new UnsupportedOperationException();
    }

    public void drop(DropReason reason, long packets) {
        throw new UnsupportedOperationException();
    }

    public QueueStats snapshot() {
        throw new UnsupportedOperationException();
    }
}
