package org.netdev4j.virtio.queue;

import static org.netdev4j.virtio.queue.PackedLayout.DESCRIPTOR_SHIFT;
import static org.netdev4j.virtio.queue.PackedLayout.INDIRECT;
import static org.netdev4j.virtio.queue.PackedLayout.NEXT;
import static org.netdev4j.virtio.queue.PackedLayout.REST_OFFSET;
import static org.netdev4j.virtio.queue.PackedLayout.WRAP_FLAGS;
import static org.netdev4j.virtio.queue.PackedLayout.WRITE;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;

/**
 * The device end of a packed virtqueue, virtio 1.4 §2.8.
 * <p>
 * Used descriptors are kept aside until they are published: the driver looks at the first of them all the time, and each write
 * between would take the cache line away from it.
 */
sealed class PackedDeviceQueue extends DeviceQueue permits InOrderPackedDeviceQueue {
    /** What a descriptor says of whose it is and of the shape of its buffer. */
    private static final long SHAPE_AND_STATE = PackedLayout.rest(0, 0, WRAP_FLAGS | NEXT | INDIRECT | WRITE);

    private final DeviceMemory memory;
    private final int size;
    private final MemorySegment ring;
    private final MemorySegment driverEvent;
    private final MemorySegment deviceEvent;
    private final long ringAddress;
    private final long deviceEventAddress;
    private final boolean indirect;
    private final boolean eventIndex;

    private final TakenBuffers taken;
    /** Null if nobody is to know what is in flight. */
    private final PackedInflight inflight;
    /** Slots of buffers taken and not published as used. */
    private int held;

    /** Where the next buffer starts, and the flags that will tell. */
    private int availableSlot;
    private int availableFlags;

    /** Where the next used descriptor goes, and its flags. */
    private int usedSlot;
    private int usedFlags;
    /** The slots of what is kept aside, from the position {@link #published} on. */
    private int published;
    private int usedSlots;
    /** Used descriptors kept aside: where each goes and what it says. */
    private final long[] asideOffset;
    private final long[] asideRest;
    private int aside;

    PackedDeviceQueue(DeviceMemory memory, QueuePlacement placement, Features features, RingState startState,
            MemorySegment inflightRecord) {
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
        ringAddress = placement.descriptorAddress();
        deviceEventAddress = placement.deviceAddress();
        indirect = features.has(VirtioFeature.INDIRECT_DESC);
        eventIndex = features.has(VirtioFeature.EVENT_IDX);
        taken = new TakenBuffers(size);
        asideOffset = new long[size];
        asideRest = new long[size];
        inflight = inflightRecord == null
                ? null
                : new PackedInflight(InflightLayout.checked(inflightRecord, size), size);
        RingState state = inflight == null ? startState : inflight.begin(startState, ring);
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
        setDeviceEvent(eventIndex
                ? EventSuppression.at(PackedLayout.position(availableSlot, availableFlags))
                : EventSuppression.ENABLE);
    }

    private void setDeviceEvent(int event) {
        RingField.set32Opaque(deviceEvent, 0, event);
        if (ringLog() != null) {
            ringLog().written(deviceEventAddress, EventSuppression.BYTES);
        }
    }

    @Override
    public final RingState state() {
        return new RingState(PackedLayout.position(availableSlot, availableFlags), published);
    }

    @Override
    public final int size() {
        return size;
    }

    @Override
    public boolean next(DescriptorChain chain) {
        if (inflight != null && inflight.hasMoreAgain()) {
            return nextAgain(chain);
        }
        if (isBroken() || held == size) {
            return false;
        }
        int slot = availableSlot;
        long rest = availableRest(slot);
        if (!PackedLayout.isIn(rest, availableFlags)) {
            return false;
        }
        int handle = taken.next();
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
        return enter(handle, PackedLayout.id(rest), 1);
    }

    /**
     * Looks for buffers first and reads where they are behind one fence for all, so that the waits for the cache lines of the ring
     * overlap.
     */
    @Override
    public int next(DescriptorBurst burst, int most, boolean writable) {
        burst.clear();
        if (isBroken() || (inflight != null && inflight.hasMoreAgain())) {
            return 0;
        }
        int found = lookAhead(burst, Math.min(Math.min(most, burst.capacity()), size - held), writable);
        if (found == 0) {
            return 0;
        }
        VarHandle.acquireFence();
        MemorySegment descriptors = ring;
        int slot = availableSlot;
        if (!burst.begin(memory.table(), descriptors.get(RingField.LE64, (long) slot << DESCRIPTOR_SHIFT), writable)) {
            return 0;
        }
        int count = 0;
        while (count < found) {
            int handle = taken.next();
            if (!burst.append(handle, descriptors.get(RingField.LE64, (long) slot << DESCRIPTOR_SHIFT))) {
                break;
            }
            if (inflight != null) {
                inflight.take(handle, ring, slot, 1);
            }
            taken.take(PackedLayout.id(burst.rest(count)), 1, !writable);
            count++;
            slot = slot + 1 == size ? 0 : slot + 1;
        }
        advance(count);
        return count;
    }

    private void advance(int slots) {
        held += slots;
        availableSlot += slots;
        if (availableSlot >= size) {
            availableSlot -= size;
            availableFlags ^= WRAP_FLAGS;
        }
    }

    /** Looks at descriptors from {@link #availableSlot} on, as long as they are available and the only ones of their buffers. */
    private int lookAhead(DescriptorBurst burst, int most, boolean writable) {
        MemorySegment descriptors = ring;
        long expected = PackedLayout.rest(0, 0, availableFlags | (writable ? WRITE : 0));
        int slot = availableSlot;
        int found = 0;
        while (found < most) {
            long rest = RingField.get64Opaque(descriptors, restOffset(slot));
            if (((rest ^ expected) & SHAPE_AND_STATE) != 0) {
                break;
            }
            burst.look(found++, rest);
            slot++;
            if (slot == size) {
                slot = 0;
                expected ^= PackedLayout.rest(0, 0, WRAP_FLAGS);
            }
        }
        return found;
    }

    /** Takes a buffer that another device end had taken, whose slots count as held since this one began. */
    private boolean nextAgain(DescriptorChain chain) {
        if (isBroken()) {
            return false;
        }
        int handle = taken.next();
        DeviceMemory.Table table = memory.table();
        chain.begin(handle, table);
        int first = inflight.takeAgain(handle);
        int count = inflight.slots(first);
        long rest = 0;
        int entry = first;
        for (int i = 1; i <= count; i++) {
            rest = inflight.rest(entry);
            if (!isBroken()) {
                describe(availableSlot, inflight.address(entry), rest, i, chain, table);
            }
            entry = inflight.following(entry);
        }
        taken.take(PackedLayout.id(rest), count, false);
        return isWhole(handle);
    }

    private long availableRest(int slot) {
        return RingField.get64Acquire(ring, restOffset(slot));
    }

    private static long restOffset(int slot) {
        return ((long) slot << DESCRIPTOR_SHIFT) + REST_OFFSET;
    }

    /** Takes a buffer that is a list of descriptors or a table of them; its first descriptor ends with {@code first}. */
    private boolean nextInPieces(long first, DescriptorChain chain, DeviceMemory.Table table) {
        int slot = availableSlot;
        int expected = availableFlags;
        long rest = first;
        int count = 1;
        while (true) {
            if (!isBroken()) {
                describe(slot, ring.get(RingField.LE64, (long) slot << DESCRIPTOR_SHIFT), rest, count, chain, table);
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
        return enter(chain.id(), PackedLayout.id(rest), count);
    }

    /** Appends what the {@code count}th descriptor of a buffer names, or breaks the queue. */
    private void describe(int slot, long address, long rest, int count, DescriptorChain chain,
            DeviceMemory.Table table) {
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
    private boolean enter(int handle, int bufferId, int count) {
        if (inflight != null) {
            inflight.take(handle, ring, availableSlot, count);
        }
        taken.take(bufferId, count, false);
        advance(count);
        return isWhole(handle);
    }

    /** Returns a buffer at once if it is malformed. @return false if it is */
    private boolean isWhole(int handle) {
        if (isBroken()) {
            complete(handle, 0);
            return false;
        }
        return true;
    }

    @Override
    public final void putBack(int count) {
        if (isBroken()) {
            return;
        }
        if (count < 0 || count > size) {
            throw new IllegalArgumentException(count + " buffers put back to a queue of " + size);
        }
        for (int back = 1; back <= count; back++) {
            if (!isTaken(taken.last(back))) {
                throw new IllegalArgumentException(
                        count + " buffers put back, where only the last " + (back - 1)
                                + " are taken and not completed");
            }
        }
        for (int i = 0; i < count; i++) {
            int handle = taken.last(1);
            int slots = taken.slots(handle);
            taken.putBack();
            if (inflight != null && !inflight.putBack(handle)) {
                continue;
            }
            held -= slots;
            availableSlot -= slots;
            if (availableSlot < 0) {
                availableSlot += size;
                availableFlags ^= WRAP_FLAGS;
            }
        }
    }

    @Override
    public final boolean hasAvailable() {
        if (inflight != null && inflight.hasMoreAgain()) {
            return !isBroken();
        }
        return !isBroken() && held != size
                && PackedLayout.isIn(RingField.get64Opaque(ring, restOffset(availableSlot)), availableFlags);
    }

    @Override
    public void complete(int chainId, int written) {
        checkCompletion(chainId, written);
        use(taken.id(chainId), taken.slots(chainId), written);
        release(chainId);
    }

    @Override
    void completeBurst(DescriptorBurst burst, int count, int[] written) {
        if (inflight != null || !taken.haveTaken(burst, count)) {
            completeEach(burst, count, written);
            return;
        }
        useEach(burst, count, written);
        taken.release(burst, count);
    }

    final void checkCompletion(int chainId, int written) {
        if (chainId < 0 || chainId >= size || written < 0) {
            throw new IllegalArgumentException(
                    "buffer " + chainId + " of a queue of " + size + ", " + written + " bytes written");
        }
        if (!isTaken(chainId)) {
            throw new IllegalStateException("buffer " + chainId + " completed, but it is not taken");
        }
    }

    /** True if the device has the buffer and did not complete it. */
    boolean isTaken(int handle) {
        return taken.isTaken(handle);
    }

    /** Frees the handle of a buffer that is to be returned. */
    final void release(int handle) {
        if (inflight != null) {
            inflight.complete(handle);
        }
        taken.release(handle);
    }

    final TakenBuffers taken() {
        return taken;
    }

    final boolean isRecorded() {
        return inflight != null;
    }

    /** Keeps a used descriptor aside that stands for so many slots. */
    final void use(int id, int slots, int written) {
        asideOffset[aside] = restOffset(usedSlot);
        asideRest[aside] = PackedLayout.rest(written, id, written != 0 ? usedFlags | WRITE : usedFlags);
        aside++;
        usedSlots += slots;
        int next = usedSlot + slots;
        if (next >= size) {
            next -= size;
            usedFlags ^= WRAP_FLAGS;
        }
        usedSlot = next;
    }

    /** As {@link #use}, for the first buffers of a burst, one slot each. */
    final void useEach(DescriptorBurst burst, int count, int[] written) {
        int slot = usedSlot;
        int flags = usedFlags;
        int entry = aside;
        for (int i = 0; i < count; i++) {
            int bytes = written == null ? 0 : written[i];
            asideOffset[entry] = restOffset(slot);
            asideRest[entry] = PackedLayout.rest(bytes, PackedLayout.id(burst.rest(i)),
                    bytes != 0 ? flags | WRITE : flags);
            entry++;
            slot++;
            if (slot == size) {
                slot = 0;
                flags ^= WRAP_FLAGS;
            }
        }
        aside = entry;
        usedSlots += count;
        usedSlot = slot;
        usedFlags = flags;
    }

    @Override
    public boolean publish() {
        if (usedSlots == 0) {
            return false;
        }
        int from = published;
        int slots = usedSlots;
        published = PackedLayout.position(usedSlot, usedFlags);
        usedSlots = 0;
        held -= slots;
        writeAllButFirst();
        if (inflight != null) {
            inflight.beginPublish(published);
        }
        RingField.set64Release(ring, asideOffset[0], asideRest[0]);
        if (inflight != null) {
            inflight.endPublish(published);
        }
        if (ringLog() != null) {
            logUsed(PackedLayout.slot(from), slots);
        }
        VarHandle.fullFence();
        return EventSuppression.isWanted(RingField.get32Opaque(driverEvent, 0), eventIndex, from, slots, size);
    }

    /** Backwards, so that the line of the first, which shows them all, is written to its end in one go. */
    private void writeAllButFirst() {
        for (int i = aside - 1; i > 0; i--) {
            ring.set(RingField.LE64, asideOffset[i], asideRest[i]);
        }
        aside = 0;
    }

    @Override
    public final boolean interruptsAreDisabled() {
        return EventSuppression.isDisabled(RingField.get32Opaque(driverEvent, 0));
    }

    @Override
    public final boolean armKick() {
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
    public final void disarmKick() {
        setDeviceEvent(EventSuppression.DISABLE);
    }

    @Override
    final void logRing(WriteLog rings) {
        rings.written(ringAddress, PackedLayout.ringBytes(size));
        rings.written(deviceEventAddress, EventSuppression.BYTES);
    }

    /** So many slots from one on, around the end. */
    private void logUsed(int slot, int slots) {
        int toEnd = Math.min(slots, size - slot);
        ringLog().written(ringAddress + ((long) slot << DESCRIPTOR_SHIFT), (long) toEnd << DESCRIPTOR_SHIFT);
        if (toEnd != slots) {
            ringLog().written(ringAddress, (long) (slots - toEnd) << DESCRIPTOR_SHIFT);
        }
    }
}
