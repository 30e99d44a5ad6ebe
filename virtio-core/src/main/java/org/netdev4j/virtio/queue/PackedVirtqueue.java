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
 * <p>
 * Buffer ids are handed out first in, first out: with IN_ORDER the id of slot i's buffer follows the one before it.
 */
final class PackedVirtqueue extends Virtqueue {
    private static final int NO_BATCH = -1;

    private final int size;
    private final MemorySlice slice;
    private final MemorySegment ring;
    private final QueuePlacement placement;
    private final boolean eventIndex;
    private final boolean inOrder;
    /** Pieces of a buffer that takes one descriptor: as many as a table has entries, or 1 without tables. */
    private final int tableEntries;
    /** Offsets in the ring memory. */
    private final long driverEvent;
    private final long deviceEvent;
    private final long tables;

    /** By buffer id: what {@link #add} was given, and how many slots it took; 0 slots when the id is not in flight. */
    private final int[] token;
    private final int[] writable;
    private final int[] slots;
    /** The free ids: all but {@link #inFlight} of them from index {@link #firstFree} on, around the end. */
    private final int[] ids;
    private int firstFree;
    private int inFlight;
    private int free;

    /** Where the next descriptor goes, and its flags. */
    private int nextSlot;
    private int availableFlags;
    /** What was added since {@link #publish}, from the position {@link #published} on. */
    private int published;
    private int addedSlots;
    private int addedBuffers;
    private long firstRest;

    /** Where the device writes next, the flags that will tell, and how many slots it holds. */
    private int usedSlot;
    private int usedFlags;
    private int shared;
    /** With IN_ORDER: the last buffer of a batch that was not yet taken to its end, and the bytes written to it. */
    private int batchEnd;
    private int batchWritten;
    private boolean closed;

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
        inOrder = features.has(VirtioFeature.IN_ORDER);
        long address = slice.deviceAddress();
        placement = new QueuePlacement(size, address, address + driverEvent, address + deviceEvent);
        token = new int[size];
        writable = new int[size];
        slots = new int[size];
        ids = new int[size];
        start(start);
    }

    private void start(int position) {
        ring.fill((byte) 0);
        Arrays.fill(slots, 0);
        Arrays.setAll(ids, i -> i);
        firstFree = 0;
        inFlight = 0;
        free = size;
        nextSlot = PackedLayout.slot(position);
        availableFlags = PackedLayout.availableFlags(position);
        published = position;
        addedSlots = 0;
        addedBuffers = 0;
        usedSlot = nextSlot;
        usedFlags = PackedLayout.usedFlags(position);
        shared = 0;
        batchEnd = NO_BATCH;
        brokenReason(null);
        disarmInterrupt();
    }

    @Override
    public QueuePlacement placement() {
        return placement;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int free() {
        return free;
    }

    @Override
    public int slotsFor(int pieces) {
        return pieces <= tableEntries ? 1 : pieces;
    }

    @Override
    public int inFlight() {
        return inFlight;
    }

    @Override
    public boolean add(long deviceAddress, int length, boolean deviceWritable, int token) {
        if (length <= 0) {
            throw new IllegalArgumentException("buffer of " + length + " bytes");
        }
        if (free == 0 || isBroken()) {
            return false;
        }
        int id = ids[firstFree];
        int flags = deviceWritable ? availableFlags | WRITE : availableFlags;
        addFirst(deviceAddress, PackedLayout.rest(length, id, flags));
        added(id, 1, deviceWritable ? length : 0, token);
        return true;
    }

    @Override
    public boolean add(ScatterGatherList buffer, int token) {
        int count = buffer.size();
        int writableBytes = writableBytes(buffer);
        int needed = slotsFor(count);
        if (needed > free || isBroken()) {
            return false;
        }
        int id = ids[firstFree];
        if (needed < count) {
            addIndirect(buffer, count, id);
        } else {
            addChain(buffer, count, id);
        }
        added(id, needed, writableBytes, token);
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
    private void added(int id, int count, int writableBytes, int token) {
        this.token[id] = token;
        writable[id] = writableBytes;
        slots[id] = count;
        firstFree = firstFree + 1 == size ? 0 : firstFree + 1;
        inFlight++;
        free -= count;
        addedBuffers++;
        addedSlots += count;
        nextSlot += count;
        if (nextSlot >= size) {
            nextSlot -= size;
            availableFlags ^= WRAP_FLAGS;
        }
    }

    @Override
    public boolean publish() {
        if (addedSlots == 0 || isBroken()) {
            return false;
        }
        int from = published;
        int count = addedSlots;
        published = PackedLayout.position(nextSlot, availableFlags);
        shared += count;
        addedSlots = 0;
        addedBuffers = 0;
        RingField.set64Release(ring, ((long) PackedLayout.slot(from) << DESCRIPTOR_SHIFT) + REST_OFFSET, firstRest);
        VarHandle.fullFence();
        return EventSuppression.isWanted(RingField.get32Opaque(ring, deviceEvent), eventIndex, from, count, size);
    }

    @Override
    int nextToPublish() {
        return published;
    }

    @Override
    public int pop(int[] tokens, int[] written, int max) {
        checkRoom(tokens, written, max);
        if (isBroken()) {
            return 0;
        }
        return inOrder ? popInOrder(tokens, written, max) : popAnyOrder(tokens, written, max);
    }

    private int popAnyOrder(int[] tokens, int[] written, int max) {
        int end = oldest();
        int taken = 0;
        while (taken < max && shared != 0) {
            long rest = usedRest();
            if (!PackedLayout.isIn(rest, usedFlags)) {
                break;
            }
            int id = PackedLayout.id(rest);
            if (id >= size || slots[id] == 0 || (addedBuffers != 0 && isUnpublished(id))) {
                refuse(id, (int) rest, "no buffer available to the device has that id");
                break;
            }
            int length = length(rest, writable[id]);
            if (length < 0) {
                refuse(id, (int) rest, "the buffer has room for " + writable[id] + " bytes");
                break;
            }
            tokens[taken] = token[id];
            if (written != null) {
                written[taken] = length;
            }
            taken++;
            ids[end] = id;
            end = end + 1 == size ? 0 : end + 1;
            release(id);
        }
        return taken;
    }

    /** As the device uses buffers in order, those before the one that it names are used too, to their end (§2.8.8). */
    private int popInOrder(int[] tokens, int[] written, int max) {
        int id = oldest();
        int taken = 0;
        while (taken < max && (batchEnd != NO_BATCH || seesBatch(id))) {
            boolean last = id == batchEnd;
            tokens[taken] = token[id];
            if (written != null) {
                written[taken] = last ? batchWritten : writable[id];
            }
            taken++;
            release(id);
            if (last) {
                batchEnd = NO_BATCH;
            }
            id = id + 1 == size ? 0 : id + 1;
        }
        return taken;
    }

    /** Reads what may be the end of a batch that starts with the buffer {@code first}; false if there is none or it lies. */
    private boolean seesBatch(int first) {
        if (shared == 0) {
            return false;
        }
        long rest = usedRest();
        if (!PackedLayout.isIn(rest, usedFlags)) {
            return false;
        }
        int id = PackedLayout.id(rest);
        int distance = id < first ? id - first + size : id - first;
        if (id >= size || distance >= inFlight - addedBuffers) {
            return refuse(id, (int) rest, "no buffer available to the device has that id");
        }
        int length = length(rest, writable[id]);
        if (length < 0) {
            return refuse(id, (int) rest, "the buffer has room for " + writable[id] + " bytes");
        }
        batchEnd = id;
        batchWritten = length;
        return true;
    }

    /** Id of the buffer that is in flight longest, with IN_ORDER; else the index in {@link #ids} where the free ids end. */
    private int oldest() {
        int index = firstFree - inFlight;
        return index < 0 ? index + size : index;
    }

    private long usedRest() {
        return RingField.get64Acquire(ring, ((long) usedSlot << DESCRIPTOR_SHIFT) + REST_OFFSET);
    }

    /**
     * Bytes that a used descriptor says were written, -1 if there is no room for them. Without WRITE the length has no meaning
     * (virtio 1.4 §2.8.4) and is 0 unless it could be right: QEMU sets the length and never the flag.
     */
    private int length(long rest, int room) {
        int length = (int) rest;
        if (Integer.compareUnsigned(length, room) <= 0) {
            return length;
        }
        if ((PackedLayout.flags(rest) & WRITE) == 0) {
            return 0;
        }
        if (room != 0) {
            return -1;
        }
        ignoreLength();
        return 0;
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

    private boolean refuse(int id, int length, String rule) {
        brokenReason("used descriptor in slot " + usedSlot + " with id " + id + " and length "
                + Integer.toUnsignedString(length) + ", but " + rule + " (virtio 1.4 §2.8.6)");
        return false;
    }

    /** Takes back the slots of a buffer: as many as it had, from the one on where the device writes. */
    private void release(int id) {
        int count = slots[id];
        slots[id] = 0;
        inFlight--;
        free += count;
        shared -= count;
        usedSlot += count;
        if (usedSlot >= size) {
            usedSlot -= size;
            usedFlags ^= WRAP_FLAGS;
        }
    }

    @Override
    public boolean hasUsed() {
        return !isBroken() && (batchEnd != NO_BATCH || (shared != 0 && PackedLayout.isIn(usedRest(), usedFlags)));
    }

    @Override
    public boolean armInterrupt() {
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
    public void disarmInterrupt() {
        if (!isBroken()) {
            RingField.set32Opaque(ring, driverEvent, EventSuppression.DISABLE);
        }
    }

    @Override
    public int reset(int[] tokens) {
        if (closed) {
            throw new IllegalStateException("the virtqueue is closed");
        }
        if (tokens.length < inFlight) {
            throw new IllegalArgumentException(
                    inFlight + " buffers are in flight, with room for " + tokens.length + " tokens");
        }
        int count = 0;
        for (int id = 0; id < size; id++) {
            if (slots[id] != 0) {
                tokens[count++] = token[id];
            }
        }
        start(PackedLayout.START);
        return count;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            brokenReason("closed");
            slice.close();
        }
    }
}
