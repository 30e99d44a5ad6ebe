package org.netdev4j.virtio.net.backend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.device.ContiguousFrame;
import org.netdev4j.virtio.net.device.Frame;

/**
 * Copies of frames in order, in a bounded number of bytes. Each is a record that does not wrap around the end:
 *
 * <pre>
 *   0         4                   16
 *  +---------+-------------------+---------------+---------+
 *  | length  | virtio-net header | frame         | padding |  to a multiple of 8
 *  +---------+-------------------+---------------+---------+
 * </pre>
 */
final class FrameRing implements AutoCloseable {
    private static final ValueLayout.OfInt LENGTH = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int HEADER = Integer.BYTES;
    private static final int DATA = HEADER + NetHeader.LENGTH;
    private static final int ALIGNMENT = 8;
    /** In place of a length: the next record is at the start of the memory. */
    private static final int WRAP = -1;

    private final MemoryRegion region;
    private final MemorySegment memory;
    private final int capacity;
    private final ContiguousFrame view = new ContiguousFrame();

    /** Bytes ever removed and ever added; both modulo {@link #capacity} are places in the memory. */
    private long head;
    private long tail;

    /** @param bytes a power of two, records included */
    FrameRing(String name, int bytes) {
        if (Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException(bytes + " is not a power of two");
        }
        capacity = bytes;
        region = MemoryRegion.allocate(name, bytes);
        memory = region.segment();
    }

    boolean isEmpty() {
        return head == tail;
    }

    /** Appends a copy. @return false if there is no room for it */
    boolean add(Frame frame) {
        if (isEmpty()) {
            // Where the caches have it already.
            head = 0;
            tail = 0;
        }
        int length = frame.length();
        int record = recordBytes(length);
        int position = position(tail);
        int toEnd = capacity - position;
        int skipped = toEnd < record ? toEnd : 0;
        if (tail - head + skipped + record > capacity) {
            return false;
        }
        if (skipped > 0) {
            memory.set(LENGTH, position, WRAP);
            position = 0;
        }
        memory.set(LENGTH, position, length);
        frame.offload().write(memory, position + HEADER, 0);
        frame.copyTo(0, memory, position + DATA, length);
        tail += skipped + record;
        return true;
    }

    /** The oldest frame, valid until {@link #remove()}, or null. */
    Frame peek() {
        if (isEmpty()) {
            return null;
        }
        int position = position(head);
        if (memory.get(LENGTH, position) == WRAP) {
            head += capacity - position;
            position = 0;
        }
        view.offload().read(memory, position + HEADER);
        return view.show(memory, position + DATA, memory.get(LENGTH, position));
    }

    /** Removes the frame that {@link #peek()} showed. */
    void remove() {
        head += recordBytes(view.length());
    }

    private int position(long counted) {
        return (int) (counted & capacity - 1);
    }

    private static int recordBytes(int length) {
        return DATA + length + ALIGNMENT - 1 & -ALIGNMENT;
    }

    @Override
    public void close() {
        region.close();
    }
}
