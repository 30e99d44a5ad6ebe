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

    /** By handle: the bytes written to a buffer that is completed and waits for another. */
    private final int[] outcome;
    /** By handle: the device can only read the buffer. */
    private final boolean[] readOnly;

    /** The buffers to be told of by one used descriptor, 0 slots if there are none, and what it says. */
    private int batchSlots;
    private int batchId;
    private int batchWritten;
    /** True if the next buffer may join the batch. */
    private boolean batchIsOpen;

    InOrderPackedDeviceQueue(DeviceMemory memory, QueuePlacement placement, Features features, RingState state,
            MemorySegment inflightRecord) {
        super(memory, placement, features, state, inflightRecord);
        outcome = new int[placement.size()];
        readOnly = new boolean[placement.size()];
        Arrays.fill(outcome, NOT_COMPLETED);
    }

    @Override
    public boolean next(DescriptorChain chain) {
        boolean found = super.next(chain);
        if (found) {
            readOnly[chain.id()] = chain.writableLength() == 0;
        }
        return found;
    }

    @Override
    public int next(DescriptorBurst burst, int most, boolean writable) {
        int taken = super.next(burst, most, writable);
        for (int i = 0; i < taken; i++) {
            readOnly[burst.id(i)] = !writable;
        }
        return taken;
    }

    @Override
    boolean isTaken(int handle) {
        return super.isTaken(handle) && outcome[handle] == NOT_COMPLETED;
    }

    @Override
    public void complete(int chainId, int written) {
        checkCompletion(chainId, written);
        if (chainId != oldest()) {
            outcome[chainId] = written;
            return;
        }
        join(chainId, written);
        int handle = oldest();
        while (outcome[handle] != NOT_COMPLETED) {
            int waited = outcome[handle];
            outcome[handle] = NOT_COMPLETED;
            join(handle, waited);
            handle = oldest();
        }
    }

    /** Returns a buffer, all of those before which are returned. */
    private void join(int handle, int written) {
        if (batchSlots != 0 && !batchIsOpen) {
            closeBatch();
        }
        batchSlots += slots(handle);
        batchId = bufferId(handle);
        batchWritten = written;
        batchIsOpen = readOnly[handle];
        release(handle);
    }

    private void closeBatch() {
        use(batchId, batchSlots, batchWritten);
        batchSlots = 0;
    }

    @Override
    public boolean publish() {
        if (batchSlots != 0) {
            closeBatch();
        }
        return super.publish();
    }
}
