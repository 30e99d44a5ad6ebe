package org.netdev4j.netdev;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.Map;

/**
 * The counters behind {@link QueueStats}: written by the one thread that uses the queue (interrupts: by the dispatcher's),
 * read by any. A driver adds once a burst, never once a packet.
 */
public final class QueueCounters {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final DropReason[] REASONS = DropReason.values();

    /** 128 bytes, in longs: keeps the slots of the two writers, and those of other queues, off each other's cache lines. */
    private static final int PADDING = 16;
    private static final int PACKETS = PADDING;
    private static final int BYTES = PACKETS + 1;
    private static final int EMPTY = BYTES + 1;
    private static final int DROPS = EMPTY + 1;
    private static final int INTERRUPTS = DROPS + REASONS.length + PADDING;
    private static final int LENGTH = INTERRUPTS + 1 + PADDING;

    private final long[] slots = new long[LENGTH];

    /** All zero. */
    public QueueCounters() {}

    /** Counts a burst. */
    public void add(long packets, long bytes) {
        increase(PACKETS, packets);
        increase(BYTES, bytes);
    }

    /** Counts a receive burst that found nothing, or a transmit burst that found the queue full. */
    public void empty() {
        increase(EMPTY, 1);
    }

    /** Counts a call of the listener. Called by the dispatcher's thread. */
    public void interrupt() {
        increase(INTERRUPTS, 1);
    }

    /** Counts packets given up. */
    public void drop(DropReason reason, long packets) {
        increase(slot(reason), packets);
    }

    /** From any thread; counters of one burst may be seen one before the other. */
    public QueueStats snapshot() {
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        for (DropReason reason : REASONS) {
            long dropped = read(slot(reason));
            if (dropped != 0) {
                drops.put(reason, dropped);
            }
        }
        return new QueueStats(read(PACKETS), read(BYTES), read(EMPTY), read(INTERRUPTS), drops);
    }

    @SuppressWarnings("EnumOrdinal")
    private static int slot(DropReason reason) {
        return DROPS + reason.ordinal();
    }

    private void increase(int slot, long by) {
        SLOT.setOpaque(slots, slot, slots[slot] + by);
    }

    private long read(int slot) {
        return (long) SLOT.getOpaque(slots, slot);
    }
}
