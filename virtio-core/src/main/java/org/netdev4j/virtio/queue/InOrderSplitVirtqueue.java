package org.netdev4j.virtio.queue;

import static org.netdev4j.virtio.queue.SplitLayout.RING_ENTRIES_OFFSET;
import static org.netdev4j.virtio.queue.SplitLayout.USED_ELEMENT_SHIFT;
import static org.netdev4j.virtio.queue.SplitLayout.USED_LENGTH_SHIFT;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;

/**
 * The driver end of a split virtqueue with IN_ORDER. What the device uses is what comes next in the available ring, and one
 * used element stands for all buffers up to the one that it names (virtio 1.4 §2.7.9):
 * <pre>
 *  available ring   | 4 | 5 | 6 | 7 | 0 | 1 |        used idx 6
 *  used ring        | 6 | - | - | 0 | - | 1 |        4, 5 and 6; 7 and 0; 1
 * </pre>
 * Descriptors come back in the order in which they went, so they are taken from 0 on around the table, as §2.7.5 asks.
 */
final class InOrderSplitVirtqueue extends SplitVirtqueue {
    /** Where the batch ends that was read last, and the length that its element has. */
    private int batchEnd;
    private int batchLength;

    InOrderSplitVirtqueue(MemoryRegion region, int size, Features features, int firstIndex) {
        super(region, size, features, firstIndex);
        batchEnd = firstIndex;
    }

    @Override
    int take(int[] tokens, int[] written, int count, int index) {
        int next = nextUsed;
        int freed = 0;
        int taken = 0;
        while (taken < count && (next != batchEnd || readBatch(next, index))) {
            int head = heads[next & mask];
            next = (next + 1) & 0xffff;
            tokens[taken] = token[head];
            if (written != null) {
                written[taken] = next == batchEnd ? batchLength : writable[head];
            }
            freed += pieces[head];
            pieces[head] = 0;
            taken++;
        }
        free += freed;
        inFlight -= taken;
        nextUsed = next;
        return taken;
    }

    /** Reads the element at {@code first}; what it names lies before {@code index}. */
    private boolean readBatch(int first, int index) {
        long slot = first & mask;
        long element = ring.get(RingField.LE64_UNALIGNED,
                used + RING_ENTRIES_OFFSET + (slot << USED_ELEMENT_SHIFT));
        int id = (int) element;
        int length = (int) (element >>> USED_LENGTH_SHIFT);
        for (int last = first; last != index; last = (last + 1) & 0xffff) {
            if (heads[last & mask] == id) {
                batchEnd = (last + 1) & 0xffff;
                batchLength = writable[id] == 0 ? 0 : length;
                return fits(id, length);
            }
        }
        return refuse(id, length, "none of the " + ((index - first) & 0xffff)
                + " buffers that are used in order starts there");
    }

    @Override
    int restart(int[] tokens) {
        int count = super.restart(tokens);
        batchEnd = nextUsed;
        return count;
    }
}
