package org.netdev4j.virtio.linux;

/** An eventfd(2): a counter that one side adds to and the other waits for. Any thread. */
public final class EventFd implements AutoCloseable {
    private EventFd() {}

    /** Non-blocking, closed on exec. */
    public static EventFd create() {
        throw new UnsupportedOperationException();
    }

    public int fd() {
        throw new UnsupportedOperationException();
    }

    /** Adds 1: readable from now on. */
    public void signal() {
        throw new UnsupportedOperationException();
    }

    /** Reads and clears the counter; 0 if it was not signalled. */
    public long drain() {
        throw new UnsupportedOperationException();
    }

    /** Idempotent. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
