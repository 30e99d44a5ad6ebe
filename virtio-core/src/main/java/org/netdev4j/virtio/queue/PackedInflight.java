package org.netdev4j.virtio.queue;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.netdev4j.virtio.queue.InflightField.get16;
import static org.netdev4j.virtio.queue.InflightField.get32;
import static org.netdev4j.virtio.queue.InflightField.get64;
import static org.netdev4j.virtio.queue.InflightField.get8;
import static org.netdev4j.virtio.queue.InflightField.set16Release;
import static org.netdev4j.virtio.queue.InflightField.set32Release;
import static org.netdev4j.virtio.queue.InflightField.set64Release;
import static org.netdev4j.virtio.queue.InflightField.set8Release;
import static org.netdev4j.virtio.queue.InflightLayout.ADDRESS_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.COUNTER_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.FLAGS_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.FREE_HEAD_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.ID_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.INFLIGHT_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.LAST_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.LENGTH_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.NEXT_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.OLD_FREE_HEAD_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.OLD_USED_INDEX_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.OLD_USED_WRAP_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.SLOTS_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.USED_INDEX_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.USED_WRAP_OFFSET;

import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The in-flight record of a packed queue, vhost-user "Inflight I/O tracking": each descriptor of a buffer that is taken has a copy
 * here, since used descriptors are written over those of other buffers. The front-end may write to the record too: it is read
 * where a queue begins, each field checked, and only written afterwards.
 */
final class PackedInflight {
    private final MemorySegment record;
    private final int size;
    /** The lists of entries, as the record has them. */
    private final int[] next;
    /** By first entry: descriptors of a buffer of the last back-end's. */
    private final int[] slots;
    private int freeHead;
    private long counter;

    /** By handle: the first entry of the buffer, and the last. */
    private final int[] first;
    private final int[] last;
    /** Completed and not published: the first entry of each buffer in the low half, the last in the high half. */
    private final int[] batch;
    private int batchSize;

    /** First entries of what the last back-end took and did not return, to be taken again first. */
    private int[] again = {};
    private int takenAgain;
    /** Taken from the ring since, as far as it can be put back. */
    private int takenFromRing;
    /** The two used positions are written by one store. */
    private final MemorySegment positions = MemorySegment.ofArray(new long[1]);
    private int oldUsed;

    /** @param record {@link InflightLayout#recordBytes} */
    PackedInflight(MemorySegment record, int size) {
        this.record = record;
        this.size = size;
        next = new int[size];
        slots = new int[size];
        first = new int[size];
        last = new int[size];
        batch = new int[size];
    }

    /**
     * Begins the record, or goes on as it says.
     *
     * @param state where to begin
     * @param ring the descriptors
     * @return where the queue begins
     */
    RingState begin(RingState state, MemorySegment ring) {
        if (get16(record, InflightLayout.VERSION_OFFSET) == 0) {
            set16Release(record, InflightLayout.SIZE_OFFSET, size);
            linkFree(new boolean[size]);
            writePositions(state.used(), state.used());
            set16Release(record, InflightLayout.VERSION_OFFSET, InflightLayout.VERSION);
            return state;
        }
        int used = lastPublished(ring);
        // Before a list is changed: the next recovery does not go along it again.
        writeFreeHead(freeHead);
        writePositions(used, used);
        boolean[] inUse = new boolean[size];
        int held = readBuffers(inUse);
        linkFree(inUse);
        takeBackUsed(ring, used, held);
        return new RingState(PackedLayout.forward(used, held, size), used);
    }

    /**
     * Behind its first descriptor a publication that did not take place may be in the ring already: the driver would come upon it
     * after the next.
     */
    private void takeBackUsed(MemorySegment ring, int used, int held) {
        for (int i = 0; i < held; i++) {
            int position = PackedLayout.forward(used, i, size);
            long at = ((long) PackedLayout.slot(position) << PackedLayout.DESCRIPTOR_SHIFT) + PackedLayout.REST_OFFSET;
            long rest = RingField.get64Acquire(ring, at);
            if (PackedLayout.isIn(rest, PackedLayout.usedFlags(position))) {
                RingField.set64Release(ring, at, PackedLayout.rest((int) rest, PackedLayout.id(rest),
                        PackedLayout.availableFlags(position)));
            }
        }
    }

    /**
     * The used position. The last publication was seen by the driver if its first descriptor says so; otherwise it did not take
     * place.
     */
    private int lastPublished(MemorySegment ring) {
        int old = position(OLD_USED_INDEX_OFFSET, OLD_USED_WRAP_OFFSET);
        int now = position(USED_INDEX_OFFSET, USED_WRAP_OFFSET);
        long rest = RingField.get64Acquire(ring,
                ((long) PackedLayout.slot(old) << PackedLayout.DESCRIPTOR_SHIFT) + PackedLayout.REST_OFFSET);
        if (old == now || PackedLayout.isIn(rest, PackedLayout.availableFlags(old))) {
            freeHead = index(get16(record, OLD_FREE_HEAD_OFFSET));
            return old;
        }
        freeHead = index(get16(record, FREE_HEAD_OFFSET));
        int entry = freeHead;
        for (int left = PackedLayout.distance(old, now, size); left > 0; left--) {
            set8Release(record, at(index(entry)) + INFLIGHT_OFFSET, 0);
            entry = get16(record, at(entry) + NEXT_OFFSET);
        }
        return now;
    }

    private int position(long indexOffset, long wrapOffset) {
        return index(get16(record, indexOffset)) | (get8(record, wrapOffset) & 1) << 15;
    }

    /**
     * Finds the buffers in flight, oldest first.
     *
     * @param inUse receives whether an entry belongs to one
     * @return their descriptors
     */
    private int readBuffers(boolean[] inUse) {
        unmarkFreeHead();
        again = IntStream.range(0, size).filter(this::isMarked).boxed()
                .sorted(Comparator.comparingLong(entry -> get64(record, at(entry) + COUNTER_OFFSET)))
                .mapToInt(Integer::intValue).toArray();
        int all = 0;
        for (int buffer : again) {
            slots[buffer] = readSlots(buffer);
            all += slots[buffer];
        }
        if (all > size) {
            throw InflightLayout.corrupt(all + " descriptors in flight, the queue has " + size);
        }
        for (int buffer : again) {
            int entry = buffer;
            for (int left = slots[buffer]; left > 0; left--) {
                if (inUse[index(entry)]) {
                    throw InflightLayout.corrupt("entry " + entry + " is in two buffers");
                }
                inUse[entry] = true;
                next[entry] = get16(record, at(entry) + NEXT_OFFSET);
                entry = next[entry];
            }
            counter = get64(record, at(buffer) + COUNTER_OFFSET) + 1;
        }
        return all;
    }

    /**
     * What is marked at the free head was being taken or put back, and comes from the ring; unless nothing is free: then the head
     * points anywhere.
     */
    private void unmarkFreeHead() {
        int marked = IntStream.range(0, size).filter(this::isMarked)
                .map(entry -> get16(record, at(entry) + SLOTS_OFFSET)).sum();
        if (marked != size) {
            set8Release(record, at(freeHead) + INFLIGHT_OFFSET, 0);
        }
    }

    private boolean isMarked(int entry) {
        return get8(record, at(entry) + INFLIGHT_OFFSET) == 1;
    }

    /** Makes one list of what is not in use: entries of a buffer that was about to be taken or returned are in none. */
    private void linkFree(boolean[] inUse) {
        int following = 0;
        for (int entry = size - 1; entry >= 0; entry--) {
            if (!inUse[entry]) {
                link(entry, following);
                following = entry;
            }
        }
        writeFreeHead(following);
    }

    private void writeFreeHead(int entry) {
        freeHead = entry;
        set16Release(record, FREE_HEAD_OFFSET, entry);
        set16Release(record, OLD_FREE_HEAD_OFFSET, entry);
    }

    private void link(int entry, int following) {
        next[entry] = following;
        set16Release(record, at(entry) + NEXT_OFFSET, following);
    }

    private void writePositions(int used, int old) {
        positions.set(JAVA_SHORT, 0, (short) PackedLayout.slot(used));
        positions.set(JAVA_SHORT, OLD_USED_INDEX_OFFSET - USED_INDEX_OFFSET, (short) PackedLayout.slot(old));
        positions.set(JAVA_BYTE, USED_WRAP_OFFSET - USED_INDEX_OFFSET, (byte) (used >>> 15));
        positions.set(JAVA_BYTE, OLD_USED_WRAP_OFFSET - USED_INDEX_OFFSET, (byte) (old >>> 15));
        set64Release(record, USED_INDEX_OFFSET, positions.get(JAVA_LONG, 0));
        oldUsed = old;
    }

    private int index(int value) {
        if (value >= size) {
            throw InflightLayout.corrupt("entry " + value + " of " + size);
        }
        return value;
    }

    private int readSlots(int entry) {
        int recorded = get16(record, at(entry) + SLOTS_OFFSET);
        if (recorded == 0 || recorded > size) {
            throw InflightLayout.corrupt("a buffer of " + recorded + " descriptors in a queue of " + size);
        }
        return recorded;
    }

    private static long at(int entry) {
        return InflightLayout.entry(entry);
    }

    /** True if the next buffer is one of the last back-end's. */
    boolean hasMoreAgain() {
        return takenAgain != again.length;
    }

    /** Takes that buffer. @return its first entry */
    int takeAgain(int handle) {
        int entry = again[takenAgain++];
        first[handle] = entry;
        last[handle] = entry;
        for (int left = slots[entry]; left > 1; left--) {
            last[handle] = next[last[handle]];
        }
        return entry;
    }

    /** The entry behind another of the same buffer. */
    int following(int entry) {
        return next[entry];
    }

    /** Descriptors of the buffer that {@link #takeAgain} returned. */
    int slots(int firstEntry) {
        return slots[firstEntry];
    }

    long address(int entry) {
        return get64(record, at(entry) + ADDRESS_OFFSET);
    }

    /** Length, id and flags of an entry, as a descriptor has them. */
    long rest(int entry) {
        return PackedLayout.rest(get32(record, at(entry) + LENGTH_OFFSET), get16(record, at(entry) + ID_OFFSET),
                get16(record, at(entry) + FLAGS_OFFSET));
    }

    /** A buffer is taken from the ring: so many descriptors from {@code slot} on, which are copied. */
    void take(int handle, MemorySegment ring, int slot, int count) {
        int entry = freeHead;
        first[handle] = entry;
        int from = slot;
        for (int i = 0; i < count; i++) {
            long descriptor = (long) from << PackedLayout.DESCRIPTOR_SHIFT;
            copy(entry, ring.get(RingField.LE64, descriptor),
                    ring.get(RingField.LE64, descriptor + PackedLayout.REST_OFFSET));
            from = from + 1 == size ? 0 : from + 1;
            last[handle] = entry;
            entry = next[entry];
        }
        long at = at(first[handle]);
        set16Release(record, at + LAST_OFFSET, last[handle]);
        set16Release(record, at + SLOTS_OFFSET, count);
        set64Release(record, at + COUNTER_OFFSET, counter++);
        set8Release(record, at + INFLIGHT_OFFSET, 1);
        writeFreeHead(entry);
        if (takenFromRing < size) {
            takenFromRing++;
        }
    }

    private void copy(int entry, long address, long rest) {
        long at = at(entry);
        set64Release(record, at + ADDRESS_OFFSET, address);
        set32Release(record, at + LENGTH_OFFSET, (int) rest);
        set16Release(record, at + ID_OFFSET, PackedLayout.id(rest));
        set16Release(record, at + FLAGS_OFFSET, PackedLayout.flags(rest));
    }

    /** Puts back the buffer taken last. @return false if it is not from the ring: it will be taken again before those that are */
    boolean putBack(int handle) {
        if (takenFromRing == 0) {
            takenAgain--;
            return false;
        }
        takenFromRing--;
        link(last[handle], freeHead);
        writeFreeHead(first[handle]);
        set8Release(record, at(freeHead) + INFLIGHT_OFFSET, 0);
        return true;
    }

    /** A buffer is completed; the driver does not see it yet. */
    void complete(int handle) {
        batch[batchSize++] = first[handle] | last[handle] << 16;
    }

    /** Right before the ring tells the driver of the batch. */
    void beginPublish(int used) {
        for (int i = 0; i < batchSize; i++) {
            int head = batch[i] & 0xffff;
            link(batch[i] >>> 16, freeHead);
            freeHead = head;
            set16Release(record, FREE_HEAD_OFFSET, freeHead);
        }
        writePositions(used, oldUsed);
    }

    /** Right after. */
    void endPublish(int used) {
        for (int i = 0; i < batchSize; i++) {
            set8Release(record, at(batch[i] & 0xffff) + INFLIGHT_OFFSET, 0);
        }
        set16Release(record, OLD_FREE_HEAD_OFFSET, freeHead);
        writePositions(used, used);
        batchSize = 0;
    }
}
