package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An eventfd(2): a counter that one side adds to and the other waits for. Any thread. */
public final class EventFd implements AutoCloseable {
    private static final MemorySegment ONE = Arena.global().allocateFrom(JAVA_LONG, 1L).asReadOnly();

    private final OwnedFd fd;
    /** A peer has it too, and may let it block: it is looked at before each use. */
    private final boolean shared;

    private EventFd(int fd, boolean shared) {
        this.fd = new OwnedFd(fd);
        this.shared = shared;
    }

    /**
     * Non-blocking, closed on exec.
     *
     * @throws ErrnoException if the process is out of file descriptors
     */
    public static EventFd create() {
        return create(false);
    }

    /**
     * As {@link #create}, to be sent to a peer. O_NONBLOCK belongs to what both have open: a peer that clears it and holds the
     * counter at its limit blocks nobody here, at the price of a system call more for each use.
     *
     * @throws ErrnoException if the process is out of file descriptors
     */
    public static EventFd createShared() {
        return create(true);
    }

    private static EventFd create(boolean shared) {
        Libc.requireLinux("an eventfd");
        return new EventFd(ErrnoException.check("eventfd",
                EventCalls.eventfd(0, EventCalls.EFD_NONBLOCK | EventCalls.EFD_CLOEXEC)), shared);
    }

    /** One that a peer sent, non-blocking for now. */
    static EventFd adopt(int fd) {
        return new EventFd(fd, true);
    }

    /** For {@link Epoll}; -1 once closed. */
    public int fd() {
        return fd.numberIfOpen();
    }

    /** Adds 1: readable from now on. Nothing happens when the counter is at its limit or closed. */
    public void signal() {
        if (fd.acquire()) {
            try {
                if (mayBeUsed(SocketCalls.POLLOUT)) {
                    FileCalls.write(fd.number(), ONE, Long.BYTES);
                }
            } finally {
                fd.release();
            }
        }
    }

    /** Reads and clears the counter; 0 if it was not signalled or is closed. */
    public long drain() {
        if (!fd.acquire()) {
            return 0;
        }
        try {
            if (!mayBeUsed(SocketCalls.POLLIN)) {
                return 0;
            }
            MemorySegment counter = CallState.current().scratch;
            return FileCalls.read(fd.number(), counter, Long.BYTES) == Long.BYTES ? counter.get(JAVA_LONG, 0) : 0;
        } finally {
            fd.release();
        }
    }

    private boolean mayBeUsed(int event) {
        return !shared || SocketPoll.isReady(fd.number(), event);
    }

    /** Idempotent. */
    @Override
    public void close() {
        fd.close();
    }
}
