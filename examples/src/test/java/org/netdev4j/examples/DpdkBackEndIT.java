package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver on a device that DPDK's vhost library makes, in another process. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DpdkBackEndIT {
    @TempDir
    Path directory;

    @BeforeAll
    static void needsPeers() {
        Testpmd.requireInstalled();
    }

    @ParameterizedTest
    @CsvSource({"split, 64", "packed, 64", "split, 1518"})
    void whatDpdkSendsArrives(String ring, int size) {
        Path socket = directory.resolve("s");
        try (Testpmd _ = Testpmd.backEnd(socket, "txonly", "--txpkts=" + size)) {
            Result result = pktgen(socket, ring, "--mode", "rx");
            Matcher received = rates(result, "rx");
            long packets = Long.parseLong(received.group("packets"));
            assertTrue(packets > 1000, result::toString);
            assertTrue(received.group("drops").isEmpty(), result::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"split, 64", "packed, 64", "split, 1518"})
    void whatIsSentArrivesAtDpdk(String ring, int size) {
        Path socket = directory.resolve("s");
        try (Testpmd testpmd = Testpmd.backEnd(socket, "rxonly")) {
            Result result = pktgen(socket, ring, "--mode", "tx", "--size", Integer.toString(size));
            assertTrue(Long.parseLong(rates(result, "tx").group("packets")) > 1000, result::toString);
            testpmd.awaitReceived();
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
    @ValueSource(strings = {"split", "packed"})
    void trafficGoesOnWithTheNextBackEndByItself(String ring) throws IOException {
        Path socket = directory.resolve("s");
        Testpmd first = Testpmd.backEnd(socket, "txonly");
        try (RunningProgram pktgen = RunningProgram.start(RunningProgram.netdev4jCommand("pktgen", "--device",
                "vhost-user:" + socket + ",ring=" + ring, "--mode", "rx", "--json"))) {
            first.awaitSent();
            first.close();
            pktgen.awaitErrorLine(Pattern.compile(".*: the back-end is gone; looking for the next"));
            Files.delete(socket);
            try (Testpmd second = Testpmd.backEnd(socket, "txonly")) {
                pktgen.awaitErrorLine(Pattern.compile(".*: the back-end is back"));
                second.awaitSent();
                Result result = pktgen.terminate().await().assertExit(0);
                assertTrue(Long.parseLong(rates(result, "rx").group("packets")) > 1000, result::toString);
            }
        } finally {
            first.close();
        }
    }

    private static Result pktgen(Path socket, String ring, String... options) {
        String[] command = {"pktgen", "--device", "vhost-user:" + socket + ",ring=" + ring, "--duration", "2",
            "--json"};
        String[] all = new String[command.length + options.length];
        System.arraycopy(command, 0, all, 0, command.length);
        System.arraycopy(options, 0, all, command.length, options.length);
        return RunningProgram.run(RunningProgram.netdev4jCommand(all)).assertExit(0).assertSilentOnStderr();
    }

    /** The figures of one direction in the last line. */
    private static Matcher rates(Result result, String direction) {
        Matcher figures = Pattern.compile("\"" + direction + "\":\\{\"packets\":(?<packets>[0-9]+),\"mpps\":[0-9.]+,"
                + "\"gbps\":[0-9.]+,\"drops\":\\{(?<drops>[^}]*)}}").matcher(result.out());
        assertTrue(figures.find(), result::toString);
        return figures;
    }
}
