package org.netdev4j.stack;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** The counters behind {@link StackStats}: written by the stack's thread, read by any. */
final class StackCounters {
    private static final StackCounter[] ALL = StackCounter.values();

    private final AtomicLongArray counts = new AtomicLongArray(ALL.length);

    void increment(StackCounter counter) {
        int index = slot(counter);
        counts.setOpaque(index, counts.getPlain(index) + 1);
    }

    StackStats snapshot() {
        Map<StackCounter, Long> snapshot = new EnumMap<>(StackCounter.class);
        for (StackCounter counter : ALL) {
            long count = counts.getOpaque(slot(counter));
            if (count != 0) {
                snapshot.put(counter, count);
            }
        }
        return new StackStats(snapshot);
    }

    @SuppressWarnings("EnumOrdinal")
    private static int slot(StackCounter counter) {
        return counter.ordinal();
    }
}
