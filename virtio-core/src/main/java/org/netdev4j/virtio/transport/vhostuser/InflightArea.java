package org.netdev4j.virtio.transport.vhostuser;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.ReceivedFds;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.queue.DeviceQueue;

/**
 * Memory in which a back-end writes down which buffers it has, one record for each ring. The front-end keeps it while there is no
 * back-end, and gives it to the next, which returns them.
 */
final class InflightArea implements AutoCloseable {
    private static final int MAX_QUEUE_SIZE = 32768;
    private static final int ALIGNMENT = 8;

    private final Payload.Inflight shape;
    private final MemoryRegion memory;

    /**
     * Maps what came with SET_INFLIGHT_FD; the descriptor is not needed afterwards.
     *
     * @throws VhostUserException if it is not wholly inside its file
     */
    InflightArea(Payload.Inflight shape, ReceivedFds fds) {
        this.shape = shape;
        if ((shape.fileOffset() & (ALIGNMENT - 1)) != 0) {
            throw new VhostUserException("in-flight area at file offset " + shape.fileOffset()
                    + ", which has to be a multiple of " + ALIGNMENT);
        }
        try {
            memory = SharedMemory.map("in-flight area of the front-end", fds.number(0), shape.fileOffset(),
                    shape.size(), 0);
        } catch (IllegalArgumentException | ErrnoException e) {
            throw new VhostUserException(e.getMessage(), e);
        }
    }

    /**
     * Bytes of the area that a front-end asks for.
     *
     * @param rings how many the device has
     * @throws VhostUserException if it asks for rings that there are not, or cannot be
     */
    static long bytes(Payload.Inflight asked, int rings, Features features) {
        if (asked.queues() < 1 || asked.queues() > rings || asked.queueSize() < 1
                || asked.queueSize() > MAX_QUEUE_SIZE) {
            throw new VhostUserException("in-flight area for " + asked.queues() + " rings of " + asked.queueSize()
                    + " descriptors, allowed are 1 to " + rings + " of 1 to " + MAX_QUEUE_SIZE);
        }
        return asked.queues() * DeviceQueue.inflightRecordBytes(asked.queueSize(), features);
    }

    /** @throws VhostUserException if it has not the size that its shape takes */
    void check(int rings, Features features) {
        long needed = bytes(shape, rings, features);
        if (shape.size() < needed) {
            throw new VhostUserException("in-flight area of " + shape.size() + " bytes for " + shape.queues()
                    + " rings of " + shape.queueSize() + " descriptors, " + needed + " are needed");
        }
    }

    /**
     * The record of a ring.
     *
     * @param size descriptors of the ring
     * @throws VhostUserException if it has none, or a smaller one
     */
    MemorySegment record(int ring, int size, Features features) {
        long bytes = DeviceQueue.inflightRecordBytes(shape.queueSize(), features);
        if (ring >= shape.queues() || size > shape.queueSize()) {
            throw new VhostUserException("ring " + ring + " of " + size + " descriptors has no record in the in-flight"
                    + " area, which is for " + shape.queues() + " rings of " + shape.queueSize());
        }
        return memory.segment().asSlice(ring * bytes, bytes);
    }

    /** Unmaps it. */
    @Override
    public void close() {
        memory.close();
    }
}
