package org.netdev4j.virtio.transport.vhostuser;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.transport.vhostuser.Payload.Region;

/**
 * The memory that a back-end is to map: every region has a file behind it that it is sent. Guest and user address are the
 * region's device address. One thread at a time.
 */
final class SharedRegions {
    private final List<MemoryRegion> regions = new ArrayList<>();

    /** @return false if it is there already */
    boolean add(MemoryRegion region) {
        if (regions.contains(region)) {
            return false;
        }
        if (region.backing() == null) {
            throw new VirtioException(region + " cannot be shared with another process: it has no file behind it;"
                    + " allocate it with NetDev.allocateMemory, or with SharedMemory");
        }
        if (regions.size() == Payload.MemoryTable.MAX_REGIONS) {
            throw new VirtioException(region + " is one region too many: a back-end takes "
                    + Payload.MemoryTable.MAX_REGIONS + ", and has " + regions
                    + "; detach one, or use fewer and larger");
        }
        regions.add(region);
        return true;
    }

    /** @return false if it is not there */
    boolean remove(MemoryRegion region) {
        return regions.remove(region);
    }

    boolean contains(MemoryRegion region) {
        return regions.contains(region);
    }

    /** Forgets what was unmapped without being detached. */
    void forgetUnmapped() {
        regions.removeIf(region -> !region.segment().scope().isAlive());
    }

    boolean isEmpty() {
        return regions.isEmpty();
    }

    Payload.MemoryTable table() {
        return new Payload.MemoryTable(regions.stream().map(SharedRegions::describe).toList());
    }

    /** In the order of {@link #table}. */
    int[] fds() {
        return regions.stream().mapToInt(region -> region.backing().fd()).toArray();
    }

    private static Region describe(MemoryRegion region) {
        return new Region(region.deviceAddress(), region.size(), region.deviceAddress(), region.backing().offset());
    }
}
