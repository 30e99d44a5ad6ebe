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

/** A TAP of the running kernel. */
final class KernelTap implements TapPort {
    private final DeviceLoop loop;
    private final TapFd tap;
    private final IoVector reading;
    private final IoVector writing;
    private final MemoryRegion region;
    /** Behind the room for a frame: written to only if the room was too small. */
    private final MemorySegment overflow;

    KernelTap(String interfaceName, DeviceLoop loop) {
        this.loop = loop;
        tap = TapFd.open(interfaceName, NetHeader.LENGTH);
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
    public void acceptPartialChecksum(boolean accepted) {
        tap.offload(accepted ? TapFd.TUN_F_CSUM : 0);
    }

    @Override
    public int read(MemorySegment header, FrameMemory room) {
        IoVector pieces = reading;
        pieces.clear();
        pieces.append(header, 0, NetHeader.LENGTH);
        int used = Math.min(room.pieces(), IoVector.MAX_PIECES - 2);
        int offered = NetHeader.LENGTH;
        for (int i = 0; i < used; i++) {
            pieces.append(room.segment(i), room.offset(i), room.length(i));
            offered += room.length(i);
        }
        pieces.append(overflow, 0, 1);
        int read = tap.read(pieces);
        return read > offered ? (int) Math.min(NetHeader.LENGTH + room.length() + 1L, Integer.MAX_VALUE) : read;
    }

    @Override
    public int write(MemorySegment header, Frame frame) {
        IoVector pieces = writing;
        pieces.clear();
        pieces.append(header, 0, NetHeader.LENGTH);
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
