package org.netdev4j.examples;

import java.util.Arrays;
import java.util.Locale;

/** Round-trip times: what ping(8) says about them in its last line, and a histogram. Times in ns. */
final class RttSummary {
    private static final int BAR_WIDTH = 40;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉█";

    private final long[] countByPowerOfTwo = new long[Long.SIZE];
    private long count;
    private long min = Long.MAX_VALUE;
    private long max;
    private double sum;
    private double sumOfSquares;

    void add(long rtt) {
        count++;
        min = Math.min(min, rtt);
        max = Math.max(max, rtt);
        sum += rtt;
        sumOfSquares += (double) rtt * rtt;
        countByPowerOfTwo[bucket(rtt)]++;
    }

    long count() {
        return count;
    }

    long min() {
        return count == 0 ? 0 : min;
    }

    long max() {
        return max;
    }

    double average() {
        return count == 0 ? 0 : sum / count;
    }

    /** Standard deviation, which ping(8) calls mdev. */
    double deviation() {
        return count == 0 ? 0 : Math.sqrt(Math.max(0, sumOfSquares / count - average() * average()));
    }

    /** {@code min/avg/max/mdev} in ms. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms", min() / 1e6, average() / 1e6,
                max / 1e6, deviation() / 1e6);
    }

    /**
     * One line for each power of two between the shortest and the longest time: its bounds, a bar, the count.
     *
     * @param blocks draw with block characters, else with {@code #}
     */
    String histogram(boolean blocks) {
        StringBuilder text = new StringBuilder();
        if (count == 0) {
            return "";
        }
        long most = Arrays.stream(countByPowerOfTwo).max().orElseThrow();
        for (int bucket = bucket(min); bucket <= bucket(max); bucket++) {
            long inBucket = countByPowerOfTwo[bucket];
            text.append(String.format(Locale.ROOT, "%10s .. %-9s %s %d%n", duration(1L << bucket),
                    duration(2L << bucket), bar(inBucket, most, blocks), inBucket));
        }
        return text.toString();
    }

    private static int bucket(long rtt) {
        return Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.max(1, rtt));
    }

    private static String bar(long value, long most, boolean blocks) {
        int eighths = (int) (value * BAR_WIDTH * 8 / most);
        if (!blocks) {
            return String.format("%-" + BAR_WIDTH + "s", "#".repeat((eighths + 7) / 8));
        }
        String bar = "█".repeat(eighths / 8) + (eighths % 8 == 0 ? "" : EIGHTHS.charAt(eighths % 8));
        return String.format("%-" + BAR_WIDTH + "s", bar);
    }

    private static String duration(long nanos) {
        if (nanos < 10_000) {
            return String.format(Locale.ROOT, "%.1f us", nanos / 1e3);
        }
        return nanos < 10_000_000
                ? String.format(Locale.ROOT, "%.0f us", nanos / 1e3)
                : String.format(Locale.ROOT, "%.0f ms", nanos / 1e6);
    }
}
