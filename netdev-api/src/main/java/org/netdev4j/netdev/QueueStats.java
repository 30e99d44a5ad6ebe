package org.netdev4j.netdev;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Counters of one queue, or of several added up, at one moment, since it was configured.
 *
 * @param packets handed to the application (receive) or to the device (transmit); those dropped are not among them
 * @param bytes frame bytes of those packets, all pieces, without any virtio header
 * @param empty receive bursts that found nothing, or transmit bursts that found the queue full
 * @param interrupts times the listener was called
 * @param drops packets given up, by reason; reasons that never occurred are absent
 */
public record QueueStats(long packets, long bytes, long empty, long interrupts, Map<DropReason, Long> drops) {
    /** Nothing counted. */
    public static final QueueStats ZERO = new QueueStats(0, 0, 0, 0, Map.of());

    public QueueStats {
        Map<DropReason, Long> inOrder = new EnumMap<>(DropReason.class);
        inOrder.putAll(drops);
        drops = Collections.unmodifiableMap(inOrder);
    }

    /** Drops for all reasons. */
    public long dropped() {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Both added up. */
    public QueueStats plus(QueueStats other) {
        return new QueueStats(packets + other.packets, bytes + other.bytes, empty + other.empty,
                interrupts + other.interrupts, dropsWith(other));
    }

    /** These packets, which first passed the queue {@code behind}: the drops of both, the interrupts of that one. */
    QueueStats inFrontOf(QueueStats behind) {
        return new QueueStats(packets, bytes, empty, behind.interrupts, dropsWith(behind));
    }

    private Map<DropReason, Long> dropsWith(QueueStats other) {
        Map<DropReason, Long> sum = new EnumMap<>(DropReason.class);
        sum.putAll(drops);
        other.drops.forEach((reason, packets) -> sum.merge(reason, packets, Long::sum));
        return sum;
    }
}
