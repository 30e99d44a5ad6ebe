package org.netdev4j.virtio.queue;

import static org.netdev4j.virtio.queue.PackedLayout.DESCRIPTOR_SHIFT;
import static org.netdev4j.virtio.queue.PackedLayout.INDIRECT;
import static org.netdev4j.virtio.queue.PackedLayout.NEXT;
import static org.netdev4j.virtio.queue.PackedLayout.REST_OFFSET;
import static org.netdev4j.virtio.queue.PackedLayout.WRAP_FLAGS;
import static org.netdev4j.virtio.queue.PackedLayout.WRITE;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;

/**
 * The device end of a packed virtqueue, virtio 1.4 §2.8.
 * <p>
 * A buffer id is any 16 bits of the driver's choosing. Here a buffer goes by a handle, 0 to size - 1, under which its id is
 * kept. Used descriptors are written as buffers are completed, but for the first of a publication, which shows them all.
 * <p>
 * With IN_ORDER a buffer waits for those taken before it, and buffers that the device only read go back in batches, one used
 * descriptor each (§2.8.8). Buffers that it may write do not, though those written in full could: drivers are known that wait
 * for the length of every one.
 */
final class PackedDeviceQueue extends DeviceQueue {
    private static final int NOT_COMPLETED = -1;

    private final DeviceMemory memory;
    private final int size;
    private final MemorySegment ring;
    private final MemorySegment driverEvent;
    private final MemorySegment deviceEvent;
    private final boolean indirect;
    private final boolean eventIndex;
    private final boolean inOrder;

    /** By handle: the buffer's id, how many slots it has or 0 when it is not taken, and whether the device may write to it. */
    private final int[] id;
    private final int[] slots;
    private final boolean[] readOnly;
    /** By handle, with IN_ORDER: the bytes written to a buffer that waits for another. */
    private final int[] outcome;
    /**
     * The free handles: all but {@link #taken} of them from index {@link #firstFree} on, around the end. With IN_ORDER each is at
     * its own index for ever.
     */
    private final int[] handles;
    private int firstFree;
    /** Buffers taken and not completed, or waiting for one that is not. */
    private int taken;
    /** Slots of buffers taken and not published as used. */
    private int held;

    /** Where the next buffer starts, and the flags that will tell. */
    private int availableSlot;
    private int availableFlags;

    /** Where the next used descriptor goes, and its flags. */
    private int usedSlot;
    private int usedFlags;
    /** The used descriptor that goes there, and the slots of its buffers; 0 if there is none yet. */
    private long usedRest;
    private int usedSlots;
    /** True if the same used descriptor can tell of the next buffer too. */
    private boolean usedContinues;
    /** What was completed before that since {@link #publish}, from the position {@link #published} on. */
    private int published;
    private int completedSlots;
    private long firstRest;

    PackedDeviceQueue(DeviceMemory memory, QueuePlacement placement, Features features, RingState state) {
        this.memory = memory;
        size = placement.size();
        if (!PackedLayout.isLegalSize(size)) {
            throw new VirtioException("size of a packed virtqueue is 1.." + PackedLayout.MAX_SIZE + ", not " + size);
        }
        ring = part(memory, "descriptor ring", placement.descriptorAddress(), PackedLayout.ringBytes(size),
                PackedLayout.RING_ALIGNMENT);
        driverEvent = part(memory, "driver event suppression", placement.driverAddress(), EventSuppression.BYTES,
                EventSuppression.BYTES);
        deviceEvent = part(memory, "device event suppression", placement.deviceAddress(), EventSuppression.BYTES,
                EventSuppression.BYTES);
        indirect = features.has(VirtioFeature.INDIRECT_DESC);
        eventIndex = features.has(VirtioFeature.EVENT_IDX);
        inOrder = features.has(VirtioFeature.IN_ORDER);
        id = new int[size];
        slots = new int[size];
        readOnly = new boolean[size];
        outcome = new int[size];
        handles = new int[size];
        Arrays.setAll(handles, i -> i);
        availableSlot = PackedLayout.slot(state.available());
        availableFlags = PackedLayout.availableFlags(state.available());
        published = state.used();
        usedSlot = PackedLayout.slot(published);
        usedFlags = PackedLayout.usedFlags(published);
        held = PackedLayout.distance(state.used(), state.available(), size);
        if (availableSlot >= size || usedSlot >= size || held > size) {
            throw new VirtioException("a packed virtqueue of " + size + " descriptors cannot be at " + state);
        }
        wantKick();
    }

    private void wantKick() {
        RingField.set32Opaque(deviceEvent, 0, eventIndex
                ? EventSuppression.at(PackedLayout.position(availableSlot, availableFlags))
                : EventSuppression.ENABLE);
    }

    @Override
    public RingState state() {
        return new RingState(PackedLayout.position(availableSlot, availableFlags), published);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean next(DescriptorChain chain) {
        if (isBroken() || held == size) {
            return false;
        }
        int slot = availableSlot;
        long rest = availableRest(slot);
        if (!PackedLayout.isIn(rest, availableFlags)) {
            return false;
        }
        int handle = handles[firstFree];
        DeviceMemory.Table table = memory.table();
        chain.begin(handle, table);
        int flags = PackedLayout.flags(rest);
        if ((flags & (NEXT | INDIRECT)) != 0) {
            return nextInPieces(rest, chain, table);
        }
        if (!chain.append(ring.get(RingField.LE64, (long) slot << DESCRIPTOR_SHIFT), (int) rest,
                (flags & WRITE) != 0)) {
            refuse(slot, chain.fault());
        }
        return taken(handle, PackedLayout.id(rest), 1, chain);
    }

    private long availableRest(int slot) {
        return RingField.get64Acquire(ring, ((long) slot << DESCRIPTOR_SHIFT) + REST_OFFSET);
    }

    /** Takes a buffer that is a list of descriptors or a table of them; its first descriptor ends with {@code first}. */
    private boolean nextInPieces(long first, DescriptorChain chain, DeviceMemory.Table table) {
        int slot = availableSlot;
        int expected = availableFlags;
        long rest = first;
        int count = 1;
        while (true) {
            if (!isBroken()) {
                describe(slot, rest, count, chain, table);
            }
            if ((PackedLayout.flags(rest) & NEXT) == 0) {
                break;
            }
            if (count == size - held) {
                return refuse(slot, "the list goes on after " + count + " slots, all that the driver has");
            }
            count++;
            slot++;
            if (slot == size) {
                slot = 0;
                expected ^= WRAP_FLAGS;
            }
            rest = availableRest(slot);
            if (!PackedLayout.isIn(rest, expected)) {
                return refuse(slot, "the list goes on in a descriptor that is not available (virtio 1.4 §2.8.6)");
            }
        }
        return taken(chain.id(), PackedLayout.id(rest), count, chain);
    }

    /** Appends what the {@code count}th descriptor of a buffer names, or breaks the queue. */
    private void describe(int slot, long rest, int count, DescriptorChain chain, DeviceMemory.Table table) {
        long address = ring.get(RingField.LE64, (long) slot << DESCRIPTOR_SHIFT);
        int flags = PackedLayout.flags(rest);
        if ((flags & INDIRECT) != 0) {
            if (!indirect) {
                refuse(slot, "INDIRECT was not negotiated (virtio 1.4 §2.8.19)");
            } else if ((flags & NEXT) != 0 || count != 1) {
                refuse(slot, "INDIRECT in a list (virtio 1.4 §2.8.19)");
            } else {
                describeTable(slot, address, rest & 0xffff_ffffL, chain, table);
            }
        } else if (!chain.append(address, (int) rest, (flags & WRITE) != 0)) {
            refuse(slot, chain.fault());
        }
    }

    /** Appends what a table names; it lies in one region, as no allocation crosses from one to the next. */
    private void describeTable(int slot, long tableAddress, long bytes, DescriptorChain chain,
            DeviceMemory.Table table) {
        long entries = bytes >>> DESCRIPTOR_SHIFT;
        if (entries == 0 || entries > size || entries << DESCRIPTOR_SHIFT != bytes) {
            refuse(slot, "indirect table of " + bytes + " bytes, where 1.." + size + " descriptors of 16 are allowed");
            return;
        }
        int region = table.find(tableAddress, chain.lastRegion());
        if (region < 0 || bytes > table.size[region] - (tableAddress - table.base[region])) {
            refuse(slot, "indirect table at device address 0x" + Long.toHexString(tableAddress) + ", " + bytes
                    + " bytes, is not inside one memory region; known: " + table);
            return;
        }
        MemorySegment inTable = table.segment[region];
        long start = tableAddress - table.base[region];
        for (long entry = start; entry != start + bytes; entry += 1L << DESCRIPTOR_SHIFT) {
            long address = inTable.get(RingField.LE64_UNALIGNED, entry);
            long rest = inTable.get(RingField.LE64_UNALIGNED, entry + REST_OFFSET);
            if (!chain.append(address, (int) rest, (PackedLayout.flags(rest) & WRITE) != 0)) {
                refuse(slot, chain.fault());
                return;
            }
        }
    }

    private boolean refuse(int slot, String rule) {
        brokenReason("buffer at slot " + availableSlot + ", slot " + slot + ": " + rule);
        return false;
    }

    /** Enters a buffer, and returns it at once with length 0 if it is malformed. @return false if it is */
    private boolean taken(int handle, int bufferId, int count, DescriptorChain chain) {
        id[handle] = bufferId;
        slots[handle] = count;
        readOnly[handle] = chain.writableLength() == 0;
        outcome[handle] = NOT_COMPLETED;
        firstFree = firstFree + 1 == size ? 0 : firstFree + 1;
        taken++;
        held += count;
        availableSlot += count;
        if (availableSlot >= size) {
            availableSlot -= size;
            availableFlags ^= WRAP_FLAGS;
        }
        if (isBroken()) {
            complete(handle, 0);
            return false;
        }
        return true;
    }

    @Override
    public void putBack(int buffers) {
        if (isBroken()) {
            return;
        }
        if (buffers < 0 || buffers > taken) {
            throw new IllegalArgumentException(buffers + " buffers put back, " + taken + " are taken");
        }
        for (int back = 1; back <= buffers; back++) {
            int handle = handles[before(firstFree, back)];
            if (slots[handle] == 0 || outcome[handle] != NOT_COMPLETED) {
                throw new IllegalArgumentException("buffer " + handle + " put back after it was completed");
            }
        }
        for (int i = 0; i < buffers; i++) {
            firstFree = before(firstFree, 1);
            int handle = handles[firstFree];
            int count = slots[handle];
            slots[handle] = 0;
            taken--;
            held -= count;
            availableSlot -= count;
            if (availableSlot < 0) {
                availableSlot += size;
                availableFlags ^= WRAP_FLAGS;
            }
        }
    }

    /** The index in {@link #handles} that is {@code back} in front of another. */
    private int before(int index, int back) {
        return index < back ? index - back + size : index - back;
    }

    @Override
    public boolean hasAvailable() {
        return !isBroken() && held != size && PackedLayout.isIn(availableRest(availableSlot), availableFlags);
    }

    @Override
    public void complete(int chainId, int written) {
        if (chainId < 0 || chainId >= size || written < 0) {
            throw new IllegalArgumentException(
                    "buffer " + chainId + " of a queue of " + size + ", " + written + " bytes written");
        }
        if (slots[chainId] == 0 || outcome[chainId] != NOT_COMPLETED) {
            throw new IllegalStateException("buffer " + chainId + " completed, but it is not taken");
        }
        int oldest = before(firstFree, taken);
        if (!inOrder) {
            handles[oldest] = chainId;
            use(chainId, written);
            return;
        }
        outcome[chainId] = written;
        while (taken != 0 && outcome[oldest] != NOT_COMPLETED) {
            use(oldest, outcome[oldest]);
            usedContinues = readOnly[oldest];
            oldest = oldest + 1 == size ? 0 : oldest + 1;
        }
    }

    /** Gives a buffer back: in the used descriptor of those before it, or in the next one. */
    private void use(int handle, int written) {
        if (usedSlots != 0 && !usedContinues) {
            writeUsed();
        }
        usedRest = PackedLayout.rest(written, id[handle], written != 0 ? usedFlags | WRITE : usedFlags);
        usedSlots += slots[handle];
        slots[handle] = 0;
        taken--;
    }

    /** Writes the used descriptor that nothing is to be added to; the first one after {@link #publish} waits for the next. */
    private void writeUsed() {
        if (completedSlots == 0) {
            firstRest = usedRest;
        } else {
            ring.set(RingField.LE64, ((long) usedSlot << DESCRIPTOR_SHIFT) + REST_OFFSET, usedRest);
        }
        completedSlots += usedSlots;
        usedSlot += usedSlots;
        usedSlots = 0;
        if (usedSlot >= size) {
            usedSlot -= size;
            usedFlags ^= WRAP_FLAGS;
        }
    }

    @Override
    public boolean publish() {
        if (usedSlots == 0) {
            return false;
        }
        writeUsed();
        int from = published;
        int count = completedSlots;
        published = PackedLayout.position(usedSlot, usedFlags);
        completedSlots = 0;
        held -= count;
        RingField.set64Release(ring, ((long) PackedLayout.slot(from) << DESCRIPTOR_SHIFT) + REST_OFFSET, firstRest);
        VarHandle.fullFence();
        return EventSuppression.isWanted(RingField.get32Opaque(driverEvent, 0), eventIndex, from, count, size);
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
        RingField.set32Opaque(deviceEvent, 0, EventSuppression.DISABLE);
    }
}
