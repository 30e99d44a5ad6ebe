package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

import org.netdev4j.netdev.jmx.PoolLevel;

/** The whole of a terminal, drawn anew at each look: rates with their course, pools with bars. */
final class TopScreen implements TopView {
    private static final String HOME_AND_CLEAR = "\033[H\033[2J";
    private static final String BOLD = "\033[1m";
    private static final String RED = "\033[31m";
    private static final String PLAIN = "\033[0m";
    private static final String LEVELS = "▁▂▃▄▅▆▇█";
    private static final int COURSE = 30;
    private static final int BAR = 30;

    private final PrintWriter out;
    private final long pid;
    /** Packets a second of late, by device and direction. */
    private final Map<String, Deque<Double>> courses = new HashMap<>();

    TopScreen(PrintWriter out, long pid) {
        this.out = out;
        this.pid = pid;
    }

    @Override
    public void show(DeviceSample before, DeviceSample now) {
        StringBuilder screen = new StringBuilder(HOME_AND_CLEAR);
        screen.append(String.format("netdev4j top: process %d, %d devices, %d pools%n", pid, now.devices().size(),
                now.pools().size()));
        double seconds = now.secondsSince(before);
        for (DeviceSample.Device device : now.devices()) {
            DeviceSample.Device was = before.like(device);
            screen.append(String.format("%n%s%s%s %s, link %s%n", BOLD, device.name(), PLAIN, device.state(),
                    device.link()));
            direction(screen, device.id() + " rx", was.rx(), device.rx(), seconds);
            direction(screen, device.id() + " tx", was.tx(), device.tx(), seconds);
        }
        screen.append(System.lineSeparator());
        for (PoolLevel pool : now.pools()) {
            screen.append(String.format("  pool %-20s %s %d of %d free%s%n", pool.name(),
                    bar(pool.free(), pool.buffers()), pool.free(), pool.buffers(),
                    warning("exhausted", pool.exhausted())));
        }
        out.print(screen);
        out.flush();
    }

    private void direction(StringBuilder screen, String name, DeviceSample.Direction was, DeviceSample.Direction is,
            double seconds) {
        DeviceSample.Rate rate = DeviceSample.Rate.of(was, is, seconds);
        Deque<Double> course = courses.computeIfAbsent(name, _ -> new ArrayDeque<>());
        course.addLast(rate.packets());
        if (course.size() > COURSE) {
            course.removeFirst();
        }
        screen.append(String.format(Locale.ROOT, "  %s %-" + COURSE + "s %12.0f packets/s %12s%s%n",
                name.substring(name.length() - 2), course(course), rate.packets(), TopLines.bits(rate.bits()),
                warning("dropped", is.dropped())));
    }

    /** Nothing where there is nothing to warn of. */
    private static String warning(String what, long count) {
        return count == 0 ? "" : "  " + RED + what + " " + count + PLAIN;
    }

    private static String course(Deque<Double> rates) {
        double most = rates.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        StringBuilder text = new StringBuilder();
        for (double rate : rates) {
            int level = most == 0 ? 0 : (int) Math.round(rate / most * (LEVELS.length() - 1));
            text.append(LEVELS.charAt(level));
        }
        return text.toString();
    }

    private static String bar(int part, int whole) {
        int filled = whole == 0 ? 0 : (int) ((long) part * BAR / whole);
        return "█".repeat(filled) + "░".repeat(BAR - filled);
    }
}
