package org.netdev4j.virtio.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * A Unix socket that others connect to, non-blocking. A socket file that nobody listens on any more is replaced; the file is
 * removed on close unless someone else's has taken its place meanwhile. One thread accepts; any thread closes.
 */
public final class UnixListener implements AutoCloseable {
    private static final int BACKLOG = 16;

    private final OwnedFd fd;
    private final Path path;
    private final Object inode;

    private UnixListener(int fd, Path path) {
        this.fd = new OwnedFd(fd);
        this.path = path;
        inode = inode(path);
    }

    /**
     * Listens at {@code path}.
     *
     * @throws ErrnoException EADDRINUSE if someone listens there or the file is not a socket, EACCES or ENOENT if the
     *         directory does not allow it
     * @throws IllegalArgumentException if the path is too long for a socket
     */
    public static UnixListener bind(Path path) {
        int fd = UnixSocket.open();
        try (Arena arena = Arena.ofConfined()) {
            String what = "listen on " + path;
            int result = SocketCalls.bind(fd, UnixAddress.of(path, arena));
            if (result == -Errno.EADDRINUSE) {
                removeStale(path);
                result = SocketCalls.bind(fd, UnixAddress.of(path, arena));
            }
            if (result == -Errno.ENOENT) {
                throw new ErrnoException(what, Errno.ENOENT, "create the directory first");
            }
            ErrnoException.check(what, result);
            ErrnoException.check(what, SocketCalls.listen(fd, BACKLOG));
            return new UnixListener(fd, path);
        } catch (RuntimeException e) {
            FileCalls.close(fd);
            throw e;
        }
    }

    private static void removeStale(Path path) {
        String what = "listen on " + path;
        try {
            UnixSocket.connect(path).close();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ECONNREFUSED && isSocket(path)) {
                delete(path);
                return;
            }
            if (e.errno() == Errno.ECONNREFUSED) {
                throw new ErrnoException(what, Errno.EADDRINUSE, "the file is not a socket; choose another path");
            }
        }
        throw new ErrnoException(what, Errno.EADDRINUSE, "another process listens there");
    }

    private static boolean isSocket(Path path) {
        try {
            int type = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0170000;
            return type == 0140000;
        } catch (IOException e) {
            return false;
        }
    }

    private static Object inode(Path path) {
        try {
            return Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            return null;
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new ErrnoException("remove " + path, Errno.EACCES);
        }
    }

    /** For {@link Epoll}; -1 once closed. */
    public int fd() {
        return fd.numberIfOpen();
    }

    public Path path() {
        return path;
    }

    /**
     * The next connection, or null if none waits.
     *
     * @throws ErrnoException EMFILE if the process is out of file descriptors
     */
    public UnixSocket accept() {
        if (!fd.acquire()) {
            return null;
        }
        try {
            int result = SocketCalls.accept(fd.number(), SocketCalls.SOCK_NONBLOCK | SocketCalls.SOCK_CLOEXEC);
            if (result == -Errno.EAGAIN || result == -Errno.ECONNABORTED) {
                return null;
            }
            return new UnixSocket(ErrnoException.check("accept on " + path, result), path.toString());
        } finally {
            fd.release();
        }
    }

    /** Waits until a connection waits to be accepted. @return false when the time is up, or if closed */
    public boolean awaitConnection(long timeoutNanos) {
        return fd.acquire() && SocketPoll.await(fd, SocketCalls.POLLIN, timeoutNanos, "poll " + path);
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (fd.numberIfOpen() >= 0) {
            if (inode != null && inode.equals(inode(path))) {
                delete(path);
            }
            fd.close();
        }
    }
}
