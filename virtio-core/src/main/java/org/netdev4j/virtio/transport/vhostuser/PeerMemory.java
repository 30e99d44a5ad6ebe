package org.netdev4j.virtio.transport.vhostuser;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.ReceivedFds;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.transport.vhostuser.Payload.Region;

/**
 * The front-end's memory as the back-end has mapped it. Descriptors name it by guest address, rings by user address: neither
 * overlaps. One thread.
 */
final class PeerMemory implements AutoCloseable {
    /** Regions there may be when they come one by one, GET_MAX_MEM_SLOTS. */
    static final int SLOTS = 64;

    private final DeviceMemory memory = new DeviceMemory();
    private final List<Mapped> mapped = new ArrayList<>();

    /** Finds buffers and rings by guest address. */
    DeviceMemory byGuestAddress() {
        return memory;
    }

    /**
     * Maps one region more. Its descriptor is not needed afterwards.
     *
     * @throws VhostUserException if it overlaps another, has no size, or is not wholly inside its file
     */
    void add(Region region, ReceivedFds fds, int fd) {
        if (mapped.size() == SLOTS) {
            throw new VhostUserException("one memory region too many, allowed are " + SLOTS);
        }
        checkRange("guest address", region.guestAddress(), region.size());
        checkRange("user address", region.userAddress(), region.size());
        checkRange("file offset", region.fileOffset(), region.size());
        for (Mapped other : mapped) {
            if (overlap(region.userAddress(), region.size(), other.region.userAddress(), other.region.size())) {
                throw new VhostUserException(region + " overlaps " + other.region + " in user addresses");
            }
        }
        MemoryRegion piece;
        try {
            piece = SharedMemory.map("memory of the front-end at 0x" + Long.toHexString(region.guestAddress()),
                    fds.number(fd), region.fileOffset(), region.size(), region.guestAddress());
        } catch (IllegalArgumentException | ErrnoException e) {
            throw new VhostUserException(e.getMessage(), e);
        }
        try {
            memory.add(piece);
        } catch (VirtioException e) {
            piece.close();
            throw new VhostUserException(e.getMessage(), e);
        }
        mapped.add(new Mapped(region, piece));
    }

    private static void checkRange(String what, long start, long size) {
        if (size <= 0 || Long.compareUnsigned(start + size - 1, start) < 0) {
            throw new VhostUserException("memory region of " + Long.toUnsignedString(size) + " bytes at " + what + " 0x"
                    + Long.toHexString(start));
        }
    }

    private static boolean overlap(long start, long size, long otherStart, long otherSize) {
        return Long.compareUnsigned(start - otherStart, otherSize) < 0
                || Long.compareUnsigned(otherStart - start, size) < 0;
    }

    /**
     * Unmaps the region with the addresses and the size of {@code region}; no queue may use it any more.
     *
     * @throws VhostUserException if there is none
     */
    void remove(Region region) {
        for (Mapped one : mapped) {
            if (one.region.guestAddress() == region.guestAddress() && one.region.userAddress() == region.userAddress()
                    && one.region.size() == region.size()) {
                mapped.remove(one);
                unmap(one);
                return;
            }
        }
        throw new VhostUserException(region + " to be removed is not there");
    }

    /**
     * The guest address of a ring's part.
     *
     * @throws VhostUserException if no region has the user address
     */
    long guestAddress(String what, long userAddress) {
        for (Mapped one : mapped) {
            long offset = userAddress - one.region.userAddress();
            if (Long.compareUnsigned(offset, one.region.size()) < 0) {
                return one.region.guestAddress() + offset;
            }
        }
        throw new VhostUserException(what + " at user address 0x" + Long.toHexString(userAddress)
                + " is in no memory region");
    }

    /** The highest guest address there is, 0 without memory. */
    long lastGuestAddress() {
        long last = 0;
        for (Mapped one : mapped) {
            long end = one.region.guestAddress() + one.region.size() - 1;
            last = Long.compareUnsigned(end, last) > 0 ? end : last;
        }
        return last;
    }

    boolean isEmpty() {
        return mapped.isEmpty();
    }

    private void unmap(Mapped one) {
        memory.remove(one.piece);
        one.piece.close();
    }

    /** Unmaps everything; no queue may use it any more. */
    @Override
    public void close() {
        mapped.forEach(this::unmap);
        mapped.clear();
    }

    private record Mapped(Region region, MemoryRegion piece) {}
}
