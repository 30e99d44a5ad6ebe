package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Calls on Unix sockets. Each returns what the call returns, or a negative errno; EINTR is retried where that is right.
 */
final class SocketCalls {
    static final int AF_UNIX = 1;
    static final int SOCK_STREAM = 1;
    static final int SOCK_NONBLOCK = 0x800;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int SOL_SOCKET = 1;
    static final int SCM_RIGHTS = 1;
    /** Of the control data of a message a part did not fit: descriptors were lost. */
    static final int MSG_CTRUNC = 8;
    /** No SIGPIPE when the peer is gone. */
    static final int MSG_NOSIGNAL = 0x4000;
    /** Received descriptors are closed on exec. */
    static final int MSG_CMSG_CLOEXEC = 0x40000000;
    static final int POLLIN = 1;
    static final int POLLOUT = 4;
    static final int F_GETFL = 3;
    static final int F_SETFL = 4;

    private static final MethodHandle SOCKET = Libc.bind("socket",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND = Libc.bind("bind",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle LISTEN = Libc.bind("listen",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle ACCEPT4 = Libc.bind("accept4",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle CONNECT = Libc.bind("connect",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SOCKETPAIR = Libc.bind("socketpair",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle SENDMSG = Libc.bind("sendmsg",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle RECVMSG = Libc.bind("recvmsg",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle POLL = Libc.bind("poll",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle FCNTL = Libc.bindVariadic("fcntl", 2,
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

    private SocketCalls() {}

    static int socket(int domain, int type, int protocol) {
        CallState state = CallState.current();
        try {
            return state.result((int) SOCKET.invokeExact(state.capture, domain, type, protocol));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    static int bind(int fd, MemorySegment address) {
        CallState state = CallState.current();
        try {
            return state.result((int) BIND.invokeExact(state.capture, fd, address, (int) address.byteSize()));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    static int listen(int fd, int backlog) {
        CallState state = CallState.current();
        try {
            return state.result((int) LISTEN.invokeExact(state.capture, fd, backlog));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    static int accept(int fd, int flags) {
        CallState state = CallState.current();
        try {
            int result;
            do {
                result = state.result((int) ACCEPT4.invokeExact(state.capture, fd, MemorySegment.NULL,
                        MemorySegment.NULL, flags));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** Of a non-blocking socket: done at once or failed. */
    static int connect(int fd, MemorySegment address) {
        CallState state = CallState.current();
        try {
            return state.result((int) CONNECT.invokeExact(state.capture, fd, address, (int) address.byteSize()));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** @param pair receives the two descriptors, {@code int[2]} */
    static int socketPair(int domain, int type, MemorySegment pair) {
        CallState state = CallState.current();
        try {
            return state.result((int) SOCKETPAIR.invokeExact(state.capture, domain, type, 0, pair));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** @param message {@code struct msghdr} */
    static long sendMessage(int fd, MemorySegment message, int flags) {
        CallState state = CallState.current();
        try {
            long result;
            do {
                result = state.result((long) SENDMSG.invokeExact(state.capture, fd, message, flags));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** @param message {@code struct msghdr} */
    static long receiveMessage(int fd, MemorySegment message, int flags) {
        CallState state = CallState.current();
        try {
            long result;
            do {
                result = state.result((long) RECVMSG.invokeExact(state.capture, fd, message, flags));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /**
     * Not retried on EINTR: the caller knows how long it still wants to wait.
     *
     * @param descriptors {@code struct pollfd[count]}
     */
    static int poll(MemorySegment descriptors, long count, int timeoutMillis) {
        CallState state = CallState.current();
        try {
            return state.result((int) POLL.invokeExact(state.capture, descriptors, count, timeoutMillis));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    static int fcntl(int fd, int command, int argument) {
        CallState state = CallState.current();
        try {
            return state.result((int) FCNTL.invokeExact(state.capture, fd, command, argument));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }
}
