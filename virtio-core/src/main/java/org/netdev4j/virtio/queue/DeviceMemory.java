package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.VirtioException;

/**
 * The driver's memory as the device end reaches it: the one place where a device address becomes a host address, with the
 * whole length checked. Regions are added and removed by the control path; a lookup sees one consistent table.
 * <p>
 * Removing a region takes it out of later lookups. Whoever unmaps it afterwards first makes sure that no queue holds a
 * buffer in it.
 */
public final class DeviceMemory {
    private volatile Table table = new Table(List.of());

    /** An empty table. */
    public DeviceMemory() {}

    /**
     * Lets the device reach {@code region}; does nothing if it can already.
     *
     * @throws VirtioException if it overlaps another region in device addresses
     */
    public synchronized void add(MemoryRegion region) {
        if (contains(region)) {
            return;
        }
        for (MemoryRegion other : table.regions) {
            if (Long.compareUnsigned(region.deviceAddress() - other.deviceAddress(), other.size()) < 0
                    || Long.compareUnsigned(other.deviceAddress() - region.deviceAddress(), region.size()) < 0) {
                throw new VirtioException(region + " overlaps " + other + " in device addresses");
            }
        }
        List<MemoryRegion> regions = new ArrayList<>(table.regions);
        regions.add(region);
        table = new Table(regions);
    }

    /** Takes {@code region} out; does nothing if it is not in. */
    public synchronized void remove(MemoryRegion region) {
        if (contains(region)) {
            List<MemoryRegion> regions = new ArrayList<>(table.regions);
            regions.remove(region);
            table = new Table(regions);
        }
    }

    public boolean contains(MemoryRegion region) {
        return table.regions.contains(region);
    }

    /**
     * The memory at {@code deviceAddress}, exactly {@code length} bytes; for rings, not for packets.
     *
     * @throws VirtioException naming {@code what}, if any byte is outside one region
     */
    public MemorySegment slice(String what, long deviceAddress, long length) {
        Table now = table;
        int index = now.find(deviceAddress, 0);
        if (index >= 0 && length >= 0) {
            long offset = deviceAddress - now.base[index];
            if (length <= now.size[index] - offset) {
                return now.segment[index].asSlice(offset, length);
            }
        }
        throw new VirtioException(what + " at device address 0x" + Long.toHexString(deviceAddress) + ", " + length
                + " bytes, is not inside one memory region; known: " + now);
    }

    /** The table as it is now. */
    Table table() {
        return table;
    }

    /** The regions at one time, by device address. */
    static final class Table {
        final long[] base;
        final long[] size;
        final MemorySegment[] segment;
        private final List<MemoryRegion> regions;

        Table(List<MemoryRegion> unsorted) {
            List<MemoryRegion> sorted = new ArrayList<>(unsorted);
            sorted.sort(Comparator.comparing(MemoryRegion::deviceAddress, Long::compareUnsigned));
            regions = List.copyOf(sorted);
            base = regions.stream().mapToLong(MemoryRegion::deviceAddress).toArray();
            size = regions.stream().mapToLong(MemoryRegion::size).toArray();
            segment = regions.stream().map(MemoryRegion::segment).toArray(MemorySegment[]::new);
        }

        /**
         * The region that holds the byte at {@code deviceAddress}, or -1.
         *
         * @param hint index of the region to look at first, any value
         */
        int find(long deviceAddress, int hint) {
            if (hint >= 0 && hint < base.length && holds(hint, deviceAddress)) {
                return hint;
            }
            int low = 0;
            int high = base.length - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (holds(middle, deviceAddress)) {
                    return middle;
                }
                if (Long.compareUnsigned(deviceAddress, base[middle]) < 0) {
                    high = middle - 1;
                } else {
                    low = middle + 1;
                }
            }
            return -1;
        }

        private boolean holds(int index, long deviceAddress) {
            return Long.compareUnsigned(deviceAddress - base[index], size[index]) < 0;
        }

        @Override
        public String toString() {
            return regions.isEmpty() ? "no region" : String.join(", ", regions.stream().map(Object::toString).toList());
        }
    }
}
