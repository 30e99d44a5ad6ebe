package org.netdev4j.virtio.queue;

/**
 * Where things are in a split virtqueue of n descriptors, virtio 1.4 §2.7. All fields are little-endian.
 * <pre>
 *  descriptor table, 16 n bytes, aligned 16, written by the driver
 *   0               8       12      14      16
 *  +---------------+-------+-------+-------+
 *  | address       | length| flags | next  |  x n
 *  +---------------+-------+-------+-------+
 *
 *  available ring, 6 + 2 n bytes, aligned 2, written by the driver
 *   0       2       4           4 + 2 n
 *  +-------+-------+-----------+------------+
 *  | flags | idx   | head  x n | used_event |
 *  +-------+-------+-----------+------------+
 *
 *  used ring, 6 + 8 n bytes, aligned 4, written by the device
 *   0       2       4                  4 + 8 n
 *  +-------+-------+------------------+-------------+
 *  | flags | idx   | id, length  x n  | avail_event |
 *  +-------+-------+------------------+-------------+
 * </pre>
 */
final class SplitLayout {
    static final int MAX_SIZE = 1 << 15;
    private static final int MAX_TABLE_ENTRIES = 32;

    static final int DESCRIPTOR_BYTES = 16;
    static final int DESCRIPTOR_SHIFT = 4;
    /** Offset in a descriptor of the long that holds length, flags and next. */
    static final int REST_OFFSET = 8;
    static final int FLAGS_SHIFT = 32;
    static final int NEXT_SHIFT = 48;

    static final int NEXT = 1;
    static final int WRITE = 2;
    static final int INDIRECT = 4;

    /** Offsets of the fields that both rings have. */
    static final int RING_FLAGS_OFFSET = 0;
    static final int RING_INDEX_OFFSET = 2;
    static final int RING_ENTRIES_OFFSET = 4;

    /** In the available ring's flags: the driver needs no notification. */
    static final int NO_INTERRUPT = 1;
    /** In the used ring's flags: the device needs no notification. */
    static final int NO_NOTIFY = 1;

    static final int HEAD_SHIFT = 1;
    static final int USED_ELEMENT_SHIFT = 3;
    /** In a used element: id in the low half, length in the high half. */
    static final int USED_LENGTH_SHIFT = 32;

    static final int DESCRIPTOR_ALIGNMENT = 16;
    static final int AVAILABLE_ALIGNMENT = 2;
    static final int USED_ALIGNMENT = 4;

    /** What two threads write is kept apart by this many bytes: a pair of cache lines. */
    static final int FALSE_SHARING_BYTES = 128;

    private SplitLayout() {}

    static boolean isLegalSize(int size) {
        return size > 0 && size <= MAX_SIZE && Integer.bitCount(size) == 1;
    }

    static long descriptorBytes(int size) {
        return (long) size << DESCRIPTOR_SHIFT;
    }

    static long availableBytes(int size) {
        return usedEventOffset(size) + 2;
    }

    static long usedBytes(int size) {
        return availableEventOffset(size) + 2;
    }

    /** Offset of used_event in the available ring. */
    static long usedEventOffset(int size) {
        return RING_ENTRIES_OFFSET + ((long) size << HEAD_SHIFT);
    }

    /** Offset of avail_event in the used ring. */
    static long availableEventOffset(int size) {
        return RING_ENTRIES_OFFSET + ((long) size << USED_ELEMENT_SHIFT);
    }

    /** Offset of the available ring when the three parts are in one piece of memory, the descriptors first. */
    static long availableOffset(int size) {
        return descriptorBytes(size);
    }

    /** Offset of the used ring in one piece of memory: no cache line is shared with what the driver writes. */
    static long usedOffset(int size) {
        return roundUp(availableOffset(size) + availableBytes(size));
    }

    /** Offset, in one piece of memory, of what follows the three parts: the indirect tables if there are any. */
    static long tablesOffset(int size) {
        return roundUp(usedOffset(size) + usedBytes(size));
    }

    /** Entries of the indirect table that each descriptor has to itself; longer buffers are chained. */
    static int tableEntries(int size) {
        return Math.min(size, MAX_TABLE_ENTRIES);
    }

    /** Bytes of the three parts in one piece of memory, and of the indirect tables. */
    static long totalBytes(int size, boolean indirect) {
        return tablesOffset(size) + (indirect ? roundUp(size * descriptorBytes(tableEntries(size))) : 0);
    }

    /** Up to a boundary that no two threads share. */
    static long roundUp(long bytes) {
        return (bytes + FALSE_SHARING_BYTES - 1) & -FALSE_SHARING_BYTES;
    }

    /** Length, flags and next of a descriptor as one long. */
    static long rest(int length, int flags, int next) {
        return length | (long) flags << FLAGS_SHIFT | (long) next << NEXT_SHIFT;
    }
}
