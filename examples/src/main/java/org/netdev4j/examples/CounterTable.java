package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.QueueStats;

/** Counters of one or more hosts side by side, layer by layer; counters that are 0 everywhere are left out. */
final class CounterTable {
    private final List<String> hosts = new ArrayList<>();
    private final Map<String, Map<String, Map<String, Long>>> layers = new LinkedHashMap<>();

    /** Adds the counters that {@code host} has in {@code layer}; hosts and layers appear in the order added. */
    CounterTable add(String host, String layer, Map<String, Long> counters) {
        if (!hosts.contains(host)) {
            hosts.add(host);
        }
        counters.forEach((name, value) -> layers.computeIfAbsent(layer, _ -> new LinkedHashMap<>())
                .computeIfAbsent(name, _ -> new LinkedHashMap<>()).put(host, value));
        return this;
    }

    /** The queues of a device and, below, what its driver counts. */
    CounterTable add(String host, NetDev device) {
        Map<String, Long> queues = new LinkedHashMap<>();
        addDirection(queues, "rx", device.stats().rx());
        addDirection(queues, "tx", device.stats().tx());
        return add(host, "netdev", queues).add(host, device.driverName(), device.counters());
    }

    void print(PrintWriter out) {
        layers.values().forEach(counters -> counters.values().removeIf(CounterTable::isZero));
        layers.values().removeIf(Map::isEmpty);
        int width = layers.values().stream().flatMap(counters -> counters.keySet().stream()).mapToInt(String::length)
                .max().orElse(0);
        printRow(out, width, "", hosts);
        layers.forEach((layer, counters) -> {
            out.println(layer);
            counters.forEach((name, values) -> printRow(out, width, name,
                    hosts.stream().map(host -> values.containsKey(host) ? values.get(host).toString() : "").toList()));
        });
    }

    private static boolean isZero(Map<String, Long> values) {
        return values.values().stream().allMatch(value -> value == 0);
    }

    private static void printRow(PrintWriter out, int width, String name, List<String> cells) {
        StringBuilder row = new StringBuilder(String.format("  %-" + width + "s", name));
        cells.forEach(cell -> row.append(String.format(" %12s", cell)));
        out.println(row.toString().stripTrailing());
    }

    private static void addDirection(Map<String, Long> counters, String direction, QueueStats stats) {
        counters.put(direction + " packets", stats.packets());
        counters.put(direction + " bytes", stats.bytes());
        counters.put(direction + " interrupts", stats.interrupts());
        stats.drops().forEach((reason, count) -> counters
                .put(direction + " dropped: " + reason.label(), count));
    }
}
