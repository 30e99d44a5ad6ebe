package org.netdev4j.virtio.queue;

/** Notification suppression by EVENT_IDX, virtio 1.4 §2.7.7 and §2.7.10: an end names the ring index that it waits for. */
final class EventIndex {
    private EventIndex() {}

    /**
     * True if moving a ring index {@code from} one value {@code to} another, all modulo 65536, put an entry at the index
     * {@code event}.
     */
    static boolean isPassed(int event, int from, int to) {
        return ((to - event - 1) & 0xffff) < ((to - from) & 0xffff);
    }

    /** An event that will not be passed before the ring went round 65536 entries: the one just behind {@code index}. */
    static int never(int index) {
        return (index - 1) & 0xffff;
    }
}
