package org.netdev4j.virtio.queue;

/**
 * Where things are in a packed virtqueue of n descriptors, virtio 1.4 §2.8. All fields are little-endian.
 * <pre>
 *  descriptor ring, 16 n bytes, aligned 16, written by both ends
 *   0               8       12      14      16
 *  +---------------+-------+-------+-------+
 *  | address       | length| id    | flags |  x n
 *  +---------------+-------+-------+-------+
 *
 *  driver event suppression, written by the driver, and device event suppression, written by the device:
 *  4 bytes each, aligned 4, see {@link EventSuppression}
 * </pre>
 * A slot is available or used if two of its flags say so for the wrap counter that its end has at the time: see
 * {@link #availableFlags} and {@link #usedFlags}. A position in the ring is a slot with a wrap counter in bit 15.
 */
final class PackedLayout {
    static final int MAX_SIZE = 1 << 15;

    static final int DESCRIPTOR_SHIFT = 4;
    /** Offset in a descriptor of the long that holds length, id and flags. */
    static final int REST_OFFSET = 8;
    private static final int ID_SHIFT = 32;
    private static final int FLAGS_SHIFT = 48;

    static final int NEXT = 1;
    static final int WRITE = 2;
    static final int INDIRECT = 4;
    private static final int AVAILABLE = 1 << 7;
    private static final int USED = 1 << 15;
    /** What changes in the flags when a wrap counter does. */
    static final int WRAP_FLAGS = AVAILABLE | USED;
    private static final long WRAP_FLAGS_OF_REST = (long) WRAP_FLAGS << FLAGS_SHIFT;

    static final int RING_ALIGNMENT = 16;

    private static final int SLOT_MASK = 0x7fff;
    private static final int WRAP_COUNTER = 1 << 15;
    /** From {@link #AVAILABLE} to {@link #WRAP_COUNTER}: in either kind of flags AVAILABLE is the wrap counter. */
    private static final int WRAP_COUNTER_SHIFT = 8;
    /** Slot 0 with the wrap counter 1: where both ends start, virtio 1.4 §2.8.1. */
    static final int START = WRAP_COUNTER;

    private PackedLayout() {}

    static boolean isLegalSize(int size) {
        return size > 0 && size <= MAX_SIZE;
    }

    static long ringBytes(int size) {
        return (long) size << DESCRIPTOR_SHIFT;
    }

    /** Offset of the driver event suppression when all is in one piece of memory, the ring first. */
    static long driverEventOffset(int size) {
        return SplitLayout.roundUp(ringBytes(size));
    }

    /** Offset of the device event suppression in one piece of memory: no cache line is shared with what the driver writes. */
    static long deviceEventOffset(int size) {
        return driverEventOffset(size) + SplitLayout.FALSE_SHARING_BYTES;
    }

    /** Offset, in one piece of memory, of what follows the three parts: the indirect tables if there are any. */
    static long tablesOffset(int size) {
        return deviceEventOffset(size) + SplitLayout.FALSE_SHARING_BYTES;
    }

    /** Bytes of the indirect table that each buffer id has to itself. */
    static long tableBytes(int size) {
        return ringBytes(SplitLayout.tableEntries(size));
    }

    /** Bytes of the three parts in one piece of memory, and of the indirect tables. */
    static long totalBytes(int size, boolean indirect) {
        return tablesOffset(size) + (indirect ? SplitLayout.roundUp(size * tableBytes(size)) : 0);
    }

    /** Length, id and flags of a descriptor as one long. */
    static long rest(int length, int id, int flags) {
        return (length & 0xffff_ffffL) | (long) id << ID_SHIFT | (long) flags << FLAGS_SHIFT;
    }

    static int id(long rest) {
        return (int) (rest >>> ID_SHIFT) & 0xffff;
    }

    static int flags(long rest) {
        return (int) (rest >>> FLAGS_SHIFT);
    }

    /** True if the descriptor is in the state that {@code flags} name, of {@link #availableFlags} or {@link #usedFlags}. */
    static boolean isIn(long rest, int flags) {
        return ((rest ^ (long) flags << FLAGS_SHIFT) & WRAP_FLAGS_OF_REST) == 0;
    }

    /** Flags of an available descriptor at {@code position}: AVAILABLE as the wrap counter, USED not (virtio 1.4 §2.8.1). */
    static int availableFlags(int position) {
        return (position & WRAP_COUNTER) != 0 ? AVAILABLE : USED;
    }

    /** Flags of a used descriptor at {@code position}: both as the wrap counter. */
    static int usedFlags(int position) {
        return (position & WRAP_COUNTER) != 0 ? AVAILABLE | USED : 0;
    }

    /** The slot with the wrap counter that {@code flags} speak of, of either kind. */
    static int position(int slot, int flags) {
        return slot | (flags & AVAILABLE) << WRAP_COUNTER_SHIFT;
    }

    static int slot(int position) {
        return position & SLOT_MASK;
    }

    /** So many slots behind a position, at most {@code size}. */
    static int forward(int position, int slots, int size) {
        int slot = slot(position) + slots;
        return slot < size ? position + slots : (slot - size) | (~position & WRAP_COUNTER);
    }

    /** Slots from one position forward to another, 0 to 2 size - 1, if both are in a ring of {@code size}. */
    static int distance(int from, int to, int size) {
        int slots = slot(to) - slot(from) + (((from ^ to) & WRAP_COUNTER) == 0 ? 0 : size);
        return slots < 0 ? slots + 2 * size : slots;
    }
}
