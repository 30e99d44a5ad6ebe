package org.netdev4j.virtio.linux;

/** An epoll(7) instance, level-triggered. One thread waits; any thread adds and removes. */
public final class Epoll implements AutoCloseable {
    public static final int READABLE = 1;
    public static final int WRITABLE = 4;
    public static final int ERROR = 8;
    public static final int HANG_UP = 16;

    private Epoll() {}

    public static Epoll create() {
        throw new UnsupportedOperationException();
    }

    /**
     * Watches {@code fd}.
     *
     * @param events {@link #READABLE}, {@link #WRITABLE} or both
     * @param token handed back by {@link #token(int)}
     */
    public void add(int fd, int events, long token) {
        throw new UnsupportedOperationException();
    }

    public void change(int fd, int events, long token) {
        throw new UnsupportedOperationException();
    }

    public void remove(int fd) {
        throw new UnsupportedOperationException();
    }

    /**
     * Waits for events.
     *
     * @param timeoutMillis -1 for ever, 0 not at all
     * @return number of events, 0 on time-out or signal; {@link #token(int)} and {@link #events(int)} tell which
     */
    public int await(int timeoutMillis) {
        throw new UnsupportedOperationException();
    }

    public long token(int i) {
        throw new UnsupportedOperationException();
    }

    public int events(int i) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
