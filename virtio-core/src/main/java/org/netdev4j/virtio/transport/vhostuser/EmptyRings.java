package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.queue.QueuePlacement;

/**
 * Rings in which nothing is ever available, one for each queue. A back-end that comes back begins to work when it has all of
 * its rings (DPDK wants both of a pair), but the threads that own the queues hand them over when they next use them, and may
 * never do so: until then an empty ring takes the queue's place. Memory of zeros is one, split or packed.
 */
final class EmptyRings implements AutoCloseable {
    private static final int SIZE = 8;
    private static final int STRIDE = 512;
    private static final int DRIVER_OFFSET = 256;
    private static final int DEVICE_OFFSET = 384;

    final MemoryRegion region;

    EmptyRings(String name, int count) {
        region = SharedMemory.allocate(name, (long) count * STRIDE);
    }

    /** What an earlier back-end wrote to it is gone. */
    QueuePlacement of(int index) {
        region.segment().asSlice((long) index * STRIDE, STRIDE).fill((byte) 0);
        long base = region.deviceAddress() + (long) index * STRIDE;
        return new QueuePlacement(SIZE, base, base + DRIVER_OFFSET, base + DEVICE_OFFSET);
    }

    @Override
    public void close() {
        region.close();
    }
}
