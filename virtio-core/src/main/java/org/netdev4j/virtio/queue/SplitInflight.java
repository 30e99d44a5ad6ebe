package org.netdev4j.virtio.queue;

import static org.netdev4j.virtio.queue.InflightField.get16;
import static org.netdev4j.virtio.queue.InflightField.get64;
import static org.netdev4j.virtio.queue.InflightField.get8;
import static org.netdev4j.virtio.queue.InflightField.set16Release;
import static org.netdev4j.virtio.queue.InflightField.set64Release;
import static org.netdev4j.virtio.queue.InflightField.set8Release;
import static org.netdev4j.virtio.queue.InflightLayout.COUNTER_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.INFLIGHT_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.LAST_BATCH_HEAD_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.SPLIT_NEXT_OFFSET;
import static org.netdev4j.virtio.queue.InflightLayout.SPLIT_USED_INDEX_OFFSET;

import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The in-flight record of a split queue, vhost-user "Inflight I/O tracking". The front-end may write to it too: it is read where
 * a queue begins, each field checked, and only written afterwards.
 */
final class SplitInflight {
    private final MemorySegment record;
    private final int size;
    /** By slot of the available ring: what was taken there. */
    private final int[] taken;
    /** Completed and not published. */
    private final int[] batch;
    private int batchSize;
    private int lastBatchHead;
    private long counter;

    /** What the last back-end took and did not return, to be taken again first. */
    private int[] again = {};
    private int takenAgain;
    /** Taken from the ring since, as far as it can be put back. */
    private int takenFromRing;

    /** @param record {@link InflightLayout#recordBytes} */
    SplitInflight(MemorySegment record, int size) {
        this.record = record;
        this.size = size;
        taken = new int[size];
        batch = new int[size];
    }

    /**
     * Begins the record, or goes on as it says.
     *
     * @param state where to begin
     * @param usedIndex of the used ring, where the last back-end stopped
     * @return where the queue begins
     */
    RingState begin(RingState state, int usedIndex, boolean inOrder) {
        if (get16(record, InflightLayout.VERSION_OFFSET) == 0) {
            set16Release(record, InflightLayout.SIZE_OFFSET, size);
            set16Release(record, SPLIT_USED_INDEX_OFFSET, state.used());
            set16Release(record, InflightLayout.VERSION_OFFSET, InflightLayout.VERSION);
            return state;
        }
        forgetLastBatch(usedIndex);
        again = IntStream.range(0, size).filter(this::isInFlight).boxed()
                .sorted(Comparator.comparingLong(head -> get64(record, entry(head) + COUNTER_OFFSET)))
                .mapToInt(Integer::intValue).toArray();
        if (again.length > 0) {
            counter = get64(record, entry(again[again.length - 1]) + COUNTER_OFFSET) + 1;
        }
        if (inOrder) {
            // Then they are what follows the used index in the available ring.
            for (int head : again) {
                set8Release(record, entry(head) + INFLIGHT_OFFSET, 0);
            }
            again = new int[0];
        }
        return new RingState((usedIndex + again.length) & 0xffff, usedIndex);
    }

    /** The batch that was published last may have been published before it was written down that it was. */
    private void forgetLastBatch(int usedIndex) {
        int behind = (usedIndex - get16(record, SPLIT_USED_INDEX_OFFSET)) & 0xffff;
        if (behind > size) {
            throw InflightLayout.corrupt("it is " + behind + " buffers behind the used ring of " + size);
        }
        int head = get16(record, LAST_BATCH_HEAD_OFFSET);
        for (int i = 0; i < behind; i++) {
            if (head >= size) {
                throw InflightLayout.corrupt("descriptor " + head + " of " + size);
            }
            set8Release(record, entry(head) + INFLIGHT_OFFSET, 0);
            head = get16(record, entry(head) + SPLIT_NEXT_OFFSET);
        }
        set16Release(record, SPLIT_USED_INDEX_OFFSET, usedIndex);
        lastBatchHead = get16(record, LAST_BATCH_HEAD_OFFSET) & (size - 1);
    }

    private boolean isInFlight(int head) {
        return get8(record, entry(head) + INFLIGHT_OFFSET) == 1;
    }

    private static long entry(int head) {
        return InflightLayout.splitEntry(head);
    }

    /** True if the next buffer is one of the last back-end's. */
    boolean hasMoreAgain() {
        return takenAgain != again.length;
    }

    /** The head of that buffer. */
    int takeAgain() {
        return again[takenAgain++];
    }

    /** A buffer is taken from slot {@code slot} of the available ring. */
    void take(int slot, int head) {
        set64Release(record, entry(head) + COUNTER_OFFSET, counter++);
        set8Release(record, entry(head) + INFLIGHT_OFFSET, 1);
        taken[slot] = head;
        if (takenFromRing < size) {
            takenFromRing++;
        }
    }

    /**
     * Puts back the buffers taken last.
     *
     * @param end slot of the available ring behind the one taken last
     * @return how many of them are from the ring; the others will be taken again before those
     */
    int putBack(int buffers, int end) {
        int fromRing = Math.min(buffers, takenFromRing);
        for (int back = 1; back <= fromRing; back++) {
            set8Release(record, entry(taken[(end - back) & (size - 1)]) + INFLIGHT_OFFSET, 0);
        }
        takenFromRing -= fromRing;
        takenAgain -= buffers - fromRing;
        return fromRing;
    }

    /** A buffer is completed; the driver does not see it yet. */
    void complete(int head) {
        batch[batchSize++] = head;
    }

    /** Right before the used index tells the driver of the batch. */
    void beginPublish() {
        for (int i = 0; i < batchSize; i++) {
            set16Release(record, entry(batch[i]) + SPLIT_NEXT_OFFSET, lastBatchHead);
            lastBatchHead = batch[i];
            set16Release(record, LAST_BATCH_HEAD_OFFSET, lastBatchHead);
        }
    }

    /** Right after. */
    void endPublish(int usedIndex) {
        for (int i = 0; i < batchSize; i++) {
            set8Release(record, entry(batch[i]) + INFLIGHT_OFFSET, 0);
        }
        set16Release(record, SPLIT_USED_INDEX_OFFSET, usedIndex);
        batchSize = 0;
    }
}
