package org.netdev4j.virtio.linux;

import java.util.Objects;

/**
 * File descriptors that came with a message. What is not taken is closed with it, so that a peer which sends descriptors
 * nobody asked for cannot fill this process's table. One thread.
 */
public final class ReceivedFds implements AutoCloseable {
    private static final int TAKEN = -1;

    private final int[] fds;
    private final boolean truncated;

    ReceivedFds(int[] fds, boolean truncated) {
        this.fds = fds;
        this.truncated = truncated;
    }

    /** None. */
    public static ReceivedFds none() {
        return new ReceivedFds(new int[0], false);
    }

    /** Descriptors that came, taken or not. */
    public int count() {
        return fds.length;
    }

    /** True if there were more than the receiver had room for: Linux closed the rest. */
    public boolean isTruncated() {
        return truncated;
    }

    /** Number {@code i}, to look at, to map: it stays this object's and is closed with it. */
    public int number(int i) {
        requireThere(i);
        return fds[i];
    }

    /**
     * Number {@code i} as an eventfd, made non-blocking; the caller's to close.
     *
     * @throws ErrnoException if it cannot be made non-blocking
     */
    public EventFd takeEventFd(int i) {
        requireThere(i);
        setNonBlocking(fds[i]);
        return EventFd.adopt(take(i));
    }

    /**
     * Number {@code i} as a connected Unix socket, made non-blocking; the caller's to close.
     *
     * @throws ErrnoException if it cannot be made non-blocking
     */
    public UnixSocket takeSocket(int i) {
        requireThere(i);
        setNonBlocking(fds[i]);
        return new UnixSocket(take(i), "socket received from the peer");
    }

    private int take(int i) {
        int fd = fds[i];
        fds[i] = TAKEN;
        return fd;
    }

    private void requireThere(int i) {
        Objects.checkIndex(i, fds.length);
        if (fds[i] == TAKEN) {
            throw new IllegalStateException("file descriptor " + i + " of the message is taken or closed");
        }
    }

    private static void setNonBlocking(int fd) {
        int flags = ErrnoException.check("F_GETFL", SocketCalls.fcntl(fd, SocketCalls.F_GETFL, 0));
        ErrnoException.check("F_SETFL",
                SocketCalls.fcntl(fd, SocketCalls.F_SETFL, flags | SocketCalls.SOCK_NONBLOCK));
    }

    /** Closes what was not taken. Idempotent. */
    @Override
    public void close() {
        for (int i = 0; i < fds.length; i++) {
            if (fds[i] != TAKEN) {
                FileCalls.close(take(i));
            }
        }
    }
}
