package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PingReportTest {
    private static final String HOST = "10.7.0.1";

    private final StringWriter out = new StringWriter();
    private final PingReport report = new PingReport(new PrintWriter(out), false, HOST, 56);

    @Test
    void everyRequestAnswered() {
        report.begin();
        report.transmitted();
        report.reply(HOST, 64, 1, 64, 123_456, false);
        report.transmitted();
        report.reply(HOST, 64, 2, 64, 323_456, false);
        report.end(1_001_999_999L);
        assertEquals("""
                PING 10.7.0.1 56(84) bytes of data.
                64 bytes from 10.7.0.1: icmp_seq=1 ttl=64 time=0.123 ms
                64 bytes from 10.7.0.1: icmp_seq=2 ttl=64 time=0.323 ms

                --- 10.7.0.1 ping statistics ---
                2 packets transmitted, 2 received, 0% packet loss, time 1001ms
                rtt min/avg/max/mdev = 0.123/0.223/0.323/0.100 ms
                """, out.toString());
        assertEquals(0, report.exitCode());
        assertEquals(0, report.lost());
    }

    @Test
    void noReplyAtAll() {
        report.begin();
        report.transmitted();
        report.end(10_000_000_000L);
        assertEquals("""
                PING 10.7.0.1 56(84) bytes of data.

                --- 10.7.0.1 ping statistics ---
                1 packets transmitted, 0 received, 100% packet loss, time 10000ms

                """, out.toString());
        assertEquals(1, report.exitCode());
    }

    @Test
    void duplicateIsMarkedAndDoesNotMakeUpForALoss() {
        report.transmitted();
        report.transmitted();
        report.transmitted();
        report.reply(HOST, 64, 1, 64, 100_000, false);
        report.reply(HOST, 64, 1, 64, 200_000, true);
        report.end(0);
        assertEquals("""
                64 bytes from 10.7.0.1: icmp_seq=1 ttl=64 time=0.100 ms
                64 bytes from 10.7.0.1: icmp_seq=1 ttl=64 time=0.200 ms (DUP!)

                --- 10.7.0.1 ping statistics ---
                3 packets transmitted, 1 received, +1 duplicates, 66.6667% packet loss, time 0ms
                rtt min/avg/max/mdev = 0.100/0.100/0.100/0.000 ms
                """, out.toString());
        assertEquals(0, report.exitCode());
        assertEquals(2, report.lost());
        assertEquals(2, report.pending());
    }

    @Test
    void errorsAreShownAndNotWaitedFor() {
        report.transmitted();
        report.transmitted();
        report.error("10.7.0.2", 1, "Destination Host Unreachable");
        report.notSent(2);
        report.end(0);
        assertEquals("""
                From 10.7.0.2 icmp_seq=1 Destination Host Unreachable
                icmp_seq=2 not sent

                --- 10.7.0.1 ping statistics ---
                2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 0ms

                """, out.toString());
        assertEquals(0, report.pending());
        assertEquals(1, report.exitCode());
    }

    @Test
    void quietPrintsTheSummaryOnly() {
        PingReport quiet = new PingReport(new PrintWriter(out), true, HOST, 56);
        quiet.begin();
        quiet.transmitted();
        quiet.reply(HOST, 64, 1, 64, 100_000, false);
        quiet.error("10.7.0.2", 2, "Destination Host Unreachable");
        assertEquals("PING 10.7.0.1 56(84) bytes of data.\n", out.toString());
    }

    @ParameterizedTest
    @CsvSource({"123, 0.000", "123456, 0.123", "1234567, 1.23", "12345678, 12.3", "123456789, 123", "1234567890, 1235"})
    void timesHaveThreeDigitsAsPingPrintsThem(long rtt, String printed) {
        report.reply(HOST, 64, 1, 64, rtt, false);
        assertEquals("64 bytes from 10.7.0.1: icmp_seq=1 ttl=64 time=" + printed + " ms\n", out.toString());
    }
}
