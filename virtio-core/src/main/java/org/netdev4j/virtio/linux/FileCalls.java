package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Calls on file descriptors. Each returns what the call returns, or a negative errno; EINTR is retried where that is right. */
final class FileCalls {
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;

    private static final MethodHandle OPEN = Libc.bindVariadic("open", 2,
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle CLOSE = Libc.bind("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle READ = Libc.bind("read",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle WRITE = Libc.bind("write",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle READV = Libc.bind("readv",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle WRITEV = Libc.bind("writev",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle IOCTL_POINTER = Libc.bindVariadic("ioctl", 2,
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    private static final MethodHandle IOCTL_VALUE = Libc.bindVariadic("ioctl", 2,
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

    private FileCalls() {}

    static int open(String path, int flags) {
        CallState state = CallState.current();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            int result;
            do {
                result = state.result((int) OPEN.invokeExact(state.capture, name, flags));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** Not retried: Linux has released the descriptor even when it answers EINTR. */
    static int close(int fd) {
        CallState state = CallState.current();
        try {
            return state.result((int) CLOSE.invokeExact(state.capture, fd));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    static long read(int fd, MemorySegment target, long bytes) {
        CallState state = CallState.current();
        try {
            long result;
            do {
                result = state.result((long) READ.invokeExact(state.capture, fd, target, bytes));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    static long write(int fd, MemorySegment source, long bytes) {
        CallState state = CallState.current();
        try {
            long result;
            do {
                result = state.result((long) WRITE.invokeExact(state.capture, fd, source, bytes));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** @param pieces {@code struct iovec[count]} */
    static long readv(int fd, MemorySegment pieces, int count) {
        CallState state = CallState.current();
        try {
            long result;
            do {
                result = state.result((long) READV.invokeExact(state.capture, fd, pieces, count));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** @param pieces {@code struct iovec[count]} */
    static long writev(int fd, MemorySegment pieces, int count) {
        CallState state = CallState.current();
        try {
            long result;
            do {
                result = state.result((long) WRITEV.invokeExact(state.capture, fd, pieces, count));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** For requests whose argument is a pointer. */
    static int ioctl(int fd, long request, MemorySegment argument) {
        CallState state = CallState.current();
        try {
            return state.result((int) IOCTL_POINTER.invokeExact(state.capture, fd, request, argument));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** For requests whose argument is the value itself. */
    static int ioctl(int fd, long request, long argument) {
        CallState state = CallState.current();
        try {
            return state.result((int) IOCTL_VALUE.invokeExact(state.capture, fd, request, argument));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }
}
