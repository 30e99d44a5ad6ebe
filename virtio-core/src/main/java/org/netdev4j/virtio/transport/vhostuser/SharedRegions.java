package org.netdev4j.virtio.transport.vhostuser;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.transport.vhostuser.Payload.Region;

/**
 * The memory that a back-end is to map: every region has a file behind it that it is sent. Guest and user address are the
 * region's device address. One thread at a time.
 */
final class SharedRegions {
    private final List<Shared> regions = new ArrayList<>();
    private final DeviceMemory memory = new DeviceMemory();
    private int limit = Payload.MemoryTable.MAX_REGIONS;

    /** A region, and how it is named to a back-end, also when it is unmapped already. */
    record Shared(MemoryRegion region, Region description) {
        int fd() {
            return region.backing().fd();
        }
    }

    /** As a device on this side of the socket reaches it. */
    DeviceMemory memory() {
        return memory;
    }

    /**
     * Another back-end, which takes so many regions.
     *
     * @throws VhostUserException if there are more
     */
    void limit(int most) {
        forgetUnmapped();
        if (regions.size() > most) {
            throw new VhostUserException("the back-end takes " + most + " memory regions, there are "
                    + regions.size() + " in use");
        }
        limit = most;
    }

    /** @return false if it is there already */
    boolean add(MemoryRegion region) {
        if (contains(region)) {
            return false;
        }
        if (region.backing() == null) {
            throw new VirtioException(region + " cannot be shared with another process: it has no file behind it;"
                    + " allocate it with NetDev.allocateMemory, or with SharedMemory");
        }
        if (regions.size() == limit) {
            throw new VirtioException(region + " is one region too many: the back-end takes " + limit + ", and has "
                    + regions.stream().map(Shared::region).toList() + "; detach one, or use fewer and larger");
        }
        memory.add(region);
        regions.add(new Shared(region, new Region(region.deviceAddress(), region.size(), region.deviceAddress(),
                region.backing().offset())));
        return true;
    }

    /** @return false if it is not there */
    boolean remove(MemoryRegion region) {
        memory.remove(region);
        return regions.removeIf(shared -> shared.region.equals(region));
    }

    boolean contains(MemoryRegion region) {
        return regions.stream().anyMatch(shared -> shared.region.equals(region));
    }

    /** Forgets what was unmapped without being detached. */
    void forgetUnmapped() {
        for (Iterator<Shared> each = regions.iterator(); each.hasNext();) {
            MemoryRegion region = each.next().region;
            if (!region.segment().scope().isAlive()) {
                memory.remove(region);
                each.remove();
            }
        }
    }

    /** Those there are now. */
    List<Shared> all() {
        return List.copyOf(regions);
    }
}
