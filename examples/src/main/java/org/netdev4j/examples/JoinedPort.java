package org.netdev4j.examples;

import java.util.Map;
import java.util.function.Supplier;

/** A port that is plugged in: what it counts, and how it is unplugged. */
record JoinedPort(String name, Supplier<Map<String, Long>> counters, Runnable unplug) implements AutoCloseable {
    @Override
    public void close() {
        unplug.run();
    }
}
