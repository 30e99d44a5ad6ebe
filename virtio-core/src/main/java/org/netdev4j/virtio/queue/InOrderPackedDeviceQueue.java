package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

import org.netdev4j.virtio.Features;

/**
 * The device end of a packed virtqueue with IN_ORDER: a buffer waits for those taken before it, and buffers that the device only
 * read go back in batches, one used descriptor each (virtio 1.4 §2.8.8). Buffers that it may write do not, though those written
 * in full could: drivers are known that wait for the length of every one.
 */
final class InOrderPackedDeviceQueue extends PackedDeviceQueue {
    private static final int NOT_COMPLETED = -1;

    /** By handle: the bytes written to a buffer that is completed and waits for another; so many there are. */
    private final int[] outcome;
    private int waiting;

    /** The buffers to be told of by one used descriptor, 0 slots if there are none, and what it says. */
    private int batchSlots;
    private int batchId;
    private int batchWritten;
    /** True if the next buffer may join the batch; always if there is none in it. */
    private boolean batchIsOpen = true;

    InOrderPackedDeviceQueue(DeviceMemory memory, QueuePlacement placement, Features features, RingState state,
            MemorySegment inflightRecord) {
        super(memory, placement, features, state, inflightRecord);
        outcome = new int[placement.size()];
        Arrays.fill(outcome, NOT_COMPLETED);
    }

    @Override
    public boolean next(DescriptorChain chain) {
        boolean found = super.next(chain);
        if (found && chain.writableLength() == 0) {
            taken().readOnly(chain.id());
        }
        return found;
    }

    @Override
    boolean isTaken(int handle) {
        return super.isTaken(handle) && outcome[handle] == NOT_COMPLETED;
    }

    @Override
    public void complete(int chainId, int written) {
        checkCompletion(chainId, written);
        if (chainId != taken().oldest()) {
            outcome[chainId] = written;
            waiting++;
            return;
        }
        join(chainId, written);
        while (waiting > 0 && outcome[taken().oldest()] != NOT_COMPLETED) {
            int handle = taken().oldest();
            int waited = outcome[handle];
            outcome[handle] = NOT_COMPLETED;
            waiting--;
            join(handle, waited);
        }
    }

    /** Most often all of them are the oldest, and there is nothing to do for each but to free its handle. */
    @Override
    void completeBurst(DescriptorBurst burst, int count, int[] written) {
        if (!batchIsOpen) {
            closeBatch();
        }
        if (waiting > 0 || isRecorded() || (burst.isWritable() && batchSlots > 0) || !taken().areOldest(burst, count)) {
            completeEach(burst, count, written);
            return;
        }
        if (burst.isWritable()) {
            useEach(burst, count, written);
        } else {
            batchSlots += count;
            batchId = PackedLayout.id(burst.rest(count - 1));
            batchWritten = 0;
        }
        taken().release(burst, count);
    }

    /** Returns a buffer, all of those before which are returned. */
    private void join(int handle, int written) {
        if (!batchIsOpen) {
            closeBatch();
        }
        TakenBuffers taken = taken();
        batchSlots += taken.slots(handle);
        batchId = taken.id(handle);
        batchWritten = written;
        batchIsOpen = taken.isReadOnly(handle);
        release(handle);
    }

    private void closeBatch() {
        if (batchSlots > 0) {
            use(batchId, batchSlots, batchWritten);
            batchSlots = 0;
        }
        batchIsOpen = true;
    }

    @Override
    public boolean publish() {
        closeBatch();
        return super.publish();
    }
}
