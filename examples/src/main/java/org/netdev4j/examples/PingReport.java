package org.netdev4j.examples;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Prints what ping(8) prints, counts what it counts, and knows its exit code. Not thread-safe. */
final class PingReport {
    private static final int HEADER_BYTES = 20 + 8;

    private final PrintWriter out;
    private final boolean quiet;
    private final String host;
    private final int payloadBytes;
    private final RttSummary rtts = new RttSummary();
    private long transmitted;
    private long received;
    private long duplicates;
    private long errors;

    /** @param payloadBytes bytes behind the ICMP header */
    PingReport(PrintWriter out, boolean quiet, String host, int payloadBytes) {
        this.out = out;
        this.quiet = quiet;
        this.host = host;
        this.payloadBytes = payloadBytes;
    }

    void begin() {
        out.printf("PING %s %d(%d) bytes of data.%n", host, payloadBytes, payloadBytes + HEADER_BYTES);
    }

    void transmitted() {
        transmitted++;
    }

    /**
     * A reply.
     *
     * @param messageBytes ICMP header and payload
     * @param duplicate the request was answered before
     */
    void reply(String from, int messageBytes, int sequence, int ttl, long rttNs, boolean duplicate) {
        if (duplicate) {
            duplicates++;
        } else {
            received++;
            rtts.add(rttNs);
        }
        line(messageBytes + " bytes from " + from + ": icmp_seq=" + sequence + " ttl=" + ttl + " time=" + millis(rttNs)
                + " ms" + (duplicate ? " (DUP!)" : ""));
    }

    /** A router, the host or our own stack ({@code from}) says that a request cannot be delivered. */
    void error(String from, int sequence, String reason) {
        errors++;
        line("From " + from + " icmp_seq=" + sequence + " " + reason);
    }

    /** The stack did not take a request: no buffer, or too many wait already. */
    void notSent(int sequence) {
        errors++;
        line("icmp_seq=" + sequence + " not sent");
    }

    /** @param elapsedNs from the first request on */
    void end(long elapsedNs) {
        out.printf("%n--- %s ping statistics ---%n", host);
        out.printf("%d packets transmitted, %d received%s%s, %s%% packet loss, time %dms%n", transmitted, received,
                duplicates == 0 ? "" : ", +" + duplicates + " duplicates",
                errors == 0 ? "" : ", +" + errors + " errors",
                lossPercent(), elapsedNs / 1_000_000);
        out.println(rtts.count() == 0 ? "" : rtts.toString());
    }

    RttSummary rtts() {
        return rtts;
    }

    /** Requests of which nothing was heard yet. */
    long pending() {
        return transmitted - received - errors;
    }

    long lost() {
        return transmitted - received;
    }

    /** 0 if there was a reply, 1 if not. */
    int exitCode() {
        return received > 0 ? 0 : 1;
    }

    private void line(String text) {
        if (!quiet) {
            out.println(text);
        }
    }

    /** Six significant digits at most, as ping(8). */
    private String lossPercent() {
        double percent = transmitted == 0 ? 0 : 100.0 * lost() / transmitted;
        return new BigDecimal(percent).round(new MathContext(6)).stripTrailingZeros().toPlainString();
    }

    /** Three significant digits, as ping(8). */
    private static String millis(long ns) {
        double millis = ns / 1e6;
        String format = millis < 1 ? "%.3f" : millis < 10 ? "%.2f" : millis < 100 ? "%.1f" : "%.0f";
        return String.format(Locale.ROOT, format, millis);
    }
}
