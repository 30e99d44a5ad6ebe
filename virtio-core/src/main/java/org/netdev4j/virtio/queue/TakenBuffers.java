package org.netdev4j.virtio.queue;

import java.util.Arrays;

/**
 * The buffers that the device end of a packed virtqueue has and did not complete. A buffer id is any 16 bits of the driver's
 * choosing; here a buffer goes by a handle, 0 to size - 1, and handles are given out again in the order in which they came back.
 *
 * <pre>
 *   63      33   32          31        16 15          0
 *  +----------+-------------+------------+-------------+
 *  | 0        | read only   | slots      | buffer id   |   by handle; 0: not taken
 *  +----------+-------------+------------+-------------+
 * </pre>
 */
final class TakenBuffers {
    private static final int SLOTS_SHIFT = 16;
    private static final int HALF_MASK = 0xffff;
    private static final long READ_ONLY = 1L << 32;

    private final int size;
    private final long[] buffers;
    /** From index {@link #firstFree} to {@link #firstTaken}, around the end, the free handles. */
    private final int[] handles;
    private int firstFree;
    private int firstTaken;

    TakenBuffers(int size) {
        this.size = size;
        buffers = new long[size];
        handles = new int[size];
        Arrays.setAll(handles, i -> i);
    }

    /** The handle of the buffer that is taken next. */
    int next() {
        return handles[firstFree];
    }

    /** Takes a buffer, as {@link #next()}. */
    void take(int id, int slots, boolean readOnly) {
        buffers[handles[firstFree]] = id | (long) slots << SLOTS_SHIFT | (readOnly ? READ_ONLY : 0);
        firstFree = following(firstFree);
    }

    /** The device can only read a buffer that is taken. */
    void readOnly(int handle) {
        buffers[handle] |= READ_ONLY;
    }

    /** Forgets the buffer taken last. */
    void putBack() {
        firstFree = before(1);
        buffers[handles[firstFree]] = 0;
    }

    /** The handle taken so many times ago: 1 is the last. */
    int last(int back) {
        return handles[before(back)];
    }

    /** The handle of the buffer that was taken first of those that are, while they are released in that order. */
    int oldest() {
        return handles[firstTaken];
    }

    /** True if the first buffers of {@code burst} are taken. */
    boolean haveTaken(DescriptorBurst burst, int count) {
        for (int i = 0; i < count; i++) {
            if (!isTaken(burst.id(i))) {
                return false;
            }
        }
        return true;
    }

    /** True if the first buffers of {@code burst} are taken and the oldest, in order, as for {@link #oldest()}. */
    boolean areOldest(DescriptorBurst burst, int count) {
        int index = firstTaken;
        for (int i = 0; i < count; i++) {
            int handle = handles[index];
            if (handle != burst.id(i) || buffers[handle] == 0) {
                return false;
            }
            index = following(index);
        }
        return true;
    }

    /** The buffer is the device's no longer. */
    void release(int handle) {
        buffers[handle] = 0;
        handles[firstTaken] = handle;
        firstTaken = following(firstTaken);
    }

    /** As {@link #release}, for the first buffers of a burst. */
    void release(DescriptorBurst burst, int count) {
        int index = firstTaken;
        for (int i = 0; i < count; i++) {
            int handle = burst.id(i);
            buffers[handle] = 0;
            handles[index] = handle;
            index = following(index);
        }
        firstTaken = index;
    }

    boolean isTaken(int handle) {
        return handle < size && buffers[handle] != 0;
    }

    int id(int handle) {
        return (int) buffers[handle] & HALF_MASK;
    }

    int slots(int handle) {
        return (int) (buffers[handle] >>> SLOTS_SHIFT) & HALF_MASK;
    }

    boolean isReadOnly(int handle) {
        return (buffers[handle] & READ_ONLY) != 0;
    }

    private int following(int index) {
        return index + 1 == size ? 0 : index + 1;
    }

    /** The index in {@link #handles} that is {@code back} in front of {@link #firstFree}. */
    private int before(int back) {
        return firstFree < back ? firstFree - back + size : firstFree - back;
    }
}
