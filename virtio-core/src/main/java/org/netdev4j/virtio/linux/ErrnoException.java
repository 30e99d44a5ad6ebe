package org.netdev4j.virtio.linux;

/** A system call failed: what was tried, on what, the errno by name, and what to do where that is known. */
public class ErrnoException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int errno;

    public ErrnoException(String what, int errno) {
        super(what + ": errno " + errno);
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }
}
