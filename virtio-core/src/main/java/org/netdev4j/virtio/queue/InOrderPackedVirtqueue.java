package org.netdev4j.virtio.queue;

import static org.netdev4j.virtio.queue.PackedLayout.WRAP_FLAGS;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;

/**
 * The driver end of a packed virtqueue with IN_ORDER: one used descriptor stands for all buffers up to the one that it names,
 * and the next one is behind the slots of all of them (virtio 1.4 §2.8.8). As ids come back in the order in which they went,
 * each buffer's id is one more than that of the buffer before it, around the queue.
 */
final class InOrderPackedVirtqueue extends PackedVirtqueue {
    private static final int NO_BATCH = -1;

    /** The last buffer of the batch that was read and not yet taken to its end, and the bytes written to it. */
    private int batchEnd = NO_BATCH;
    private int batchWritten;

    InOrderPackedVirtqueue(MemoryRegion region, int size, Features features, int start) {
        super(region, size, features, start);
    }

    @Override
    int take(int[] tokens, int[] written, int max) {
        int id = oldest();
        int taken = 0;
        while (taken < max && (batchEnd != NO_BATCH || readBatch(id, sharedBuffers - taken))) {
            int end = batchEnd;
            int slots = 0;
            int left = max - taken;
            boolean last;
            do {
                last = id == end;
                tokens[taken] = token[id];
                if (written != null) {
                    written[taken] = last ? batchWritten : (int) shape[id];
                }
                taken++;
                left--;
                slots += (int) (shape[id] >>> SLOTS_SHIFT);
                shape[id] = 0;
                id = id + 1 == size ? 0 : id + 1;
            } while (!last && left != 0);
            passOver(slots);
            if (last) {
                batchEnd = NO_BATCH;
            }
        }
        sharedBuffers -= taken;
        return taken;
    }

    /** Reads the next used descriptor, of a batch that starts with the buffer {@code first} of {@code shared}. */
    private boolean readBatch(int first, int shared) {
        if (sharedSlots == 0) {
            return false;
        }
        long rest = RingField.get64Acquire(ring, restOffset(usedSlot));
        if (!PackedLayout.isIn(rest, usedFlags)) {
            return false;
        }
        int id = PackedLayout.id(rest);
        int distance = id < first ? id - first + size : id - first;
        if (id >= size || distance >= shared) {
            refuse(usedSlot, rest, NOT_IN_FLIGHT);
            return false;
        }
        int length = length(usedSlot, rest, (int) shape[id]);
        if (length < 0) {
            return false;
        }
        batchEnd = id;
        batchWritten = length;
        return true;
    }

    private void passOver(int slots) {
        sharedSlots -= slots;
        usedSlot += slots;
        if (usedSlot >= size) {
            usedSlot -= size;
            usedFlags ^= WRAP_FLAGS;
        }
    }

    @Override
    public boolean hasUsed() {
        return batchEnd == NO_BATCH ? super.hasUsed() : !isBroken();
    }

    @Override
    int restart(int[] tokens) {
        int count = super.restart(tokens);
        batchEnd = NO_BATCH;
        return count;
    }
}
