package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The driver on a device that DPDK's vhost library makes, in another process. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DpdkBackEndIT {
    /** Buffers of DPDK's that hold a jumbo frame whole. */
    private static final String ANY_SIZE = "--mbuf-size=9728";
    private static final long ENOUGH = 1000;

    @TempDir
    Path directory;

    @BeforeAll
    static void needsPeers() {
        Testpmd.requireInstalled();
    }

    @ParameterizedTest
    @CsvSource({"split, 64", "packed, 64", "split, 1518", "packed, 1518", "split, 9000"})
    void whatDpdkSendsArrives(String ring, int size) {
        Path socket = directory.resolve("s");
        try (Testpmd _ = Testpmd.backEnd(socket, "txonly", ANY_SIZE, "--txpkts=" + size)) {
            Result result = pktgen(socket, ring, "--mode", "rx", "--size", Integer.toString(size));
            Rates received = Rates.of(result, "rx");
            assertTrue(received.packets > ENOUGH, result::toString);
            assertEquals(size, received.averageBytes(), 1 + size / 1000.0, result::toString);
            assertEquals("", received.drops, result::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"split, 64", "packed, 64", "split, 1518", "packed, 1518", "split, 9000"})
    void whatIsSentArrivesAtDpdk(String ring, int size) {
        Path socket = directory.resolve("s");
        try (Testpmd testpmd = Testpmd.backEnd(socket, "rxonly", ANY_SIZE)) {
            Result result = pktgen(socket, ring, "--mode", "tx", "--size", Integer.toString(size));
            assertTrue(Rates.of(result, "tx").packets > ENOUGH, result::toString);
            testpmd.awaitReceived();
        }
    }

    @ParameterizedTest
    @CsvSource({"split, io", "packed, macswap"})
    void whatDpdkSendsComesBackToIt(String ring, String mode) {
        Path socket = directory.resolve("s");
        try (Testpmd testpmd = Testpmd.backEnd(socket, "flowgen")) {
            Result result = pktgen(socket, ring, "--mode", mode);
            assertTrue(Rates.of(result, "rx").packets > ENOUGH, result::toString);
            assertTrue(Rates.of(result, "tx").packets > ENOUGH, result::toString);
            testpmd.awaitReceived();
        }
    }

    @ParameterizedTest
    @CsvSource({"split, rx, txonly", "packed, rx, txonly", "split, tx, rxonly", "packed, tx, rxonly",
        "split, io, flowgen"})
    void framesPassEveryQueuePair(String ring, String mode, String theirs) {
        Path socket = directory.resolve("s");
        try (Testpmd testpmd = Testpmd.backEnd(socket, 2, theirs)) {
            Result result = pktgen(socket, ring + ",queues=2", "--mode", mode, "--queues", "2");
            assertTrue(Rates.of(result, mode.equals("io") ? "rx" : mode).packets > ENOUGH, result::toString);
            assertEquals(2, testpmd.end());
        }
    }

    @ParameterizedTest
    @CsvSource({"split, 64", "packed, 1518", "split, 9000"})
    void whatDpdkSendsArrivesWithoutMergedBuffers(String ring, int size) {
        Path socket = directory.resolve("s");
        try (Testpmd _ = Testpmd.backEnd(socket, "txonly", ANY_SIZE, "--txpkts=" + size)) {
            Result result = pktgen(socket, ring + ",features=-MRG_RXBUF", "--mode", "rx", "--size",
                    Integer.toString(size));
            Rates received = Rates.of(result, "rx");
            assertTrue(received.packets > ENOUGH, result::toString);
            assertEquals(size, received.averageBytes(), 1 + size / 1000.0, result::toString);
        }
    }

    @Test
    void dpdkAnswersPing() {
        Path socket = directory.resolve("s");
        try (Testpmd _ = Testpmd.backEnd(socket, "icmpecho")) {
            Result result = RunningProgram.run(RunningProgram.netdev4jCommand("ping", "--device",
                    "vhost-user:" + socket, "--ip", "10.7.0.2/24", "10.7.0.1", "-c", "20", "-i", "0.01"));
            result.assertExit(0).assertSilentOnStderr();
            assertTrue(result.out().contains("\n20 packets transmitted, 20 received"), result::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"split, rx, txonly", "packed, rx, txonly", "split, tx, rxonly", "packed, io, flowgen"})
    void trafficGoesOnWithTheNextBackEndByItself(String ring, String mode, String theirs) throws IOException {
        Path socket = directory.resolve("s");
        Testpmd first = Testpmd.backEnd(socket, theirs);
        try (RunningProgram pktgen = RunningProgram.start(tracked("pktgen", "--device",
                "vhost-user:" + socket + ",ring=" + ring, "--mode", mode, "--json"))) {
            first.awaitTraffic();
            long fds = pktgen.openFds();
            first.close();
            pktgen.awaitErrorLine(Pattern.compile(".*: the back-end is gone; looking for the next"));
            Files.delete(socket);
            try (Testpmd second = Testpmd.backEnd(socket, theirs)) {
                pktgen.awaitErrorLine(Pattern.compile(".*: the back-end is back"));
                second.awaitTraffic();
                assertEquals(fds, pktgen.openFds());
                Result result = pktgen.terminate().await().assertExit(0);
                assertTrue(Rates.of(result, mode.equals("io") ? "rx" : mode).packets > ENOUGH, result::toString);
                assertFalse(result.err().contains("of its buffers are held"), result::toString);
            }
        } finally {
            first.close();
        }
    }

    /** A command that tells of buffers which it has not given back at its end. */
    private static String[] tracked(String... args) {
        return Stream.concat(Stream.of("env", "NETDEV4J_JAVA_OPTS=-Dnetdev4j.leakTracking=sampled"),
                Stream.of(RunningProgram.netdev4jCommand(args))).toArray(String[]::new);
    }

    private static Result pktgen(Path socket, String ring, String... options) {
        String[] command = {"pktgen", "--device", "vhost-user:" + socket + ",ring=" + ring, "--duration", "1",
            "--json"};
        String[] all = new String[command.length + options.length];
        System.arraycopy(command, 0, all, 0, command.length);
        System.arraycopy(options, 0, all, command.length, options.length);
        return RunningProgram.run(RunningProgram.netdev4jCommand(all)).assertExit(0).assertSilentOnStderr();
    }

    /** The figures of one direction in the last line. */
    private record Rates(long packets, double mpps, double gbps, String drops) {
        static Rates of(Result result, String direction) {
            Matcher figures = Pattern.compile("\"" + direction + "\":\\{\"packets\":([0-9]+),\"mpps\":([0-9.]+),"
                    + "\"gbps\":([0-9.]+),\"drops\":\\{([^}]*)}}").matcher(result.out());
            assertTrue(figures.find(), result::toString);
            return new Rates(Long.parseLong(figures.group(1)), Double.parseDouble(figures.group(2)),
                    Double.parseDouble(figures.group(3)), figures.group(4));
        }

        double averageBytes() {
            return gbps * 1000 / 8 / mpps;
        }
    }
}
