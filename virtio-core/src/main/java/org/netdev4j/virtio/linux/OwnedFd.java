package org.netdev4j.virtio.linux;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A file descriptor that is closed once, and not while a call uses it: a number that is closed under a caller may belong to
 * another file by the time the kernel sees it. Any thread.
 */
final class OwnedFd {
    private static final VarHandle USERS;
    private static final int CLOSED = Integer.MIN_VALUE;

    static {
        try {
            USERS = MethodHandles.lookup().findVarHandle(OwnedFd.class, "users", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int fd;
    /** Calls under way, and {@link #CLOSED}. */
    private volatile int users;

    OwnedFd(int fd) {
        this.fd = fd;
    }

    /** The number; only between {@link #acquire} and {@link #release} is it sure to be this file. */
    int number() {
        return fd;
    }

    /** The number for others, -1 once closed. */
    int numberIfOpen() {
        return users < 0 ? -1 : fd;
    }

    /** @return false if closed; else {@link #release} must follow */
    boolean acquire() {
        int seen;
        do {
            seen = users;
            if (seen < 0) {
                return false;
            }
        } while (!USERS.compareAndSet(this, seen, seen + 1));
        return true;
    }

    void release() {
        if ((int) USERS.getAndAdd(this, -1) == CLOSED + 1) {
            FileCalls.close(fd);
        }
    }

    /** Closes now, or with the last call under way. Idempotent. */
    void close() {
        if ((int) USERS.getAndBitwiseOr(this, CLOSED) == 0) {
            FileCalls.close(fd);
        }
    }
}
