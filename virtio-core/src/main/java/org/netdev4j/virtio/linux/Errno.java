package org.netdev4j.virtio.linux;

/** Error numbers of Linux system calls, positive, as on x86-64 and aarch64. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int ENOSPC = 28;
    public static final int EPIPE = 32;
    public static final int ENOSYS = 38;
    public static final int EBADFD = 77;
    public static final int EMSGSIZE = 90;
    public static final int EOPNOTSUPP = 95;
    public static final int EADDRINUSE = 98;
    public static final int ENETDOWN = 100;
    public static final int ECONNABORTED = 103;
    public static final int ECONNRESET = 104;
    public static final int ENOBUFS = 105;
    public static final int ECONNREFUSED = 111;

    private Errno() {}

    /** The symbol, {@code "EACCES"}; {@code "errno 131"} for one that netdev4j does not know. */
    public static String name(int errno) {
        String known = describe(errno);
        int space = known.indexOf(" (");
        return space < 0 ? known : known.substring(0, space);
    }

    /** The symbol and what it means, {@code "EACCES (permission denied)"}. */
    public static String describe(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM (operation not permitted)";
            case ENOENT -> "ENOENT (no such file or entry)";
            case EINTR -> "EINTR (interrupted)";
            case EIO -> "EIO (input/output error)";
            case ENXIO -> "ENXIO (no such device or address)";
            case EBADF -> "EBADF (bad file descriptor)";
            case EAGAIN -> "EAGAIN (try again)";
            case ENOMEM -> "ENOMEM (out of memory)";
            case EACCES -> "EACCES (permission denied)";
            case EFAULT -> "EFAULT (bad address)";
            case EBUSY -> "EBUSY (in use)";
            case EEXIST -> "EEXIST (exists already)";
            case ENODEV -> "ENODEV (no such device)";
            case EINVAL -> "EINVAL (invalid argument)";
            case ENFILE -> "ENFILE (too many open files in the system)";
            case EMFILE -> "EMFILE (too many open files in the process)";
            case ENOTTY -> "ENOTTY (request does not fit the device)";
            case ENOSPC -> "ENOSPC (no space left)";
            case EPIPE -> "EPIPE (nobody reads)";
            case ENOSYS -> "ENOSYS (not in this kernel)";
            case EBADFD -> "EBADFD (file descriptor in bad state)";
            case EMSGSIZE -> "EMSGSIZE (message too long)";
            case EOPNOTSUPP -> "EOPNOTSUPP (operation not supported)";
            case EADDRINUSE -> "EADDRINUSE (address in use)";
            case ENETDOWN -> "ENETDOWN (network is down)";
            case ECONNABORTED -> "ECONNABORTED (the peer gave up)";
            case ECONNRESET -> "ECONNRESET (the peer is gone)";
            case ENOBUFS -> "ENOBUFS (no buffer space)";
            case ECONNREFUSED -> "ECONNREFUSED (nobody listens)";
            default -> "errno " + errno;
        };
    }
}
