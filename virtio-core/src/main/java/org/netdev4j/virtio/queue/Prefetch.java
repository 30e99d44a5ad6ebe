package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;

/**
 * Loads the first bytes of buffers ahead of their use. A buffer that is taken, checked and copied before the next one is looked
 * at waits alone for its cache lines, which are the driver's; loads one right behind the other wait together. Java has no
 * instruction for this: what is loaded goes to a field, so that the loads stay.
 */
final class Prefetch {
    private static final int CACHE_LINE_BYTES = 64;

    /** Two for each buffer, in one region of memory. */
    private final long[] offsets;
    private int count;
    private DeviceMemory.Table memory;
    private int region;
    private long loaded;

    /** @param buffers most that are loaded together */
    Prefetch(int buffers) {
        offsets = new long[2 * buffers];
    }

    /** Adds the first two cache lines of what a descriptor names, as far as it is memory; whoever uses it checks it. */
    void add(DeviceMemory.Table table, long deviceAddress, int bytes) {
        int found = table.find(deviceAddress, region);
        if (found < 0 || bytes <= 0 || table.size[found] < Long.BYTES) {
            return;
        }
        if (table != memory || found != region || count == offsets.length) {
            load();
            memory = table;
            region = found;
        }
        long first = deviceAddress - table.base[found];
        long last = table.size[found] - Long.BYTES;
        offsets[count] = Math.min(first, last);
        offsets[count + 1] = Math.min(first + Math.min(bytes - 1, CACHE_LINE_BYTES), last);
        count += 2;
    }

    /** Loads what was added since the last call. @return a digest of it, which nobody needs */
    long load() {
        if (count == 0) {
            return loaded;
        }
        MemorySegment from = memory.segment[region];
        long digest = 0;
        for (int i = 0; i < count; i++) {
            digest ^= from.get(RingField.LE64_UNALIGNED, offsets[i]);
        }
        count = 0;
        loaded ^= digest;
        return loaded;
    }
}
