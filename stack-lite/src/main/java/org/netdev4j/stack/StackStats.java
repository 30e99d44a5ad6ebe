package org.netdev4j.stack;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Counters of a stack at one moment.
 *
 * @param counts packets by what happened to them, in the order of {@link StackCounter}; zero counts are absent
 */
public record StackStats(Map<StackCounter, Long> counts) {
    public StackStats {
        Map<StackCounter, Long> ordered = new EnumMap<>(StackCounter.class);
        ordered.putAll(counts);
        counts = Collections.unmodifiableMap(ordered);
    }

    public long get(StackCounter counter) {
        return counts.getOrDefault(counter, 0L);
    }

    /** All counts of a kind. */
    public long total(StackCounter.Kind kind) {
        long total = 0;
        for (Map.Entry<StackCounter, Long> count : counts.entrySet()) {
            if (count.getKey().kind() == kind) {
                total += count.getValue();
            }
        }
        return total;
    }
}
