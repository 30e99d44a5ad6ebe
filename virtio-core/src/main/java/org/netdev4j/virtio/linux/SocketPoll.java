package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/** Waits for one descriptor, a socket mostly, with poll(2). */
final class SocketPoll {
    private SocketPoll() {}

    /**
     * Waits, and releases {@code fd}, which the caller has acquired. Looks once however little time there is.
     *
     * @param event POLLIN or POLLOUT; the end of the peer ends the wait too
     * @return false when the time is up
     */
    static boolean await(OwnedFd fd, int event, long timeoutNanos, String what) {
        try {
            long start = System.nanoTime();
            long left = timeoutNanos;
            do {
                MemorySegment descriptor = CallState.current().scratch;
                descriptor.set(JAVA_INT, 0, fd.number());
                descriptor.set(JAVA_SHORT, Integer.BYTES, (short) event);
                int result = SocketCalls.poll(descriptor, 1, roundUpToMillis(left));
                if (result > 0) {
                    return true;
                }
                if (result != -Errno.EINTR) {
                    ErrnoException.check(what, result);
                }
                left = timeoutNanos - (System.nanoTime() - start);
            } while (left > 0);
            return false;
        } finally {
            fd.release();
        }
    }

    /** Looks without waiting, and releases {@code fd}, which the caller has acquired. */
    static boolean isHungUp(OwnedFd fd) {
        try {
            return isReady(fd.number(), 0);
        } finally {
            fd.release();
        }
    }

    /** Looks without waiting: true if {@code event} is there, an error, or the end of the peer. */
    static boolean isReady(int fd, int event) {
        MemorySegment descriptor = CallState.current().scratch;
        descriptor.set(JAVA_INT, 0, fd);
        descriptor.set(JAVA_SHORT, Integer.BYTES, (short) event);
        return SocketCalls.poll(descriptor, 1, 0) > 0;
    }

    private static int roundUpToMillis(long nanos) {
        return nanos <= 0 ? 0 : (int) Math.min(TimeUnit.NANOSECONDS.toMillis(nanos) + 1, Integer.MAX_VALUE);
    }
}
