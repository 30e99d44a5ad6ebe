package org.netdev4j.netdev.fault;

import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Faults injected into one direction of a device, over all queues. Any thread. */
final class FaultCounters {
    final LongAdder dropped = new LongAdder();
    final LongAdder duplicated = new LongAdder();
    final LongAdder corrupted = new LongAdder();
    final LongAdder reordered = new LongAdder();
    final LongAdder delayed = new LongAdder();

    /** @param direction "rx" or "tx" */
    void putInto(Map<String, Long> counters, String direction) {
        counters.put(direction + " faults: dropped", dropped.sum());
        counters.put(direction + " faults: duplicated", duplicated.sum());
        counters.put(direction + " faults: corrupted", corrupted.sum());
        counters.put(direction + " faults: reordered", reordered.sum());
        counters.put(direction + " faults: delayed", delayed.sum());
    }
}
