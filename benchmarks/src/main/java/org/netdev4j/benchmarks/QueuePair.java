package org.netdev4j.benchmarks;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.queue.Virtqueue;

/** Both ends of one virtqueue, and memory for buffers, in one region. Neither end wants notifications. */
final class QueuePair implements AutoCloseable {
    private static final int LINE_PAIR_BYTES = 128;

    final Virtqueue driver;
    final DeviceQueue device;
    private final MemoryRegion region;
    private final MemorySlice buffers;
    private final MemorySlice line;

    private QueuePair(MemoryRegion region, int size, Features features, long bufferBytes) {
        this.region = region;
        driver = Virtqueue.create(region, size, features);
        buffers = region.cut(bufferBytes, LINE_PAIR_BYTES);
        line = region.cut(LINE_PAIR_BYTES, LINE_PAIR_BYTES);
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
        long bytes = Virtqueue.memoryBytes(size, features) + bufferBytes + 4 * LINE_PAIR_BYTES;
        return new QueuePair(MemoryRegion.allocate("benchmark", bytes), size, features, bufferBytes);
    }

    /** A cache line that nothing else is in, with its neighbour. */
    MemorySegment line() {
        return line.segment();
    }

    /** Device address of the memory for buffers. */
    long buffers() {
        return buffers.deviceAddress();
    }

    @Override
    public void close() {
        driver.close();
        buffers.close();
        line.close();
        region.close();
    }
}
