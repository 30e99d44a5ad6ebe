package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Captures that a hub replays to Linux, which captures them again. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ReplayIT {
    private static final List<String> TAPS = List.of("left", "right");
    private static final Pattern READY = Pattern.compile("switch: .*");
    private static final Pattern LISTENING = Pattern.compile(".*listening on .*");

    @TempDir
    private static Path directory;
    private static Path recorded;
    private static int frames;

    private final List<RunningProgram> captures = new ArrayList<>();
    private NetNamespace host;

    /** Traffic of the demo: ARP, ICMP and UDP of up to 1514 bytes, and how long it took. */
    @BeforeAll
    static void record() {
        Peers.requireTapAnd("tcpdump", "tshark", "editcap");
        recorded = directory.resolve("recorded.pcapng");
        RunningProgram.run(RunningProgram.netdev4jCommand("demo", "--pcap", recorded.toString())).assertExit(0);
        frames = (int) tshark(recorded, "-T", "fields", "-e", "frame.number").lines().count();
        assertTrue(frames > 40, () -> "frames of the demo: " + frames);
    }

    @BeforeEach
    void listen() {
        host = new NetNamespace();
        for (String tap : TAPS) {
            host.exec("ip", "tuntap", "add", "dev", tap, "mode", "tap", "vnet_hdr").assertExit(0);
            host.exec("sysctl", "-q", "-w", "net.ipv6.conf." + tap + ".disable_ipv6=1").assertExit(0);
            host.exec("ip", "link", "set", tap, "up").assertExit(0);
        }
    }

    @AfterEach
    void close() {
        captures.forEach(RunningProgram::close);
        host.close();
    }

    private static String tshark(Path capture, String... options) {
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", capture.toString()));
        command.addAll(List.of(options));
        return RunningProgram.run(command.toArray(String[]::new)).assertExit(0).out();
    }

    /** What comes out of the TAPs, {@code count} frames. */
    private void capture(int count) {
        for (String tap : TAPS) {
            RunningProgram tcpdump = host.start("tcpdump", "-n", "-i", tap, "-Q", "in", "-c", Integer.toString(count),
                    "-w",
                    captured(tap).toString(), "-Z", "root");
            captures.add(tcpdump);
            tcpdump.awaitErrorLine(LISTENING);
        }
    }

    private static Path captured(String tap) {
        return directory.resolve(tap + ".pcap");
    }

    private void replay(String port) {
        try (RunningProgram hub = host
                .start(RunningProgram.netdev4jCommand("switch", "--hub", "--port", "tap:left", "--port",
                        "tap:right", "--port", port))) {
            hub.awaitLine(READY);
            captures.forEach(tcpdump -> tcpdump.await().assertExit(0));
            hub.terminate().await().assertExit(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pcapng", "pcap", "nsecpcap"})
    void everyFrameArrivesAtEveryPortByteForByteAndInOrder(String format) {
        Path file = directory.resolve("to-replay." + format);
        RunningProgram.run("editcap", "-F", format, recorded.toString(), file.toString()).assertExit(0);
        capture(frames);
        replay("pcap:" + file + ",pace=fast");
        for (String tap : TAPS) {
            assertEquals(tshark(recorded, "-x"), tshark(captured(tap), "-x"));
        }
    }

    @Test
    void framesComeAsFarApartAsTheyWere() {
        double seconds = duration(recorded);
        capture(frames);
        replay("pcap:" + recorded + ",pace=recorded");
        double replayed = duration(captured("left"));
        // The clocks of loop and kernel may differ in when a frame comes, by far less than this.
        assertTrue(replayed > 0.9 * seconds, () -> "recorded in " + seconds + " s, replayed in " + replayed + " s");
    }

    private static double duration(Path capture) {
        return tshark(capture, "-T", "fields", "-e", "frame.time_relative").lines().mapToDouble(Double::parseDouble)
                .max()
                .orElseThrow();
    }

    @Test
    void aFileIsReplayedAsOftenAsAskedFor() {
        capture(3 * frames);
        replay("pcap:" + recorded + ",pace=fast,rounds=3");
        assertEquals(tshark(recorded, "-x").repeat(3), tshark(captured("right"), "-x"));
    }

    @Test
    void aFileThatIsCutOffIsReplayedAsFarAsItGoesAndSaysSo() throws IOException {
        Path file = directory.resolve("cut.pcap");
        RunningProgram.run("editcap", "-F", "pcap", recorded.toString(), file.toString()).assertExit(0);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        capture(frames - 1);
        try (RunningProgram hub = host.start(RunningProgram.netdev4jCommand("switch", "--port", "tap:left", "--port",
                "tap:right", "--hub", "--port", "pcap:" + file + ",pace=fast"))) {
            hub.awaitErrorLine(Pattern.compile(".*cut.pcap is damaged or cut off at byte [0-9]+"));
            captures.forEach(tcpdump -> tcpdump.await().assertExit(0));
            hub.terminate().await().assertExit(0);
        }
    }

    @Test
    void whatIsNoCaptureIsOneErrorLine() {
        Result result = RunningProgram
                .run(RunningProgram.netdev4jCommand("switch", "--port", "pcap:/etc/passwd", "--port",
                        "pcap:" + recorded))
                .assertExit(1);
        assertEquals("netdev4j switch: /etc/passwd is no capture file: it begins neither like pcap nor like pcapng\n",
                result.err());
    }
}
