package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * A Linux TAP interface opened through /dev/net/tun: frames with a virtio_net_hdr in front (IFF_VNET_HDR), little-endian.
 * Non-blocking. The interface is created if it does not exist and goes away with the last descriptor unless it is
 * persistent.
 * <p>
 * One thread at a time reads, one writes; the rest is for the control path. Once the interface is deleted, reads and writes
 * return {@code -}{@link Errno#EBADFD} and epoll reports {@link Epoll#ERROR} for ever; while it is down they return
 * {@code -}{@link Errno#EIO}.
 */
public final class TapFd implements AutoCloseable {
    /** {@link #offload}: frames may come with a checksum to be completed. */
    public static final int TUN_F_CSUM = 0x01;
    public static final int TUN_F_TSO4 = 0x02;
    public static final int TUN_F_TSO6 = 0x04;
    public static final int TUN_F_TSO_ECN = 0x08;
    public static final int TUN_F_USO4 = 0x20;
    public static final int TUN_F_USO6 = 0x40;

    /** {@link #flags}: set up by its administrator. */
    public static final int IFF_UP = 0x01;
    /** {@link #flags}: up, and with a carrier. */
    public static final int IFF_RUNNING = 0x40;

    static final String BECOME_ROOT = "run as root or give CAP_NET_ADMIN";

    private static final String DEVICE = "/dev/net/tun";
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final long TUNSETVNETHDRSZ = 0x400454d8L;
    private static final long TUNSETQUEUE = 0x400454d9L;
    private static final int IFF_TAP = 0x0002;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int IFF_MULTI_QUEUE = 0x0100;
    private static final int IFF_ATTACH_QUEUE = 0x0200;
    private static final int IFF_DETACH_QUEUE = 0x0400;

    private final OwnedFd fd;
    private final String interfaceName;

    private TapFd(int fd, String interfaceName) {
        this.fd = new OwnedFd(fd);
        this.interfaceName = interfaceName;
    }

    /**
     * Opens or creates the interface, with one queue and no offload accepted.
     *
     * @param interfaceName 1..15 bytes; with {@code %d} in it Linux puts the first free number there
     * @param vnetHeaderLength 10 or 12, bytes; 0: frames come and go without a header
     * @throws ErrnoException naming the step: opening /dev/net/tun (permission, no such device), TUNSETIFF (busy), ...
     * @throws IllegalArgumentException if no interface can have that name
     */
    public static TapFd open(String interfaceName, int vnetHeaderLength) {
        return open(interfaceName, vnetHeaderLength, 0);
    }

    /** As {@link #open}, for an interface with several queues: each call opens one more. */
    public static TapFd openQueue(String interfaceName, int vnetHeaderLength) {
        return open(interfaceName, vnetHeaderLength, IFF_MULTI_QUEUE);
    }

    private static TapFd open(String interfaceName, int vnetHeaderLength, int flags) {
        InterfaceRequest.checkName(interfaceName);
        if (vnetHeaderLength != 0 && vnetHeaderLength != 10 && vnetHeaderLength != 12) {
            throw new IllegalArgumentException(
                    "virtio_net_hdr of " + vnetHeaderLength + " bytes, allowed are 10 and 12, or 0 for none");
        }
        Libc.requireLinux("a TAP");
        int fd = FileCalls.open(DEVICE, FileCalls.O_RDWR | FileCalls.O_NONBLOCK | FileCalls.O_CLOEXEC);
        if (fd < 0) {
            throw openFailed(-fd);
        }
        try {
            String name = attach(fd, interfaceName, vnetHeaderLength == 0 ? flags : flags | IFF_VNET_HDR);
            if (vnetHeaderLength != 0) {
                MemorySegment header = CallState.current().scratch;
                header.set(JAVA_INT, 0, vnetHeaderLength);
                ErrnoException.check("TUNSETVNETHDRSZ " + name, FileCalls.ioctl(fd, TUNSETVNETHDRSZ, header));
            }
            ErrnoException.check("TUNSETOFFLOAD " + name, FileCalls.ioctl(fd, TUNSETOFFLOAD, 0L));
            return new TapFd(fd, name);
        } catch (RuntimeException e) {
            FileCalls.close(fd);
            throw e;
        }
    }

    private static ErrnoException openFailed(int errno) {
        String what = "open " + DEVICE;
        return switch (errno) {
            case Errno.EACCES, Errno.EPERM -> new ErrnoException(what, errno, BECOME_ROOT);
            case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO -> new ErrnoException(what, errno,
                    "load the kernel module (modprobe tun), or give the container the device");
            default -> new ErrnoException(what, errno);
        };
    }

    private static String attach(int fd, String interfaceName, int flags) {
        MemorySegment request = InterfaceRequest.named(interfaceName);
        request.set(JAVA_SHORT, InterfaceRequest.NAME_BYTES, (short) (IFF_TAP | IFF_NO_PI | flags));
        int result = FileCalls.ioctl(fd, TUNSETIFF, request);
        String what = "TUNSETIFF " + interfaceName;
        return switch (-result) {
            case Errno.EBUSY -> throw new ErrnoException(what, Errno.EBUSY, "another process has it open");
            case Errno.EPERM -> throw new ErrnoException(what, Errno.EPERM, BECOME_ROOT + ", or own the interface");
            case Errno.EINVAL -> throw new ErrnoException(what, Errno.EINVAL,
                    "an interface of that name exists and is no TAP, or has "
                            + ((flags & IFF_MULTI_QUEUE) == 0 ? "several queues" : "one queue only"));
            default -> {
                ErrnoException.check(what, result);
                yield request.getString(0);
            }
        };
    }

    /** For {@link Epoll}; -1 once closed. */
    public int fd() {
        return fd.numberIfOpen();
    }

    /** The name it had when it was opened. */
    public String interfaceName() {
        return interfaceName;
    }

    /**
     * TUNSETQUEUE: the kernel uses this queue, or not; it begins in use.
     *
     * @return false if the kernel refuses
     */
    public boolean use(boolean inUse) {
        if (!fd.acquire()) {
            throw new IllegalStateException("TAP " + interfaceName + " is closed");
        }
        try {
            MemorySegment request = InterfaceRequest.named(interfaceName);
            request.set(JAVA_SHORT, InterfaceRequest.NAME_BYTES,
                    (short) (inUse ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE));
            return FileCalls.ioctl(fd.number(), TUNSETQUEUE, request) == 0;
        } finally {
            fd.release();
        }
    }

    /** TUNSETOFFLOAD: TUN_F_* bits the reader accepts. @return false if the kernel refuses the combination */
    public boolean offload(int tunFlags) {
        if (!fd.acquire()) {
            throw new IllegalStateException("TAP " + interfaceName + " is closed");
        }
        int result;
        try {
            result = FileCalls.ioctl(fd.number(), TUNSETOFFLOAD, (long) tunFlags);
        } finally {
            fd.release();
        }
        if (result == -Errno.EINVAL) {
            return false;
        }
        ErrnoException.check("TUNSETOFFLOAD " + interfaceName, result);
        return true;
    }

    /**
     * Reads one frame with its header into several pieces of memory; what does not fit is lost.
     *
     * @return bytes read, 0 if none waits, or a negative errno
     */
    public int read(IoVector pieces) {
        if (!fd.acquire()) {
            return -Errno.EBADF;
        }
        try {
            return bytes(FileCalls.readv(fd.number(), pieces.pieces(), pieces.size()));
        } finally {
            fd.release();
        }
    }

    /** Writes one frame with its header. @return bytes written, 0 if the kernel's queue is full, or a negative errno */
    public int write(IoVector pieces) {
        if (!fd.acquire()) {
            return -Errno.EBADF;
        }
        try {
            return bytes(FileCalls.writev(fd.number(), pieces.pieces(), pieces.size()));
        } finally {
            fd.release();
        }
    }

    private static int bytes(long result) {
        return result == -Errno.EAGAIN ? 0 : (int) result;
    }

    /**
     * Sets the interface up; Linux sends and takes frames from then on.
     *
     * @throws ErrnoException EPERM without CAP_NET_ADMIN, ENODEV if it is gone from this network namespace
     */
    public void up() {
        int flags = flags();
        if ((flags & IFF_UP) == 0) {
            InterfaceRequest.flags(interfaceName, flags | IFF_UP);
        }
    }

    /** {@link #IFF_UP}, {@link #IFF_RUNNING} and the others of netdevice(7). */
    public int flags() {
        return InterfaceRequest.flags(interfaceName);
    }

    /** Of the interface, without the Ethernet header, bytes. */
    public int mtu() {
        return InterfaceRequest.mtu(interfaceName);
    }

    /** @throws ErrnoException EINVAL if Linux does not allow that MTU, EPERM without CAP_NET_ADMIN */
    public void mtu(int mtu) {
        InterfaceRequest.mtu(interfaceName, mtu);
    }

    /** The six bytes of the hardware address of the kernel's end. */
    public byte[] hardwareAddress() {
        return InterfaceRequest.hardwareAddress(interfaceName);
    }

    /** Idempotent. */
    @Override
    public void close() {
        fd.close();
    }
}
