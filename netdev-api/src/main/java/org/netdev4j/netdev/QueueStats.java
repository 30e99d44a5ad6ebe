package org.netdev4j.netdev;

import java.util.Map;

/**
 * Counters of one queue at one moment, since it was configured.
 *
 * @param packets handed to (receive) or taken from (transmit) the application
 * @param bytes frame bytes of those packets, all pieces, without any virtio header
 * @param empty receive bursts that found nothing, or transmit bursts that found the queue full
 * @param interrupts times the listener was called
 * @param drops packets given up, by reason; reasons that never occurred are absent
 */
public record QueueStats(long packets, long bytes, long empty, long interrupts, Map<DropReason, Long> drops) {
    public QueueStats {
        drops = Map.copyOf(drops);
    }

    /** Drops for all reasons. */
    public long dropped() {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }
}
