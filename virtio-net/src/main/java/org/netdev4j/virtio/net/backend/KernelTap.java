package org.netdev4j.virtio.net.backend;

import java.lang.foreign.MemorySegment;
import java.util.function.IntConsumer;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.IoVector;
import org.netdev4j.virtio.linux.TapFd;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameMemory;
import org.netdev4j.virtio.net.device.Offloads;

/** A TAP of the running kernel. */
final class KernelTap implements TapPort {
    /** By bit of {@link Offloads}. */
    private static final int[][] OFFLOADS = {{Offloads.CHECKSUM, TapFd.TUN_F_CSUM}, {Offloads.TSO4, TapFd.TUN_F_TSO4},
        {Offloads.TSO6, TapFd.TUN_F_TSO6}, {Offloads.ECN, TapFd.TUN_F_TSO_ECN}};
    private static final int USO = TapFd.TUN_F_USO4 | TapFd.TUN_F_USO6;

    private final DeviceLoop loop;
    private final TapFd tap;
    private final int headerLength;
    private final IoVector reading;
    private final IoVector writing;
    private final MemoryRegion region;
    /** Behind the room for a frame: written to only if the room was too small. */
    private final MemorySegment overflow;

    /**
     * @param several the interface has several queues, of which this is one
     * @param withHeader frames come and go with a virtio-net header
     */
    KernelTap(String interfaceName, DeviceLoop loop, boolean several, boolean withHeader) {
        this.loop = loop;
        headerLength = withHeader ? NetHeader.LENGTH : 0;
        tap = several ? TapFd.openQueue(interfaceName, headerLength) : TapFd.open(interfaceName, headerLength);
        // Only now: an interface that cannot be opened leaves no memory behind.
        reading = new IoVector(IoVector.MAX_PIECES);
        writing = new IoVector(1 + Frame.MAX_PIECES);
        region = MemoryRegion.allocate("tap overflow", 1);
        overflow = region.segment();
    }

    @Override
    public String interfaceName() {
        return tap.interfaceName();
    }

    @Override
    public void watch(int events, IntConsumer onReady) {
        if (events == 0) {
            loop.unwatch(tap.fd());
        } else {
            loop.watch(tap.fd(), events, onReady);
        }
    }

    /** An interface that was moved to another network namespace cannot be asked: up until a write tells otherwise. */
    @Override
    public boolean isUp() {
        try {
            return (tap.flags() & TapFd.IFF_UP) != 0;
        } catch (ErrnoException e) {
            return true;
        }
    }

    @Override
    public boolean hasHeader() {
        return headerLength != 0;
    }

    /** Older kernels know no UDP segments. */
    @Override
    public void offload(Offloads accepted) {
        int flags = 0;
        for (int[] offload : OFFLOADS) {
            flags |= accepted.has(offload[0]) ? offload[1] : 0;
        }
        boolean datagrams = accepted.has(Offloads.USO4 | Offloads.USO6);
        if (hasHeader() && !(datagrams && tap.offload(flags | USO))) {
            tap.offload(flags);
        }
    }

    @Override
    public void use(boolean inUse) {
        tap.use(inUse);
    }

    @Override
    public int read(MemorySegment header, FrameMemory room) {
        IoVector pieces = reading;
        pieces.clear();
        if (headerLength != 0) {
            pieces.append(header, 0, headerLength);
        }
        int used = Math.min(room.pieces(), IoVector.MAX_PIECES - 2);
        int offered = headerLength;
        for (int i = 0; i < used; i++) {
            pieces.append(room.segment(i), room.offset(i), room.length(i));
            offered += room.length(i);
        }
        pieces.append(overflow, 0, 1);
        int read = tap.read(pieces);
        if (read > offered) {
            return (int) Math.min(NetHeader.LENGTH + room.length() + 1L, Integer.MAX_VALUE);
        }
        return read <= 0 ? read : read + NetHeader.LENGTH - headerLength;
    }

    @Override
    public int write(MemorySegment header, Frame frame) {
        IoVector pieces = writing;
        pieces.clear();
        if (headerLength != 0) {
            pieces.append(header, 0, headerLength);
        }
        for (int i = 0; i < frame.pieces(); i++) {
            pieces.append(frame.segment(i), frame.offset(i), frame.length(i));
        }
        return tap.write(pieces);
    }

    @Override
    public void close() {
        tap.close();
        reading.close();
        writing.close();
        region.close();
    }
}
