package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An epoll(7) instance, level-triggered. One thread waits; any thread adds and removes. */
public final class Epoll implements AutoCloseable {
    public static final int READABLE = 1;
    public static final int WRITABLE = 4;
    /** Reported without being asked for. */
    public static final int ERROR = 8;
    /** Reported without being asked for. */
    public static final int HANG_UP = 16;

    /** Most events one {@link #await} returns; the others come with the next. */
    private static final int MAX_EVENTS = 64;
    /** {@code struct epoll_event} is packed on x86-64 and nowhere else. */
    private static final int EVENT_BYTES = Libc.X86_64 ? 12 : 16;
    private static final int TOKEN_OFFSET = Libc.X86_64 ? 4 : 8;

    private final OwnedFd fd;
    private final MemorySegment ready = Arena.ofAuto().allocate((long) MAX_EVENTS * EVENT_BYTES, Long.BYTES);
    private int readyCount;

    private Epoll(int fd) {
        this.fd = new OwnedFd(fd);
    }

    /** @throws ErrnoException if the process is out of file descriptors */
    public static Epoll create() {
        Libc.requireLinux("epoll");
        return new Epoll(ErrnoException.check("epoll_create1", EventCalls.epollCreate(EventCalls.EPOLL_CLOEXEC)));
    }

    /**
     * Watches {@code fd}.
     *
     * @param events {@link #READABLE}, {@link #WRITABLE}, both, or 0 for errors only
     * @param token handed back by {@link #token(int)}
     * @throws ErrnoException EEXIST if it is watched already, EPERM if the file cannot be waited for
     */
    public void add(int fd, int events, long token) {
        control("add", EventCalls.EPOLL_CTL_ADD, fd, events, token);
    }

    /** @throws ErrnoException ENOENT if {@code fd} is not watched */
    public void change(int fd, int events, long token) {
        control("change", EventCalls.EPOLL_CTL_MOD, fd, events, token);
    }

    /** @throws ErrnoException ENOENT if {@code fd} is not watched, EBADF if it is closed */
    public void remove(int fd) {
        control("remove", EventCalls.EPOLL_CTL_DEL, fd, 0, 0);
    }

    private void control(String what, int operation, int target, int events, long token) {
        MemorySegment event = CallState.current().scratch;
        event.set(JAVA_INT_UNALIGNED, 0, events);
        event.set(JAVA_LONG_UNALIGNED, TOKEN_OFFSET, token);
        if (!fd.acquire()) {
            throw new IllegalStateException("epoll is closed");
        }
        int result;
        try {
            result = EventCalls.epollControl(fd.number(), operation, target, event);
        } finally {
            fd.release();
        }
        ErrnoException.check("epoll " + what + " fd " + target, result);
    }

    /**
     * Waits for events.
     *
     * @param timeoutMillis -1 for ever, 0 not at all
     * @return number of events, 0 on time-out or signal; {@link #token(int)} and {@link #events(int)} tell which
     */
    public int await(int timeoutMillis) {
        if (!fd.acquire()) {
            throw new IllegalStateException("epoll is closed");
        }
        int result;
        try {
            result = EventCalls.epollWait(fd.number(), ready, MAX_EVENTS, timeoutMillis);
        } finally {
            fd.release();
        }
        readyCount = result == -Errno.EINTR ? 0 : ErrnoException.check("epoll_wait", result);
        return readyCount;
    }

    /** The token of event {@code i} of the last {@link #await}. */
    public long token(int i) {
        return ready.get(JAVA_LONG_UNALIGNED, offset(i) + TOKEN_OFFSET);
    }

    /** What happened: {@link #READABLE}, {@link #WRITABLE}, {@link #ERROR}, {@link #HANG_UP}. */
    public int events(int i) {
        return ready.get(JAVA_INT_UNALIGNED, offset(i));
    }

    private long offset(int i) {
        if (i < 0 || i >= readyCount) {
            throw new IndexOutOfBoundsException("event " + i + " of " + readyCount);
        }
        return (long) i * EVENT_BYTES;
    }

    /** Idempotent. A thread that waits is not woken: wake it first. */
    @Override
    public void close() {
        fd.close();
    }
}
