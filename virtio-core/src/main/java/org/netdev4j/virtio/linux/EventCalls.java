package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** eventfd(2), timerfd_create(2) and epoll(7). Each returns what the call returns, or a negative errno. */
final class EventCalls {
    static final int EFD_NONBLOCK = 0x800;
    static final int EFD_CLOEXEC = 0x80000;
    static final int TFD_NONBLOCK = 0x800;
    static final int TFD_CLOEXEC = 0x80000;
    static final int CLOCK_MONOTONIC = 1;
    /** {@code struct itimerspec}: interval and value, each seconds and nanoseconds of 8 bytes. */
    static final int TIMER_BYTES = 32;
    static final int EPOLL_CLOEXEC = 0x80000;
    static final int EPOLL_CTL_ADD = 1;
    static final int EPOLL_CTL_DEL = 2;
    static final int EPOLL_CTL_MOD = 3;

    private static final MethodHandle EVENTFD = Libc.bind("eventfd",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle TIMERFD_CREATE = Libc.bind("timerfd_create",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle TIMERFD_SETTIME = Libc.bind("timerfd_settime",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle EPOLL_CREATE1 = Libc.bind("epoll_create1",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle EPOLL_CTL = Libc.bind("epoll_ctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle EPOLL_WAIT = Libc.bind("epoll_wait",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));

    private EventCalls() {}

    static int eventfd(int initial, int flags) {
        CallState state = CallState.current();
        try {
            return state.result((int) EVENTFD.invokeExact(state.capture, initial, flags));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    static int timerfd(int clock, int flags) {
        CallState state = CallState.current();
        try {
            return state.result((int) TIMERFD_CREATE.invokeExact(state.capture, clock, flags));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** @param timer {@code struct itimerspec}, from now */
    static int setTimer(int fd, MemorySegment timer) {
        CallState state = CallState.current();
        try {
            return state.result((int) TIMERFD_SETTIME.invokeExact(state.capture, fd, 0, timer, MemorySegment.NULL));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    static int epollCreate(int flags) {
        CallState state = CallState.current();
        try {
            return state.result((int) EPOLL_CREATE1.invokeExact(state.capture, flags));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** @param event {@code struct epoll_event} */
    static int epollControl(int epoll, int operation, int fd, MemorySegment event) {
        CallState state = CallState.current();
        try {
            return state.result((int) EPOLL_CTL.invokeExact(state.capture, epoll, operation, fd, event));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** Not retried on EINTR: the caller knows how long it still wants to wait. */
    static int epollWait(int epoll, MemorySegment events, int maxEvents, int timeoutMillis) {
        CallState state = CallState.current();
        try {
            return state.result((int) EPOLL_WAIT.invokeExact(state.capture, epoll, events, maxEvents, timeoutMillis));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }
}
