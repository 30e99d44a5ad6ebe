package org.netdev4j.virtio.queue;

import static org.netdev4j.virtio.queue.SplitLayout.DESCRIPTOR_SHIFT;
import static org.netdev4j.virtio.queue.SplitLayout.FLAGS_SHIFT;
import static org.netdev4j.virtio.queue.SplitLayout.HEAD_SHIFT;
import static org.netdev4j.virtio.queue.SplitLayout.INDIRECT;
import static org.netdev4j.virtio.queue.SplitLayout.NEXT;
import static org.netdev4j.virtio.queue.SplitLayout.NEXT_SHIFT;
import static org.netdev4j.virtio.queue.SplitLayout.NO_INTERRUPT;
import static org.netdev4j.virtio.queue.SplitLayout.NO_NOTIFY;
import static org.netdev4j.virtio.queue.SplitLayout.REST_OFFSET;
import static org.netdev4j.virtio.queue.SplitLayout.RING_ENTRIES_OFFSET;
import static org.netdev4j.virtio.queue.SplitLayout.RING_FLAGS_OFFSET;
import static org.netdev4j.virtio.queue.SplitLayout.RING_INDEX_OFFSET;
import static org.netdev4j.virtio.queue.SplitLayout.USED_ELEMENT_SHIFT;
import static org.netdev4j.virtio.queue.SplitLayout.USED_LENGTH_SHIFT;
import static org.netdev4j.virtio.queue.SplitLayout.WRITE;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;

/**
 * The device end of a split virtqueue, virtio 1.4 §2.7. With IN_ORDER a buffer waits for those taken before it, and buffers that
 * the device only read go back in batches, one used element each (§2.7.9). Buffers that it may write do not, though those written
 * in full could: drivers are known that read the length of every one.
 * <p>
 * Used elements are kept aside until they are published: the driver has just read the cache lines that they go to, and gets
 * each back once then, not for every element.
 */
final class SplitDeviceQueue extends DeviceQueue {
    private static final int NONE = -1;
    private static final int NOT_COMPLETED = -1;

    private final DeviceMemory memory;
    private final int size;
    private final int mask;
    private final MemorySegment descriptors;
    private final MemorySegment available;
    private final MemorySegment used;
    private final long usedAddress;
    private final boolean indirect;
    private final boolean eventIndex;
    private final boolean inOrder;
    private final long usedEvent;
    private final long availableEvent;

    /** Ring indexes, modulo 65536: what was taken, what was seen to be available, completed, published. */
    private int nextAvailable;
    private int seenAvailable;
    private int nextUsed;
    private int published;

    /**
     * With IN_ORDER, by slot of the available ring: the buffer that was taken there, whether it can only be read, and the bytes
     * written to it if it is completed and waits for another.
     */
    private final int[] taken;
    private final boolean[] readOnly;
    private final int[] outcome;
    /** Used elements kept aside: where each goes and what it says. */
    private final long[] asideOffset;
    private final long[] asideElement;
    private int aside;

    /** Null if nobody is to know what is in flight. */
    private final SplitInflight inflight;
    /** Where the next used element goes, and the last buffer that waits for one to stand for it; or NONE. */
    private int batch;
    private int lastRead = NONE;

    SplitDeviceQueue(DeviceMemory memory, QueuePlacement placement, Features features, RingState startState,
            MemorySegment inflightRecord) {
        this.memory = memory;
        size = placement.size();
        if (!SplitLayout.isLegalSize(size)) {
            throw new VirtioException(
                    "size of a split virtqueue is a power of two, 1.." + SplitLayout.MAX_SIZE + ", not " + size);
        }
        mask = size - 1;
        descriptors = part(memory, "descriptor table", placement.descriptorAddress(), SplitLayout.descriptorBytes(size),
                SplitLayout.DESCRIPTOR_ALIGNMENT);
        available = part(memory, "available ring", placement.driverAddress(), SplitLayout.availableBytes(size),
                SplitLayout.AVAILABLE_ALIGNMENT);
        used = part(memory, "used ring", placement.deviceAddress(), SplitLayout.usedBytes(size),
                SplitLayout.USED_ALIGNMENT);
        usedAddress = placement.deviceAddress();
        usedEvent = SplitLayout.usedEventOffset(size);
        availableEvent = SplitLayout.availableEventOffset(size);
        indirect = features.has(VirtioFeature.INDIRECT_DESC);
        eventIndex = features.has(VirtioFeature.EVENT_IDX);
        inOrder = features.has(VirtioFeature.IN_ORDER);
        inflight = inflightRecord == null
                ? null
                : new SplitInflight(InflightLayout.checked(inflightRecord, size), size);
        RingState state = inflight == null
                ? startState
                : inflight.begin(startState, RingField.get16Acquire(used, RING_INDEX_OFFSET), inOrder);
        nextAvailable = state.available();
        seenAvailable = state.available();
        nextUsed = state.used();
        published = state.used();
        if (((nextAvailable - nextUsed) & 0xffff) > size) {
            throw new VirtioException("a split virtqueue of " + size + " descriptors cannot be at " + state);
        }
        asideOffset = new long[size];
        asideElement = new long[size];
        taken = new int[inOrder ? size : 0];
        readOnly = new boolean[taken.length];
        outcome = new int[taken.length];
        batch = nextUsed;
        for (int index = nextUsed; inOrder && index != nextAvailable; index = (index + 1) & 0xffff) {
            take(index, head(index));
        }
        wantKick();
    }

    private void wantKick() {
        if (eventIndex) {
            setAvailableEvent(nextAvailable);
        } else {
            setUsedFlags(0);
        }
    }

    private void setAvailableEvent(int index) {
        RingField.set16Opaque(used, availableEvent, index);
        if (ringLog() != null) {
            ringLog().written(usedAddress + availableEvent, Short.BYTES);
        }
    }

    private void setUsedFlags(int flags) {
        RingField.set16Opaque(used, RING_FLAGS_OFFSET, flags);
        if (ringLog() != null) {
            ringLog().written(usedAddress + RING_FLAGS_OFFSET, Short.BYTES);
        }
    }

    @Override
    public RingState state() {
        return new RingState(nextAvailable, published);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean next(DescriptorChain chain) {
        if (inflight != null && inflight.hasMoreAgain()) {
            return nextAgain(chain);
        }
        if (isBroken() || (nextAvailable == seenAvailable && !seesMore())) {
            return false;
        }
        int head = head(nextAvailable);
        if (head >= size) {
            brokenReason("available ring names descriptor " + head + " of " + size + " (virtio 1.4 §2.7.6)");
            return false;
        }
        int index = nextAvailable;
        nextAvailable = (index + 1) & 0xffff;
        if (inOrder) {
            take(index, head);
        }
        if (inflight != null) {
            inflight.take(index & mask, head);
        }
        DeviceMemory.Table table = memory.table();
        chain.begin(head, table);
        if (!walk(head, chain, table)) {
            complete(head, 0);
            return false;
        }
        if (inOrder) {
            readOnly[index & mask] = chain.writableLength() == 0;
        }
        return true;
    }

    /** Takes a buffer that another device end had taken, and counts as taken since this one began. */
    private boolean nextAgain(DescriptorChain chain) {
        if (isBroken()) {
            return false;
        }
        int head = inflight.takeAgain();
        DeviceMemory.Table table = memory.table();
        chain.begin(head, table);
        if (!walk(head, chain, table)) {
            complete(head, 0);
            return false;
        }
        return true;
    }

    private void take(int index, int head) {
        int slot = index & mask;
        taken[slot] = head;
        readOnly[slot] = false;
        outcome[slot] = NOT_COMPLETED;
    }

    private int head(int index) {
        return RingField.get16(available, RING_ENTRIES_OFFSET + ((long) (index & mask) << HEAD_SHIFT));
    }

    /** Looks at the available index; false if there is nothing new or it cannot be right. */
    private boolean seesMore() {
        int index = RingField.get16Acquire(available, RING_INDEX_OFFSET);
        int outstanding = (nextAvailable - published) & 0xffff;
        if (((index - nextAvailable) & 0xffff) > size - outstanding) {
            brokenReason("available idx jumped from " + nextAvailable + " to " + index + " with " + outstanding + " of "
                    + size + " buffers not yet used (virtio 1.4 §2.7.6)");
            return false;
        }
        seenAvailable = index;
        return index != nextAvailable;
    }

    @Override
    public int next(DescriptorBurst burst, int most, boolean writable) {
        burst.clear();
        if (isBroken() || (inflight != null && inflight.hasMoreAgain())
                || (nextAvailable == seenAvailable && !seesMore())) {
            return 0;
        }
        MemorySegment descriptors = this.descriptors;
        DeviceMemory.Table table = memory.table();
        int flags = writable ? WRITE : 0;
        int index = nextAvailable;
        int available = (seenAvailable - index) & 0xffff;
        int limit = Math.min(Math.min(most, burst.capacity()), available);
        int taken = 0;
        while (taken < limit) {
            int head = head(index);
            if (head >= size) {
                break;
            }
            long descriptor = (long) head << DESCRIPTOR_SHIFT;
            long address = descriptors.get(RingField.LE64, descriptor);
            long rest = descriptors.get(RingField.LE64, descriptor + REST_OFFSET);
            burst.look(taken, rest);
            if (((int) (rest >>> FLAGS_SHIFT) & (WRITE | NEXT | INDIRECT)) != flags
                    || (taken == 0 && !burst.begin(table, address, writable))
                    || !burst.append(head, address)) {
                break;
            }
            if (inOrder) {
                take(index, head);
                readOnly[index & mask] = !writable;
            }
            if (inflight != null) {
                inflight.take(index & mask, head);
            }
            taken++;
            index = (index + 1) & 0xffff;
        }
        nextAvailable = index;
        return taken;
    }

    private boolean walk(int head, DescriptorChain chain, DeviceMemory.Table table) {
        MemorySegment descriptors = this.descriptors;
        int index = head;
        for (int count = 0; count < size; count++) {
            long descriptor = (long) index << DESCRIPTOR_SHIFT;
            long address = descriptors.get(RingField.LE64, descriptor);
            long rest = descriptors.get(RingField.LE64, descriptor + REST_OFFSET);
            int flags = (int) (rest >>> FLAGS_SHIFT);
            if ((flags & INDIRECT) != 0) {
                if (!indirect || (flags & NEXT) != 0) {
                    return refuse(head, index, indirect
                            ? "INDIRECT and NEXT (virtio 1.4 §2.7.5.3)"
                            : "INDIRECT was not negotiated (virtio 1.4 §2.7.5.3)");
                }
                return walkIndirect(head, address, rest & 0xffff_ffffL, size - count, chain, table);
            }
            if (!chain.append(address, (int) rest, (flags & WRITE) != 0)) {
                return refuse(head, index, chain.fault());
            }
            if ((flags & NEXT) == 0) {
                return true;
            }
            index = (int) (rest >>> NEXT_SHIFT);
            if (index >= size) {
                return refuse(head, index, "there are only " + size);
            }
        }
        return refuse(head, index, "more than " + size + " descriptors, as many as the queue has");
    }

    /**
     * Walks the table that ends a chain; it lies in one region, as no allocation crosses from one to the next.
     *
     * @param most descriptors that the chain may still have
     */
    private boolean walkIndirect(int head, long tableAddress, long bytes, int most, DescriptorChain chain,
            DeviceMemory.Table table) {
        if (bytes == 0 || (bytes & (SplitLayout.DESCRIPTOR_BYTES - 1)) != 0) {
            return refuse(head, 0, "indirect table of " + bytes + " bytes");
        }
        int region = table.find(tableAddress, chain.lastRegion());
        if (region < 0 || bytes > table.size[region] - (tableAddress - table.base[region])) {
            return refuse(head, 0, "indirect table at device address 0x" + Long.toHexString(tableAddress) + ", " + bytes
                    + " bytes, is not inside one memory region; known: " + table);
        }
        MemorySegment memory = table.segment[region];
        long start = tableAddress - table.base[region];
        long entries = bytes >>> DESCRIPTOR_SHIFT;
        int index = 0;
        for (int count = 0; count < most; count++) {
            long entry = start + ((long) index << DESCRIPTOR_SHIFT);
            long address = memory.get(RingField.LE64_UNALIGNED, entry);
            long rest = memory.get(RingField.LE64_UNALIGNED, entry + REST_OFFSET);
            int flags = (int) (rest >>> FLAGS_SHIFT);
            if ((flags & INDIRECT) != 0) {
                return refuse(head, index, "INDIRECT in an indirect table (virtio 1.4 §2.7.5.3)");
            }
            if (!chain.append(address, (int) rest, (flags & WRITE) != 0)) {
                return refuse(head, index, chain.fault());
            }
            if ((flags & NEXT) == 0) {
                return true;
            }
            index = (int) (rest >>> NEXT_SHIFT);
            if (index >= entries) {
                return refuse(head, index, "the indirect table has only " + entries);
            }
        }
        return refuse(head, index, "more than " + size + " descriptors, as many as the queue has");
    }

    private boolean refuse(int head, int index, String rule) {
        brokenReason("buffer at descriptor " + head + ", descriptor " + index + ": " + rule);
        return false;
    }

    @Override
    public void putBack(int buffers) {
        if (isBroken()) {
            return;
        }
        int held = (nextAvailable - nextUsed) & 0xffff;
        if (buffers < 0 || buffers > held) {
            throw new IllegalArgumentException(buffers + " buffers put back, " + held + " are taken");
        }
        for (int back = 1; inOrder && back <= buffers; back++) {
            int slot = (nextAvailable - back) & mask;
            if (outcome[slot] != NOT_COMPLETED) {
                throw new IllegalArgumentException("buffer " + taken[slot] + " put back after it was completed");
            }
        }
        int fromRing = inflight == null ? buffers : inflight.putBack(buffers, nextAvailable & mask);
        nextAvailable = (nextAvailable - fromRing) & 0xffff;
    }

    @Override
    public boolean hasAvailable() {
        return !isBroken() && (RingField.get16Opaque(available, RING_INDEX_OFFSET) != nextAvailable
                || (inflight != null && inflight.hasMoreAgain()));
    }

    @Override
    public void complete(int chainId, int written) {
        if (chainId < 0 || chainId >= size || written < 0) {
            throw new IllegalArgumentException(
                    "buffer " + chainId + " of a queue of " + size + ", " + written + " bytes written");
        }
        if (nextUsed == nextAvailable) {
            throw new IllegalStateException("buffer " + chainId + " completed, but none is taken");
        }
        if (inOrder) {
            completeInOrder(chainId, written);
            return;
        }
        use(nextUsed, chainId, written);
        nextUsed = (nextUsed + 1) & 0xffff;
        if (inflight != null) {
            inflight.complete(chainId);
        }
    }

    private void use(int index, int id, int written) {
        asideOffset[aside] = RING_ENTRIES_OFFSET + ((long) (index & mask) << USED_ELEMENT_SHIFT);
        asideElement[aside] = id | (long) written << USED_LENGTH_SHIFT;
        aside++;
    }

    private void writeUsed() {
        for (int i = 0; i < aside; i++) {
            used.set(RingField.LE64_UNALIGNED, asideOffset[i], asideElement[i]);
        }
        aside = 0;
    }

    /** Most often {@code id} is the next in order. */
    private void completeInOrder(int id, int written) {
        int index = nextUsed;
        while (taken[index & mask] != id || outcome[index & mask] != NOT_COMPLETED) {
            index = (index + 1) & 0xffff;
            if (index == nextAvailable) {
                throw new IllegalStateException("buffer " + id + " completed, but it is not taken");
            }
        }
        outcome[index & mask] = written;
        while (nextUsed != nextAvailable && outcome[nextUsed & mask] != NOT_COMPLETED) {
            useInOrder(nextUsed & mask);
        }
    }

    /** One used element stands for a run of buffers that were only read and the one after them, if that is completed too. */
    private void useInOrder(int slot) {
        nextUsed = (nextUsed + 1) & 0xffff;
        if (inflight != null) {
            inflight.complete(taken[slot]);
        }
        if (readOnly[slot] && outcome[slot] == 0) {
            lastRead = taken[slot];
        } else {
            endBatch(taken[slot], outcome[slot]);
        }
    }

    private void endBatch(int id, int written) {
        use(batch, id, written);
        batch = nextUsed;
        lastRead = NONE;
    }

    @Override
    public boolean publish() {
        if (lastRead != NONE) {
            endBatch(lastRead, 0);
        }
        if (nextUsed == published) {
            return false;
        }
        int before = published;
        published = nextUsed;
        writeUsed();
        if (inflight != null) {
            inflight.beginPublish();
        }
        RingField.set16Release(used, RING_INDEX_OFFSET, nextUsed);
        if (inflight != null) {
            inflight.endPublish(nextUsed);
        }
        if (ringLog() != null) {
            logUsed(before, (nextUsed - before) & 0xffff);
        }
        VarHandle.fullFence();
        if (eventIndex) {
            return EventIndex.isPassed(RingField.get16Opaque(available, usedEvent), before, nextUsed);
        }
        return (RingField.get16Opaque(available, RING_FLAGS_OFFSET) & NO_INTERRUPT) == 0;
    }

    @Override
    public boolean interruptsAreDisabled() {
        return !eventIndex && (RingField.get16Opaque(available, RING_FLAGS_OFFSET) & NO_INTERRUPT) != 0;
    }

    @Override
    public boolean armKick() {
        if (isBroken()) {
            return true;
        }
        wantKick();
        VarHandle.fullFence();
        if (hasAvailable()) {
            disarmKick();
            return false;
        }
        return true;
    }

    @Override
    public void disarmKick() {
        if (eventIndex) {
            setAvailableEvent(EventIndex.never(nextAvailable));
        } else {
            setUsedFlags(NO_NOTIFY);
        }
    }

    @Override
    void logRing(WriteLog rings) {
        rings.written(usedAddress, SplitLayout.usedBytes(size));
    }

    /** The index and so many elements. */
    private void logUsed(int from, int elements) {
        ringLog().written(usedAddress + RING_INDEX_OFFSET, Short.BYTES);
        int first = from & mask;
        int toEnd = Math.min(elements, size - first);
        logElements(first, toEnd);
        if (toEnd != elements) {
            logElements(0, elements - toEnd);
        }
    }

    private void logElements(int slot, int count) {
        ringLog().written(usedAddress + RING_ENTRIES_OFFSET + ((long) slot << USED_ELEMENT_SHIFT),
                (long) count << USED_ELEMENT_SHIFT);
    }
}
