package org.netdev4j.virtio.transport.vhostuser;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.linux.ReceivedFds;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.transport.vhostuser.Payload.Region;

/**
 * The front-end's memory as this back-end has mapped it. Guest addresses name buffers, user addresses name rings; what one of
 * them names is looked up here and nowhere else. Whoever takes a mapping away makes sure first that no queue is in it. One
 * thread.
 */
final class MappedMemory implements AutoCloseable {
    /** Regions that the front-end may add one by one; as many as the kernel's vhost and other back-ends take. */
    static final int MAX_SLOTS = 509;

    private final List<Mapping> mappings = new ArrayList<>();
    private final DeviceMemory memory = new DeviceMemory();

    /** By guest address; stays the same object while regions come and go. */
    DeviceMemory memory() {
        return memory;
    }

    boolean isEmpty() {
        return mappings.isEmpty();
    }

    /**
     * Maps a whole table beside what is mapped now, for {@link #replace}.
     *
     * @param fds one for each region; stay the caller's
     * @throws RuntimeException if a region is not what one can be, and nothing is mapped then
     */
    static MappedMemory of(List<Region> table, ReceivedFds fds) {
        MappedMemory mapped = new MappedMemory();
        try {
            for (int i = 0; i < table.size(); i++) {
                mapped.add(table.get(i), fds.number(i));
            }
            return mapped;
        } catch (RuntimeException | Error e) {
            mapped.close();
            throw e;
        }
    }

    /** Takes over the mappings of {@code next} and closes those it had. */
    void replace(MappedMemory next) {
        close();
        for (Mapping mapping : next.mappings) {
            memory.add(mapping.memory);
            mappings.add(mapping);
        }
        next.mappings.clear();
    }

    /**
     * Maps a region.
     *
     * @param fd stays the caller's
     * @throws RuntimeException if it is not what a region can be: empty, too long for its file or its addresses, over another
     */
    void add(Region region, int fd) {
        if (mappings.size() == MAX_SLOTS) {
            throw new VhostUserException("more than " + MAX_SLOTS + " memory regions");
        }
        check(region);
        MemoryRegion mapped = SharedMemory.map("memory of the front-end", fd, region.fileOffset(), region.size(),
                region.guestAddress());
        memory.add(mapped);
        mappings.add(new Mapping(region, mapped));
    }

    private void check(Region region) {
        if (region.size() <= 0 || overflows(region.guestAddress(), region.size())
                || overflows(region.userAddress(), region.size())) {
            throw new VhostUserException(
                    "memory of " + Long.toUnsignedString(region.size()) + " bytes at guest address 0x"
                            + Long.toHexString(region.guestAddress()) + ", user address 0x"
                            + Long.toHexString(region.userAddress()) + " is empty or reaches past the last address");
        }
        for (Mapping other : mappings) {
            if (overlap(region.guestAddress(), region.size(), other.region.guestAddress(), other.region.size())
                    || overlap(region.userAddress(), region.size(), other.region.userAddress(), other.region.size())) {
                throw new VhostUserException(region + " overlaps " + other.region);
            }
        }
    }

    private static boolean overflows(long address, long size) {
        return Long.compareUnsigned(address + (size - 1), address) < 0;
    }

    private static boolean overlap(long a, long sizeOfA, long b, long sizeOfB) {
        return Long.compareUnsigned(b - a, sizeOfA) < 0 || Long.compareUnsigned(a - b, sizeOfB) < 0;
    }

    /**
     * Unmaps the region with these addresses and this size.
     *
     * @throws VhostUserException if there is none
     */
    void remove(Region region) {
        for (int i = 0; i < mappings.size(); i++) {
            Region here = mappings.get(i).region;
            if (here.guestAddress() == region.guestAddress() && here.userAddress() == region.userAddress()
                    && here.size() == region.size()) {
                unmap(mappings.remove(i));
                return;
            }
        }
        throw new VhostUserException("no such memory to remove: " + region);
    }

    private void unmap(Mapping mapping) {
        memory.remove(mapping.memory);
        mapping.memory.close();
    }

    /** True if the byte at {@code userAddress} is mapped. */
    boolean hasUserAddress(long userAddress) {
        return find(userAddress) != null;
    }

    /**
     * The guest address of what the front-end knows by its own address.
     *
     * @throws VhostUserException if it is in no region
     */
    long guestAddress(long userAddress) {
        Region region = find(userAddress);
        if (region == null) {
            throw new VhostUserException("user address 0x" + Long.toHexString(userAddress) + " is in no memory region");
        }
        return region.guestAddress() + (userAddress - region.userAddress());
    }

    private Region find(long userAddress) {
        for (Mapping mapping : mappings) {
            Region region = mapping.region;
            if (Long.compareUnsigned(userAddress - region.userAddress(), region.size()) < 0) {
                return region;
            }
        }
        return null;
    }

    /** Unmaps everything; usable, and empty, afterwards. */
    @Override
    public void close() {
        mappings.forEach(this::unmap);
        mappings.clear();
    }

    private record Mapping(Region region, MemoryRegion memory) {}
}
