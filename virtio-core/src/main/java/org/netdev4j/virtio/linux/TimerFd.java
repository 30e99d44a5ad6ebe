package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A timerfd_create(2): readable once its time is up, so that an epoll loop can wait for a time. Any thread. */
public final class TimerFd implements AutoCloseable {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final OwnedFd fd;

    private TimerFd(int fd) {
        this.fd = new OwnedFd(fd);
    }

    /**
     * Not set; non-blocking, closed on exec.
     *
     * @throws ErrnoException if the process is out of file descriptors
     */
    public static TimerFd create() {
        Libc.requireLinux("a timer");
        return new TimerFd(ErrnoException.check("timerfd_create", EventCalls.timerfd(EventCalls.CLOCK_MONOTONIC,
                EventCalls.TFD_NONBLOCK | EventCalls.TFD_CLOEXEC)));
    }

    /** For {@link Epoll}; -1 once closed. */
    public int fd() {
        return fd.numberIfOpen();
    }

    /**
     * Expires once, {@code nanos} from now, whatever it was set to before. Nothing happens once closed.
     *
     * @param nanos at least 1
     */
    public void set(long nanos) {
        if (nanos <= 0) {
            throw new IllegalArgumentException("a timer of " + nanos + " ns");
        }
        if (fd.acquire()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment timer = arena.allocate(EventCalls.TIMER_BYTES, Long.BYTES);
                timer.setAtIndex(JAVA_LONG, 2, nanos / NANOS_PER_SECOND);
                timer.setAtIndex(JAVA_LONG, 3, nanos % NANOS_PER_SECOND);
                ErrnoException.check("timerfd_settime", EventCalls.setTimer(fd.number(), timer));
            } finally {
                fd.release();
            }
        }
    }

    /** True if it expired since the last call: not readable from now on. */
    public boolean drain() {
        if (!fd.acquire()) {
            return false;
        }
        try {
            return FileCalls.read(fd.number(), CallState.current().scratch, Long.BYTES) == Long.BYTES;
        } finally {
            fd.release();
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        fd.close();
    }
}
