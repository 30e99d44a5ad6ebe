package org.netdev4j.examples;

import java.io.PrintWriter;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevStats;
import org.netdev4j.netdev.QueueStats;

/** A line a second about what passes a device, and one about all of it. */
final class RateReport {
    private final NetDev device;
    private final PrintWriter out;
    private final long begun = System.nanoTime();
    private final NetDevStats before;
    private final long gcPausesBefore = gc(GarbageCollectorMXBean::getCollectionCount);
    private final long gcMillisBefore = gc(GarbageCollectorMXBean::getCollectionTime);
    private long lastTime = begun;
    private NetDevStats last;

    RateReport(NetDev device, PrintWriter out) {
        this.device = device;
        this.out = out;
        before = device.stats();
        last = before;
    }

    /** What passed since the last line. */
    void line() {
        long now = System.nanoTime();
        NetDevStats stats = device.stats();
        double seconds = (now - lastTime) / 1e9;
        out.printf(Locale.ROOT, "%5.1f s  rx %s  tx %s  dropped %d%n", (now - begun) / 1e9,
                rate(stats.rx(), last.rx(), seconds), rate(stats.tx(), last.tx(), seconds),
                stats.rx().dropped() + stats.tx().dropped());
        lastTime = now;
        last = stats;
    }

    private static String rate(QueueStats now, QueueStats then, double seconds) {
        return String.format(Locale.ROOT, "%8.3f Mpps %7.2f Gbit/s", (now.packets() - then.packets()) / seconds / 1e6,
                (now.bytes() - then.bytes()) / seconds * 8 / 1e9);
    }

    /** What passed in all. */
    void summary() {
        NetDevStats stats = device.stats();
        double seconds = (System.nanoTime() - begun) / 1e9;
        out.printf(Locale.ROOT, "pktgen: %.1f s, received %d packets (%s), sent %d (%s), dropped %d%n", seconds,
                stats.rx().packets(), rate(stats.rx(), before.rx(), seconds), stats.tx().packets(),
                rate(stats.tx(), before.tx(), seconds), stats.rx().dropped() + stats.tx().dropped());
    }

    /** The same for a program, on one line. */
    void json() {
        NetDevStats stats = device.stats();
        double seconds = (System.nanoTime() - begun) / 1e9;
        Map<String, Long> counters = device.counters();
        out.printf(Locale.ROOT, "{\"seconds\":%.3f,\"rx\":%s,\"tx\":%s,\"kicks\":%d,\"interrupts\":%d,"
                + "\"gcPauses\":%d,\"gcMillis\":%d}%n", seconds, json(stats.rx(), before.rx(), seconds),
                json(stats.tx(), before.tx(), seconds), kicks(counters),
                stats.rx().interrupts() + stats.tx().interrupts(),
                gc(GarbageCollectorMXBean::getCollectionCount) - gcPausesBefore,
                gc(GarbageCollectorMXBean::getCollectionTime) - gcMillisBefore);
    }

    private static long kicks(Map<String, Long> counters) {
        return counters.entrySet().stream().filter(counter -> counter.getKey().endsWith(" kicks"))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private static long gc(ToLongFunction<GarbageCollectorMXBean> figure) {
        return ManagementFactory.getGarbageCollectorMXBeans().stream().mapToLong(figure).sum();
    }

    private static String json(QueueStats now, QueueStats then, double seconds) {
        String drops = now.drops().entrySet().stream()
                .map(drop -> "\"" + drop.getKey() + "\":" + drop.getValue()).collect(Collectors.joining(","));
        return String.format(Locale.ROOT, "{\"packets\":%d,\"mpps\":%.4f,\"gbps\":%.4f,\"drops\":{%s}}", now.packets(),
                (now.packets() - then.packets()) / seconds / 1e6,
                (now.bytes() - then.bytes()) / seconds * 8 / 1e9, drops);
    }
}
