package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A connected Unix stream socket that carries file descriptors, non-blocking. What the JDK's own cannot do: SCM_RIGHTS,
 * unix(7). One thread sends and one receives at a time; any thread closes.
 */
public final class UnixSocket implements AutoCloseable {
    /** Most descriptors in one message; Linux allows 253. */
    public static final int MAX_FDS = 64;
    /** {@link #send} and {@link #receive}: the peer has closed its end. */
    public static final int CLOSED_BY_PEER = -1;

    private final OwnedFd fd;
    private final String name;

    UnixSocket(int fd, String name) {
        this.fd = new OwnedFd(fd);
        this.name = name;
    }

    /**
     * Connects to the socket at {@code path}.
     *
     * @throws ErrnoException ENOENT if there is none, ECONNREFUSED if nobody listens, EAGAIN if its backlog is full, EACCES
     *         without the right to write to it
     * @throws IllegalArgumentException if the path is too long for a socket
     */
    public static UnixSocket connect(Path path) {
        int fd = open();
        try (Arena arena = Arena.ofConfined()) {
            ErrnoException.check("connect " + path, SocketCalls.connect(fd, UnixAddress.of(path, arena)));
            return new UnixSocket(fd, path.toString());
        } catch (RuntimeException e) {
            FileCalls.close(fd);
            throw e;
        }
    }

    /** Two sockets connected to each other. */
    public static UnixSocket[] pair() {
        Libc.requireLinux("a Unix socket");
        MemorySegment pair = CallState.current().scratch;
        ErrnoException.check("socketpair", SocketCalls.socketPair(SocketCalls.AF_UNIX,
                SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC, pair));
        return new UnixSocket[]{new UnixSocket(pair.get(JAVA_INT, 0), "first of a pair"),
            new UnixSocket(pair.get(JAVA_INT, Integer.BYTES), "second of a pair")};
    }

    static int open() {
        Libc.requireLinux("a Unix socket");
        return ErrnoException.check("socket", SocketCalls.socket(SocketCalls.AF_UNIX,
                SocketCalls.SOCK_STREAM | SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC, 0));
    }

    /** For {@link Epoll}, and to hand it to a peer; -1 once closed. */
    public int fd() {
        return fd.numberIfOpen();
    }

    /**
     * Sends what the socket takes now.
     *
     * @param data native memory, all of it
     * @param fds go with the first byte, and stay the caller's; at most {@value #MAX_FDS}
     * @return bytes sent, 0 if there is no room now, {@link #CLOSED_BY_PEER}
     * @throws ErrnoException if it failed otherwise: EBADF when closed
     */
    public int send(MemorySegment data, int... fds) {
        if (fds.length > MAX_FDS) {
            throw new IllegalArgumentException(fds.length + " file descriptors, allowed are up to " + MAX_FDS);
        }
        acquire("send");
        try (Arena arena = Arena.ofConfined()) {
            SocketMessage message = new SocketMessage(arena, data, fds.length);
            if (fds.length != 0) {
                message.attach(fds);
            }
            return bytes("send", SocketCalls.sendMessage(fd.number(), message.segment(), SocketCalls.MSG_NOSIGNAL));
        } finally {
            fd.release();
        }
    }

    /**
     * Receives what has come, and no descriptors: any that came are closed by Linux.
     *
     * @param target native memory, not empty; filled from its start
     * @return bytes received, 0 if none wait, {@link #CLOSED_BY_PEER}
     * @throws ErrnoException if it failed otherwise: EBADF when closed
     */
    public int receive(MemorySegment target) {
        acquire("receive");
        try (Arena arena = Arena.ofConfined()) {
            return receive(new SocketMessage(arena, target, 0), target);
        } finally {
            fd.release();
        }
    }

    /**
     * Receives what has come, with the descriptors that came with it.
     *
     * @param target native memory, not empty; filled from its start
     * @param maxFds descriptors there is room for; those beyond are closed by Linux
     */
    public Received receive(MemorySegment target, int maxFds) {
        acquire("receive");
        try (Arena arena = Arena.ofConfined()) {
            SocketMessage message = new SocketMessage(arena, target, maxFds);
            int bytes = receive(message, target);
            return new Received(bytes, bytes > 0
                    ? new ReceivedFds(message.received(), message.isTruncated())
                    : ReceivedFds.none());
        } finally {
            fd.release();
        }
    }

    private int receive(SocketMessage message, MemorySegment target) {
        if (target.byteSize() == 0) {
            throw new IllegalArgumentException("no room to receive into");
        }
        long result = SocketCalls.receiveMessage(fd.number(), message.segment(), SocketCalls.MSG_CMSG_CLOEXEC);
        return result == 0 ? CLOSED_BY_PEER : bytes("receive", result);
    }

    private int bytes(String call, long result) {
        if (result == -Errno.EAGAIN) {
            return 0;
        }
        if (result == -Errno.EPIPE || result == -Errno.ECONNRESET) {
            return CLOSED_BY_PEER;
        }
        return ErrnoException.check(call + " on " + name, (int) result);
    }

    /** Waits until there is something to receive, or the peer is gone. @return false when the time is up */
    public boolean awaitReadable(long timeoutNanos) {
        return await(SocketCalls.POLLIN, timeoutNanos);
    }

    /** Waits until there is room to send, or the peer is gone. @return false when the time is up */
    public boolean awaitWritable(long timeoutNanos) {
        return await(SocketCalls.POLLOUT, timeoutNanos);
    }

    /** True if the peer has closed its end, or this one is closed. */
    public boolean isHungUp() {
        return !fd.acquire() || SocketPoll.isHungUp(fd);
    }

    private boolean await(int event, long timeoutNanos) {
        acquire("poll");
        return SocketPoll.await(fd, event, timeoutNanos, "poll " + name);
    }

    private void acquire(String call) {
        if (!fd.acquire()) {
            throw new ErrnoException(call + " on " + name, Errno.EBADF);
        }
    }

    @Override
    public String toString() {
        return "socket " + name;
    }

    /** Idempotent. */
    @Override
    public void close() {
        fd.close();
    }

    /**
     * What {@link #receive(MemorySegment, int)} got.
     *
     * @param bytes received, 0 if none wait, {@link #CLOSED_BY_PEER}
     * @param fds the caller's to close
     */
    public record Received(int bytes, ReceivedFds fds) {}
}
