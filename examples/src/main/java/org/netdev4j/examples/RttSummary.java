package org.netdev4j.examples;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.LongStream;

/** Round-trip times in ns: what ping(8) says about them in its last line, and a histogram. */
final class RttSummary {
    private static final int BAR_WIDTH = 40;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉█";

    /** Lower bounds of the buckets: 0, then 1, 2 and 5 in every decade from 1 us to 50 s. */
    private static final long[] BOUNDS = bounds();

    private final long[] countByBucket = new long[BOUNDS.length];
    private long count;
    private long min = Long.MAX_VALUE;
    private long max;
    private double sum;
    private double sumOfSquares;

    void add(long rttNs) {
        count++;
        min = Math.min(min, rttNs);
        max = Math.max(max, rttNs);
        sum += rttNs;
        sumOfSquares += (double) rttNs * rttNs;
        countByBucket[bucket(rttNs)]++;
    }

    long count() {
        return count;
    }

    long minNs() {
        return count == 0 ? 0 : min;
    }

    long maxNs() {
        return max;
    }

    double averageNs() {
        return count == 0 ? 0 : sum / count;
    }

    /** Standard deviation, which ping(8) calls mdev. */
    double deviationNs() {
        return count == 0 ? 0 : Math.sqrt(Math.max(0, sumOfSquares / count - averageNs() * averageNs()));
    }

    /** {@code min/avg/max/mdev} in ms. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms", minNs() / 1e6,
                averageNs() / 1e6,
                max / 1e6, deviationNs() / 1e6);
    }

    /**
     * One line for each bucket (1, 2, 5, 10, ...) between the shortest and the longest time: bounds, a bar, the count.
     *
     * @param blocks draw with block characters, else with {@code #}
     */
    String histogram(boolean blocks) {
        StringBuilder text = new StringBuilder();
        if (count == 0) {
            return "";
        }
        long most = Arrays.stream(countByBucket).max().orElseThrow();
        for (int bucket = bucket(min); bucket <= bucket(max); bucket++) {
            long inBucket = countByBucket[bucket];
            text.append(String.format(Locale.ROOT, "%10s .. %-9s %s %d%n", duration(BOUNDS[bucket]),
                    bucket + 1 == BOUNDS.length ? "more" : duration(BOUNDS[bucket + 1]), bar(inBucket, most, blocks),
                    inBucket));
        }
        return text.toString();
    }

    private static long[] bounds() {
        LongStream.Builder bounds = LongStream.builder().add(0);
        for (long decade = 1_000; decade <= 10_000_000_000L; decade *= 10) {
            bounds.add(decade).add(2 * decade).add(5 * decade);
        }
        return bounds.build().toArray();
    }

    private static int bucket(long rttNs) {
        int found = Arrays.binarySearch(BOUNDS, Math.max(0, rttNs));
        return found >= 0 ? found : -found - 2;
    }

    private static String bar(long value, long most, boolean blocks) {
        int eighths = (int) (value * BAR_WIDTH * 8 / most);
        if (!blocks) {
            return String.format("%-" + BAR_WIDTH + "s", "#".repeat((eighths + 7) / 8));
        }
        String bar = "█".repeat(eighths / 8) + (eighths % 8 == 0 ? "" : EIGHTHS.charAt(eighths % 8));
        return String.format("%-" + BAR_WIDTH + "s", bar);
    }

    private static String duration(long ns) {
        if (ns < 1_000_000) {
            return ns / 1_000 + " us";
        }
        return ns < 1_000_000_000 ? ns / 1_000_000 + " ms" : ns / 1_000_000_000 + " s";
    }
}
