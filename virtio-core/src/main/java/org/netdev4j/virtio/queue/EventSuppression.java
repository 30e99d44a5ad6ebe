package org.netdev4j.virtio.queue;

/**
 * Notification suppression of a packed queue, virtio 1.4 §2.8.10 and §2.8.14: one le32 in which an end says what it wants to
 * be told, a position of the ring in the low half (slot, and wrap counter in bit 15), flags in the high half.
 */
final class EventSuppression {
    static final int BYTES = 4;

    private static final int FLAGS_SHIFT = 16;
    private static final int FLAGS_MASK = 3 << FLAGS_SHIFT;

    /** Every publication is to be notified. */
    static final int ENABLE = 0;
    /** Nothing is to be notified. */
    static final int DISABLE = 1 << FLAGS_SHIFT;
    private static final int DESC = 2 << FLAGS_SHIFT;

    private EventSuppression() {}

    /** What is published at {@code position} is to be notified; with EVENT_IDX only. */
    static int at(int position) {
        return DESC | position;
    }

    /** True if nothing is to be notified. */
    static boolean isDisabled(int suppression) {
        return (suppression & FLAGS_MASK) == DISABLE;
    }

    /**
     * True if an end has to notify the other, which said {@code suppression}, of {@code slots} slots published from the position
     * {@code from} on.
     */
    static boolean isWanted(int suppression, boolean eventIndex, int from, int slots, int size) {
        int flags = suppression & FLAGS_MASK;
        if (flags == DESC && eventIndex) {
            return PackedLayout.distance(from, suppression & 0xffff, size) < slots;
        }
        return flags != DISABLE;
    }
}
