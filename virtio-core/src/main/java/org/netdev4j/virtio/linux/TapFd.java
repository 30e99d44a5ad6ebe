package org.netdev4j.virtio.linux;

import java.lang.foreign.MemorySegment;

/**
 * A Linux TAP interface opened through /dev/net/tun: frames with a virtio_net_hdr in front (IFF_VNET_HDR). Non-blocking. The
 * interface is created if it does not exist and goes away with the last descriptor unless it is persistent.
 */
public final class TapFd implements AutoCloseable {
    private TapFd() {}

    /**
     * @param interfaceName 1..15 bytes
     * @param vnetHeaderLength 10 or 12, bytes
     * @throws ErrnoException naming the step: opening /dev/net/tun (permission, no such device), TUNSETIFF (busy), ...
     */
    public static TapFd open(String interfaceName, int vnetHeaderLength) {
        throw new UnsupportedOperationException();
    }

    public int fd() {
        throw new UnsupportedOperationException();
    }

    public String interfaceName() {
        throw new UnsupportedOperationException();
    }

    /** TUNSETOFFLOAD: TUN_F_* bits the reader accepts. @return false if the kernel refuses the combination */
    public boolean offload(int tunFlags) {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads one frame with its header into several pieces of memory.
     *
     * @return bytes read, 0 if none waits, or a negative errno
     */
    public int read(IoVector pieces) {
        throw new UnsupportedOperationException();
    }

    /** Writes one frame with its header. @return bytes written, 0 if the kernel's queue is full, or a negative errno */
    public int write(IoVector pieces) {
        throw new UnsupportedOperationException();
    }

    /** Hardware address of the kernel's end of the TAP is not this: a convenience for reading into one piece. */
    public int read(MemorySegment target, long offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
