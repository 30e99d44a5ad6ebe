package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A line a second about what passes a port, and one about all of it. As for any port of a switch, {@code rx} came from
 * whoever is connected and {@code tx} went there: the other way round than the device's own counters, which are the driver's.
 */
final class PortReport {
    private final Supplier<Map<String, Long>> counters;
    private final PrintWriter out;
    private final long begun = System.nanoTime();
    private Sample last;

    /** @param counters of the device at the port */
    PortReport(Supplier<Map<String, Long>> counters, PrintWriter out) {
        this.counters = counters;
        this.out = out;
        last = sample();
    }

    private Sample sample() {
        Map<String, Long> now = counters.get();
        return new Sample(System.nanoTime(), sum(now, "device tx[0-9]+ frames"), sum(now, "device tx[0-9]+ bytes"),
                sum(now, "device rx[0-9]+ frames"), sum(now, "device rx[0-9]+ bytes"), drops(now));
    }

    private static long sum(Map<String, Long> counters, String name) {
        return counters.entrySet().stream().filter(counter -> counter.getKey().matches(name))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private static Map<String, Long> drops(Map<String, Long> counters) {
        return counters.entrySet().stream().filter(counter -> counter.getKey().contains(" drop "))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** What passed since the last line. */
    void line() {
        Sample now = sample();
        out.printf(Locale.ROOT, "%5.1f s  rx %s  tx %s  dropped %d%n", (now.time - begun) / 1e9,
                rate(now.rxFrames - last.rxFrames, now.rxBytes - last.rxBytes, now.secondsSince(last.time)),
                rate(now.txFrames - last.txFrames, now.txBytes - last.txBytes, now.secondsSince(last.time)),
                now.dropped());
        last = now;
    }

    private static String rate(long frames, long bytes, double seconds) {
        return String.format(Locale.ROOT, "%8.3f Mpps %7.2f Gbit/s", frames / seconds / 1e6,
                bytes / seconds * 8 / 1e9);
    }

    /** What passed in all. */
    void summary() {
        Sample now = sample();
        double seconds = now.secondsSince(begun);
        out.printf(Locale.ROOT, "switch: %.1f s, received %d packets (%s), sent %d (%s), dropped %d%n", seconds,
                now.rxFrames, rate(now.rxFrames, now.rxBytes, seconds), now.txFrames,
                rate(now.txFrames, now.txBytes, seconds), now.dropped());
    }

    /** The same for a program, on one line. */
    void json() {
        Sample now = sample();
        double seconds = now.secondsSince(begun);
        String drops = now.drops.entrySet().stream()
                .map(drop -> "\"" + drop.getKey() + "\":" + drop.getValue()).collect(Collectors.joining(","));
        out.printf(Locale.ROOT, "{\"seconds\":%.3f,\"rx\":%s,\"tx\":%s,\"drops\":{%s}}%n", seconds,
                json(now.rxFrames, now.rxBytes, seconds), json(now.txFrames, now.txBytes, seconds), drops);
    }

    private static String json(long frames, long bytes, double seconds) {
        return String.format(Locale.ROOT, "{\"packets\":%d,\"mpps\":%.4f,\"gbps\":%.4f}", frames,
                frames / seconds / 1e6, bytes / seconds * 8 / 1e9);
    }

    private record Sample(long time, long rxFrames, long rxBytes, long txFrames, long txBytes,
            Map<String, Long> drops) {
        double secondsSince(long then) {
            return (time - then) / 1e9;
        }

        long dropped() {
            return drops.values().stream().mapToLong(Long::longValue).sum();
        }
    }
}
