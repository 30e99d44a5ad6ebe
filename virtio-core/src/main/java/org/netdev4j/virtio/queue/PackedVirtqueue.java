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

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/**
 * The driver end of a packed virtqueue, virtio 1.4 §2.8.
 * <p>
 * A descriptor is two stores, its address and all the rest. Of a burst only the first descriptor is held back until
 * {@link #publish}: a device looks at no slot before the ones in front of it, so one release store shows them all. Of the
 * descriptors that the device wrote nothing but id, length and flags is read, by one load.
 */
sealed class PackedVirtqueue extends Virtqueue permits InOrderPackedVirtqueue {
    static final String NOT_IN_FLIGHT = "no buffer available to the device has that id";

    static final int SLOTS_SHIFT = 32;

    final int size;
    private final MemorySlice slice;
    final MemorySegment ring;
    private final QueuePlacement placement;
    private final boolean eventIndex;
    /** Pieces of a buffer that takes one descriptor: as many as a table has entries, or 1 without tables. */
    private final int tableEntries;
    /** Offsets in the ring memory. */
    private final long driverEvent;
    private final long deviceEvent;
    private final long tables;

    /** By buffer id: what {@link #add} was given. */
    final int[] token;
    /** By buffer id: its writable bytes in the low half, its slots in the high half; 0 when it is not in flight. */
    final long[] shape;
    /** The free ids: all but those in flight from index {@link #firstFree} on, around the end; first in, first out. */
    private final int[] ids;
    private int firstFree;

    /** Where the next descriptor goes, and its flags. */
    private int nextSlot;
    private int availableFlags;
    /** What was added since {@link #publish}, from the position {@link #published} on. */
    private int published;
    private int addedSlots;
    private int addedBuffers;
    private long firstRest;

    /** Where the device writes next, the flags that will tell, and what it holds. */
    int usedSlot;
    int usedFlags;
    int sharedSlots;
    int sharedBuffers;

    PackedVirtqueue(MemoryRegion region, int size, Features features, int start) {
        if (!PackedLayout.isLegalSize(size)) {
            throw new IllegalArgumentException(
                    "size of a packed virtqueue is 1.." + PackedLayout.MAX_SIZE + ", not " + size);
        }
        this.size = size;
        boolean indirect = features.has(VirtioFeature.INDIRECT_DESC);
        slice = region.cut(PackedLayout.totalBytes(size, indirect), SplitLayout.FALSE_SHARING_BYTES);
        ring = slice.segment();
        driverEvent = PackedLayout.driverEventOffset(size);
        deviceEvent = PackedLayout.deviceEventOffset(size);
        tables = PackedLayout.tablesOffset(size);
        tableEntries = indirect ? SplitLayout.tableEntries(size) : 1;
        eventIndex = features.has(VirtioFeature.EVENT_IDX);
        long address = slice.deviceAddress();
        placement = new QueuePlacement(size, address, address + driverEvent, address + deviceEvent);
        token = new int[size];
        shape = new long[size];
        ids = new int[size];
        start(start);
    }

    private void start(int position) {
        ring.fill((byte) 0);
        Arrays.fill(shape, 0);
        Arrays.setAll(ids, i -> i);
        firstFree = 0;
        nextSlot = PackedLayout.slot(position);
        availableFlags = PackedLayout.availableFlags(position);
        published = position;
        addedSlots = 0;
        addedBuffers = 0;
        usedSlot = nextSlot;
        usedFlags = PackedLayout.usedFlags(position);
        sharedSlots = 0;
        sharedBuffers = 0;
        brokenReason(null);
        disarmInterrupt();
    }

    @Override
    public final QueuePlacement placement() {
        return placement;
    }

    @Override
    public final int size() {
        return size;
    }

    @Override
    public final int free() {
        return size - sharedSlots - addedSlots;
    }

    @Override
    public final int slotsFor(int pieces) {
        return pieces <= tableEntries ? 1 : pieces;
    }

    @Override
    public final int inFlight() {
        return sharedBuffers + addedBuffers;
    }

    @Override
    public final boolean add(long deviceAddress, int length, boolean deviceWritable, int token) {
        if (length <= 0) {
            throw new IllegalArgumentException("buffer of " + length + " bytes");
        }
        if (sharedSlots + addedSlots == size || isBroken()) {
            return false;
        }
        int id = ids[firstFree];
        int flags = deviceWritable ? availableFlags | WRITE : availableFlags;
        addFirst(deviceAddress, PackedLayout.rest(length, id, flags));
        added(id, 1, deviceWritable ? length : 0, token);
        return true;
    }

    @Override
    public final boolean add(ScatterGatherList buffer, int token) {
        int count = buffer.size();
        int writableBytes = writableBytes(buffer);
        int slots = slotsFor(count);
        if (slots > free() || isBroken()) {
            return false;
        }
        int id = ids[firstFree];
        if (slots < count) {
            addIndirect(buffer, count, id);
        } else {
            addChain(buffer, count, id);
        }
        added(id, slots, writableBytes, token);
        return true;
    }

    /** Writes a list of descriptors, the first one last. */
    private void addChain(ScatterGatherList buffer, int count, int id) {
        int slot = nextSlot;
        int flags = availableFlags;
        for (int i = 1; i < count; i++) {
            slot++;
            if (slot == size) {
                slot = 0;
                flags ^= WRAP_FLAGS;
            }
            write((long) slot << DESCRIPTOR_SHIFT, buffer, i, id, flags | (i == count - 1 ? 0 : NEXT));
        }
        int first = availableFlags | (buffer.deviceWritable(0) ? WRITE : 0) | (count == 1 ? 0 : NEXT);
        addFirst(buffer.address(0), PackedLayout.rest(buffer.length(0), id, first));
    }

    /** Writes the pieces to the table of the buffer id, one after the other. */
    private void addIndirect(ScatterGatherList buffer, int count, int id) {
        long table = tables + id * PackedLayout.tableBytes(size);
        for (int i = 0; i < count; i++) {
            write(table + ((long) i << DESCRIPTOR_SHIFT), buffer, i, 0, 0);
        }
        addFirst(placement.descriptorAddress() + table,
                PackedLayout.rest(count << DESCRIPTOR_SHIFT, id, availableFlags | INDIRECT));
    }

    private void write(long descriptor, ScatterGatherList buffer, int piece, int id, int flags) {
        ring.set(RingField.LE64, descriptor, buffer.address(piece));
        ring.set(RingField.LE64, descriptor + REST_OFFSET,
                PackedLayout.rest(buffer.length(piece), id, buffer.deviceWritable(piece) ? flags | WRITE : flags));
    }

    /** Writes the first descriptor of a buffer; that of a burst's first buffer {@link #publish} completes. */
    private void addFirst(long address, long rest) {
        MemorySegment ring = this.ring;
        long descriptor = (long) nextSlot << DESCRIPTOR_SHIFT;
        ring.set(RingField.LE64, descriptor, address);
        if (addedSlots == 0) {
            firstRest = rest;
        } else {
            ring.set(RingField.LE64, descriptor + REST_OFFSET, rest);
        }
    }

    /** Enters the buffer that was written to the next slots. */
    private void added(int id, int slots, int writableBytes, int token) {
        this.token[id] = token;
        shape[id] = (long) slots << SLOTS_SHIFT | writableBytes;
        firstFree = firstFree + 1 == size ? 0 : firstFree + 1;
        addedBuffers++;
        addedSlots += slots;
        int next = nextSlot + slots;
        if (next >= size) {
            next -= size;
            availableFlags ^= WRAP_FLAGS;
        }
        nextSlot = next;
    }

    @Override
    public final boolean publish() {
        if (addedSlots == 0 || isBroken()) {
            return false;
        }
        int from = published;
        int slots = addedSlots;
        published = PackedLayout.position(nextSlot, availableFlags);
        sharedSlots += slots;
        sharedBuffers += addedBuffers;
        addedSlots = 0;
        addedBuffers = 0;
        RingField.set64Release(ring, restOffset(PackedLayout.slot(from)), firstRest);
        VarHandle.fullFence();
        return EventSuppression.isWanted(RingField.get32Opaque(ring, deviceEvent), eventIndex, from, slots, size);
    }

    static long restOffset(int slot) {
        return ((long) slot << DESCRIPTOR_SHIFT) + REST_OFFSET;
    }

    @Override
    final int nextToPublish() {
        return published;
    }

    @Override
    public final int pop(int[] tokens, int[] written, int max) {
        checkRoom(tokens, written, max);
        return isBroken() ? 0 : take(tokens, written, max);
    }

    /** Takes used buffers, at most {@code max}. */
    int take(int[] tokens, int[] written, int max) {
        MemorySegment ring = this.ring;
        boolean unpublished = addedBuffers != 0;
        int end = oldest();
        int slot = usedSlot;
        int flags = usedFlags;
        int left = sharedSlots;
        int taken = 0;
        while (taken < max && left != 0) {
            long rest = RingField.get64Acquire(ring, restOffset(slot));
            if (!PackedLayout.isIn(rest, flags)) {
                break;
            }
            int id = PackedLayout.id(rest);
            long buffer = id < size ? shape[id] : 0;
            if (buffer == 0 || (unpublished && isUnpublished(id))) {
                refuse(slot, rest, NOT_IN_FLIGHT);
                break;
            }
            int length = length(slot, rest, (int) buffer);
            if (length < 0) {
                break;
            }
            tokens[taken] = token[id];
            if (written != null) {
                written[taken] = length;
            }
            taken++;
            shape[id] = 0;
            ids[end] = id;
            end = end + 1 == size ? 0 : end + 1;
            int slots = (int) (buffer >>> SLOTS_SHIFT);
            if (slots == 1) { // so that the next load does not wait for this buffer's shape
                slot++;
                left--;
            } else {
                slot += slots;
                left -= slots;
            }
            if (slot >= size) {
                slot -= size;
                flags ^= WRAP_FLAGS;
            }
        }
        usedSlot = slot;
        usedFlags = flags;
        sharedSlots = left;
        sharedBuffers -= taken;
        return taken;
    }

    /** The index in {@link #ids} where the free ids end; while buffers are used in order, the oldest one's id is there. */
    final int oldest() {
        int index = firstFree - inFlight();
        return index < 0 ? index + size : index;
    }

    /** The ids given out last are still where they were free. */
    private boolean isUnpublished(int id) {
        for (int back = 1; back <= addedBuffers; back++) {
            int index = firstFree - back;
            if (ids[index < 0 ? index + size : index] == id) {
                return true;
            }
        }
        return false;
    }

    /**
     * Bytes that a used descriptor says were written to a buffer; if there is no room for them the queue breaks, -1. Without
     * WRITE the length has no meaning (virtio 1.4 §2.8.4) and is 0 unless it could be right: QEMU sets the length and never
     * the flag.
     */
    final int length(int slot, long rest, int room) {
        int length = (int) rest;
        if (Integer.compareUnsigned(length, room) <= 0) {
            return length;
        }
        if ((PackedLayout.flags(rest) & WRITE) == 0) {
            return 0;
        }
        if (room != 0) {
            refuse(slot, rest, "the buffer has room for " + room + " bytes");
            return -1;
        }
        ignoreLength();
        return 0;
    }

    final void refuse(int slot, long rest, String rule) {
        brokenReason("used descriptor in slot " + slot + " with id " + PackedLayout.id(rest) + " and length "
                + Integer.toUnsignedString((int) rest) + ", but " + rule + " (virtio 1.4 §2.8.6)");
    }

    @Override
    public boolean hasUsed() {
        return !isBroken() && sharedSlots != 0
                && PackedLayout.isIn(RingField.get64Opaque(ring, restOffset(usedSlot)), usedFlags);
    }

    @Override
    public final boolean armInterrupt() {
        if (isBroken()) {
            return true;
        }
        RingField.set32Opaque(ring, driverEvent, eventIndex
                ? EventSuppression.at(PackedLayout.position(usedSlot, usedFlags))
                : EventSuppression.ENABLE);
        VarHandle.fullFence();
        if (hasUsed()) {
            disarmInterrupt();
            return false;
        }
        return true;
    }

    @Override
    public final void disarmInterrupt() {
        if (!isBroken()) {
            RingField.set32Opaque(ring, driverEvent, EventSuppression.DISABLE);
        }
    }

    @Override
    int restart(int[] tokens) {
        int count = 0;
        for (int id = 0; id < size; id++) {
            if (shape[id] != 0) {
                tokens[count++] = token[id];
            }
        }
        start(PackedLayout.START);
        return count;
    }

    @Override
    final void giveMemoryBack() {
        slice.close();
    }
}
