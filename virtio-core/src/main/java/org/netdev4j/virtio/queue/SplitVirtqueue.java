package org.netdev4j.virtio.queue;

import static org.netdev4j.virtio.queue.SplitLayout.HEAD_SHIFT;
import static org.netdev4j.virtio.queue.SplitLayout.NEXT;
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
import java.util.Arrays;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/**
 * The driver end of a split virtqueue, virtio 1.4 §2.7.
 * <p>
 * Of the shared memory only the used ring is ever read. Descriptors are handed out first in, first out: while the device
 * returns buffers of one piece in order, slot i of the available ring always names descriptor i, and the store is left out.
 */
sealed class SplitVirtqueue extends Virtqueue permits InOrderSplitVirtqueue {
    private final int size;
    final int mask;
    private final MemorySlice slice;
    final MemorySegment ring;
    private final QueuePlacement placement;
    private final boolean eventIndex;
    /** Pieces of a buffer that takes one descriptor: as many as a table has entries, or 1 without tables. */
    private final int tableEntries;
    /** Offsets in the ring memory. */
    private final long available;
    final long used;
    private final long tables;
    private final long usedEvent;
    private final long availableEvent;

    /** By head: what {@link #add} was given, and how many descriptors it took; 0 pieces when the head is not in flight. */
    final int[] token;
    final int[] writable;
    final int[] pieces;
    /** By descriptor: the next one of the same buffer. */
    private final int[] next;
    /** What the available ring holds. */
    final int[] heads;
    /** The free descriptors: {@link #free} of them from index {@link #firstFree} on, around the end. */
    private final int[] freeDescriptors;
    private int firstFree;
    int free;
    int inFlight;

    /** Ring indexes, modulo 65536. */
    private int nextAvailable;
    private int published;
    int nextUsed;

    SplitVirtqueue(MemoryRegion region, int size, Features features, int firstIndex) {
        if (!SplitLayout.isLegalSize(size)) {
            throw new IllegalArgumentException(
                    "size of a split virtqueue is a power of two, 1.." + SplitLayout.MAX_SIZE + ", not " + size);
        }
        this.size = size;
        mask = size - 1;
        boolean indirect = features.has(VirtioFeature.INDIRECT_DESC);
        slice = region.cut(SplitLayout.totalBytes(size, indirect), SplitLayout.FALSE_SHARING_BYTES);
        ring = slice.segment();
        available = SplitLayout.availableOffset(size);
        used = SplitLayout.usedOffset(size);
        usedEvent = available + SplitLayout.usedEventOffset(size);
        availableEvent = used + SplitLayout.availableEventOffset(size);
        tables = SplitLayout.tablesOffset(size);
        tableEntries = indirect ? SplitLayout.tableEntries(size) : 1;
        eventIndex = features.has(VirtioFeature.EVENT_IDX);
        long address = slice.deviceAddress();
        placement = new QueuePlacement(size, address, address + available, address + used);
        token = new int[size];
        writable = new int[size];
        pieces = new int[size];
        next = new int[size];
        heads = new int[size];
        freeDescriptors = new int[size];
        start(firstIndex);
    }

    private void start(int firstIndex) {
        ring.fill((byte) 0);
        Arrays.fill(pieces, 0);
        Arrays.fill(heads, 0);
        Arrays.setAll(freeDescriptors, i -> i);
        firstFree = 0;
        free = size;
        inFlight = 0;
        nextAvailable = firstIndex;
        published = firstIndex;
        nextUsed = firstIndex;
        RingField.set16(ring, available + RING_INDEX_OFFSET, firstIndex);
        RingField.set16(ring, used + RING_INDEX_OFFSET, firstIndex);
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
        MemorySegment ring = this.ring;
        int head = freeDescriptors[firstFree];
        long descriptor = (long) head << SplitLayout.DESCRIPTOR_SHIFT;
        ring.set(RingField.LE64, descriptor, deviceAddress);
        ring.set(RingField.LE64, descriptor + REST_OFFSET, SplitLayout.rest(length, deviceWritable ? WRITE : 0, 0));
        made(head, 1, deviceWritable ? length : 0, token);
        return true;
    }

    @Override
    public boolean add(ScatterGatherList buffer, int token) {
        int count = buffer.size();
        int writableBytes = writableBytes(buffer);
        int slots = slotsFor(count);
        if (slots > free || isBroken()) {
            return false;
        }
        if (slots < count) {
            addIndirect(buffer, count, writableBytes, token);
            return true;
        }
        MemorySegment ring = this.ring;
        int head = freeDescriptors[firstFree];
        int id = head;
        for (int i = 0; i < count; i++) {
            boolean last = i == count - 1;
            int following = last ? 0 : freeDescriptors[(firstFree + i + 1) & mask];
            int flags = (buffer.deviceWritable(i) ? WRITE : 0) | (last ? 0 : NEXT);
            long descriptor = (long) id << SplitLayout.DESCRIPTOR_SHIFT;
            ring.set(RingField.LE64, descriptor, buffer.address(i));
            ring.set(RingField.LE64, descriptor + REST_OFFSET, SplitLayout.rest(buffer.length(i), flags, following));
            next[id] = following;
            id = following;
        }
        made(head, count, writableBytes, token);
        return true;
    }

    /** Writes the pieces to the table of the first free descriptor, in order. */
    private void addIndirect(ScatterGatherList buffer, int count, int writableBytes, int token) {
        MemorySegment ring = this.ring;
        int head = freeDescriptors[firstFree];
        long table = tables + head * SplitLayout.descriptorBytes(tableEntries);
        long entry = table;
        for (int i = 0; i < count; i++) {
            boolean last = i == count - 1;
            int flags = (buffer.deviceWritable(i) ? WRITE : 0) | (last ? 0 : NEXT);
            ring.set(RingField.LE64, entry, buffer.address(i));
            ring.set(RingField.LE64, entry + REST_OFFSET,
                    SplitLayout.rest(buffer.length(i), flags, last ? 0 : i + 1));
            entry += SplitLayout.DESCRIPTOR_BYTES;
        }
        long descriptor = (long) head << SplitLayout.DESCRIPTOR_SHIFT;
        ring.set(RingField.LE64, descriptor, placement.descriptorAddress() + table);
        ring.set(RingField.LE64, descriptor + REST_OFFSET,
                SplitLayout.rest((int) (entry - table), SplitLayout.INDIRECT, 0));
        made(head, 1, writableBytes, token);
    }

    /** Enters the buffer that was written to the first free descriptors. */
    private void made(int head, int count, int writableBytes, int token) {
        this.token[head] = token;
        writable[head] = writableBytes;
        pieces[head] = count;
        firstFree = (firstFree + count) & mask;
        free -= count;
        inFlight++;
        int slot = nextAvailable & mask;
        if (heads[slot] != head) {
            heads[slot] = head;
            RingField.set16(ring, available + RING_ENTRIES_OFFSET + ((long) slot << HEAD_SHIFT), head);
        }
        nextAvailable = (nextAvailable + 1) & 0xffff;
    }

    @Override
    public boolean publish() {
        if (nextAvailable == published || isBroken()) {
            return false;
        }
        int before = published;
        published = nextAvailable;
        RingField.set16Release(ring, available + RING_INDEX_OFFSET, nextAvailable);
        VarHandle.fullFence();
        if (eventIndex) {
            return EventIndex.isPassed(RingField.get16Opaque(ring, availableEvent), before, nextAvailable);
        }
        return (RingField.get16Opaque(ring, used + RING_FLAGS_OFFSET) & NO_NOTIFY) == 0;
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
        int index = RingField.get16Acquire(ring, used + RING_INDEX_OFFSET);
        int first = nextUsed;
        int waiting = (index - first) & 0xffff;
        int shared = inFlight - ((nextAvailable - published) & 0xffff);
        if (waiting > shared) {
            brokenReason("used idx jumped from " + first + " to " + index + " with " + shared + " buffers available"
                    + " (virtio 1.4 §2.7.8)");
            return 0;
        }
        int count = Math.min(waiting, max);
        return count == 0 ? 0 : take(tokens, written, count, index);
    }

    /**
     * Takes {@code count} used buffers, or fewer and breaks the queue.
     *
     * @param index of the used ring, at least {@code count} ahead of {@link #nextUsed}
     */
    int take(int[] tokens, int[] written, int count, int index) {
        MemorySegment ring = this.ring;
        long elements = used + RING_ENTRIES_OFFSET;
        int first = nextUsed;
        int taken = 0;
        while (taken < count) {
            int slot = (first + taken) & mask;
            long element = ring.get(RingField.LE64_UNALIGNED, elements + ((long) slot << USED_ELEMENT_SHIFT));
            int id = (int) element;
            int length = (int) (element >>> USED_LENGTH_SHIFT);
            if (!isPlausible(id, length)) {
                break;
            }
            tokens[taken] = token[id];
            if (written != null) {
                written[taken] = writable[id] == 0 ? 0 : length;
            }
            release(id);
            taken++;
        }
        inFlight -= taken;
        nextUsed = (first + taken) & 0xffff;
        return taken;
    }

    private boolean isPlausible(int id, int length) {
        if (id < 0 || id >= size) {
            return refuse(id, length, "there are " + size + " descriptors");
        }
        if (pieces[id] == 0) {
            return refuse(id, length, "no buffer in flight starts there");
        }
        if (nextAvailable != published && isUnpublished(id)) {
            return refuse(id, length, "the buffer was not yet made available");
        }
        return fits(id, length);
    }

    /** Checks the length that a used element gives a buffer; any will do for one that can only be read. */
    final boolean fits(int id, int length) {
        if (length >= 0 && length <= writable[id]) {
            return true;
        }
        if (writable[id] != 0) {
            return refuse(id, length, "the buffer has room for " + writable[id] + " bytes");
        }
        ignoreLength();
        return true;
    }

    private boolean isUnpublished(int id) {
        for (int index = published; index != nextAvailable; index = (index + 1) & 0xffff) {
            if (heads[index & mask] == id) {
                return true;
            }
        }
        return false;
    }

    final boolean refuse(int id, int length, String rule) {
        brokenReason("used element with id " + Integer.toUnsignedString(id) + " and length "
                + Integer.toUnsignedString(length) + ", but " + rule + " (virtio 1.4 §2.7.8)");
        return false;
    }

    /** Frees the descriptors of a buffer, in its order. */
    private void release(int head) {
        int count = pieces[head];
        pieces[head] = 0;
        int end = firstFree + free;
        freeDescriptors[end & mask] = head;
        int id = head;
        for (int i = 1; i < count; i++) {
            id = next[id];
            freeDescriptors[(end + i) & mask] = id;
        }
        free += count;
    }

    @Override
    public boolean hasUsed() {
        return !isBroken() && RingField.get16Opaque(ring, used + RING_INDEX_OFFSET) != nextUsed;
    }

    @Override
    public boolean armInterrupt() {
        if (isBroken()) {
            return true;
        }
        if (eventIndex) {
            RingField.set16Opaque(ring, usedEvent, nextUsed);
        } else {
            RingField.set16Opaque(ring, available + RING_FLAGS_OFFSET, 0);
        }
        VarHandle.fullFence();
        if (hasUsed()) {
            disarmInterrupt();
            return false;
        }
        return true;
    }

    @Override
    public void disarmInterrupt() {
        if (isBroken()) {
            return;
        }
        if (eventIndex) {
            RingField.set16Opaque(ring, usedEvent, EventIndex.never(nextUsed));
        } else {
            RingField.set16Opaque(ring, available + RING_FLAGS_OFFSET, NO_INTERRUPT);
        }
    }

    @Override
    int restart(int[] tokens) {
        int count = 0;
        for (int head = 0; head < size; head++) {
            if (pieces[head] != 0) {
                tokens[count++] = token[head];
            }
        }
        start(0);
        return count;
    }

    @Override
    final void giveMemoryBack() {
        slice.close();
    }
}
