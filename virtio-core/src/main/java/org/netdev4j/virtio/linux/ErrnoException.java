package org.netdev4j.virtio.linux;

/** A system call failed: what was tried, on what, the errno by name, and what to do where that is known. */
public class ErrnoException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int errno;

    /**
     * @param what the call and what it was tried on, {@code "TUNSETIFF nd0"}
     * @param errno positive, see {@link Errno}
     */
    public ErrnoException(String what, int errno) {
        super(what + ": " + Errno.describe(errno));
        this.errno = errno;
    }

    /** @param advice what to do about it */
    public ErrnoException(String what, int errno, String advice) {
        super(what + ": " + Errno.describe(errno) + ": " + advice);
        this.errno = errno;
    }

    /** Positive, see {@link Errno}. */
    public int errno() {
        return errno;
    }

    /** @return {@code result} of a call that returns a negative errno on failure, if it is none */
    static int check(String what, int result) {
        if (result < 0) {
            throw new ErrnoException(what, -result);
        }
        return result;
    }
}
