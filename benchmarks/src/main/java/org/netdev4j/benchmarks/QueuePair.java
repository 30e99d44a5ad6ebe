package org.netdev4j.benchmarks;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.queue.Virtqueue;

/** Both ends of one virtqueue, and memory for buffers, in one region. Neither end wants notifications. */
final class QueuePair implements AutoCloseable {
    final Virtqueue driver;
    final DeviceQueue device;
    private final MemoryRegion region;
    private final MemorySlice buffers;

    private QueuePair(MemoryRegion region, int size, Features features, long bufferBytes) {
        this.region = region;
        driver = Virtqueue.create(region, size, features);
        buffers = region.cut(bufferBytes, 128);
        DeviceMemory memory = new DeviceMemory();
        memory.add(region);
        device = DeviceQueue.create(memory, driver.placement(), features);
        device.disarmKick();
    }

    /**
     * A pair with rings of {@code size} descriptors.
     *
     * @param bufferBytes memory for buffers, at {@link #buffers()}
     */
    static QueuePair create(int size, Features features, long bufferBytes) {
        long bytes = Virtqueue.memoryBytes(size, features) + bufferBytes + 128;
        return new QueuePair(MemoryRegion.allocate("benchmark", bytes), size, features, bufferBytes);
    }

    /** Device address of the memory for buffers. */
    long buffers() {
        return buffers.deviceAddress();
    }

    @Override
    public void close() {
        driver.close();
        buffers.close();
        region.close();
    }
}
