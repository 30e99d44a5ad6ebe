package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The device that DPDK's own driver, virtio_user, uses from another process. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DpdkFrontEndIT {
    private static final Pattern RECEIVES = Pattern.compile(" *[0-9.]+ s +rx +(?!0\\.000)[0-9.]+ Mpps .*");
    private static final Pattern SENDS = Pattern.compile(".* tx +(?!0\\.000)[0-9.]+ Mpps .*");
    private static final Pattern NO_DROPS = Pattern.compile("\"drops\":\\{(\"device rx drop not ready\":[0-9]+)?}");
    private static final String SPLIT = "packed_vq=0";
    private static final String PACKED = "packed_vq=1";

    @TempDir
    Path directory;

    @BeforeAll
    static void needsPeers() {
        Testpmd.requireInstalled();
    }

    @ParameterizedTest
    @CsvSource({SPLIT + ", 64", PACKED + ", 64", SPLIT + ", 1514", PACKED + ", 1514"})
    void whatASourceSendsArrivesAtDpdk(String ring, int size) {
        try (RunningProgram source = port("", "--mode", "source", "--size", Integer.toString(size));
                Testpmd testpmd = Testpmd.frontEnd(socket(), 1, ring, "rxonly")) {
            testpmd.awaitReceived();
            source.awaitLine(SENDS);
            assertMeanSize(size, end(source), "tx");
        }
    }

    @ParameterizedTest
    @CsvSource({SPLIT + ", 64", PACKED + ", 64", SPLIT + ", 1514", PACKED + ", 1514", "mrg_rxbuf=0, 64",
        "in_order=0, 64"})
    void whatDpdkSendsArrivesAtASink(String ring, int size) {
        try (RunningProgram sink = port("", "--mode", "sink");
                Testpmd _ = Testpmd.frontEnd(socket(), 1, ring, "txonly", "--txpkts=" + size)) {
            sink.awaitLine(RECEIVES);
            assertMeanSize(size, end(sink), "rx");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SPLIT, PACKED})
    void whatDpdkGeneratesComesBack(String ring) {
        try (RunningProgram loop = port("", "--mode", "io");
                Testpmd testpmd = Testpmd.frontEnd(socket(), 1, ring, "flowgen")) {
            testpmd.awaitReceived();
            end(loop);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SPLIT, PACKED})
    void allQueuePairsOfDpdkReceive(String ring) {
        try (RunningProgram source = port(",queues=2", "--mode", "source");
                Testpmd testpmd = Testpmd.frontEnd(socket(), 2, ring, "rxonly")) {
            testpmd.awaitReceived();
            end(source);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SPLIT, PACKED})
    void theNextDpdkIsServedWhenOneWasKilled(String ring) {
        try (RunningProgram source = port("", "--mode", "source")) {
            for (int round = 0; round < 3; round++) {
                try (Testpmd testpmd = Testpmd.frontEnd(socket(), 1, ring, "rxonly")) {
                    testpmd.awaitReceived();
                }
            }
            end(source);
        }
    }

    /** DPDK listens and waits for its back-end. */
    @ParameterizedTest
    @ValueSource(strings = {SPLIT, PACKED})
    void aClientServesADpdkThatListens(String ring) {
        try (RunningProgram sink = port(",client", "--mode", "sink");
                Testpmd _ = Testpmd.frontEnd(socket(), 1, ring + ",server=1", "txonly")) {
            sink.awaitLine(RECEIVES);
            end(sink);
        }
    }

    private Path socket() {
        return directory.resolve("s");
    }

    private RunningProgram port(String portOptions, String... options) {
        String[] command = {"switch", "--json", "--port", "vhost-user:" + socket() + portOptions};
        String[] all = new String[command.length + options.length];
        System.arraycopy(command, 0, all, 0, command.length);
        System.arraycopy(options, 0, all, command.length, options.length);
        RunningProgram program = RunningProgram.start(RunningProgram.netdev4jCommand(all));
        program.awaitLine(Pattern.compile(" *1\\.[0-9] s .*"));
        return program;
    }

    /** What it says last; nothing was dropped but what a source sent before the ring was enabled or after it was stopped. */
    private static Result end(RunningProgram program) {
        Result result = program.terminate().await().assertExit(0);
        assertTrue(NO_DROPS.matcher(result.out()).find(), result::toString);
        return result;
    }

    private static void assertMeanSize(int size, Result result, String direction) {
        Matcher figures = Pattern.compile("\"" + direction + "\":\\{\"packets\":[0-9]+,\"mpps\":([0-9.]+),"
                + "\"gbps\":([0-9.]+)}").matcher(result.out());
        assertTrue(figures.find(), result::toString);
        double mean = Double.parseDouble(figures.group(2)) * 1000 / 8 / Double.parseDouble(figures.group(1));
        assertEquals(size, mean, size * 0.05, result::toString);
    }
}
