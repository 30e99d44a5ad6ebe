package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes around a device, as Linux and tshark see it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DecorationIT {
    private static final Pattern LOSS = Pattern.compile("(?m)([0-9.]+)% packet loss");
    private static final Pattern FASTEST = Pattern.compile("rtt min/avg/max/mdev = ([0-9.]+)/");

    @BeforeAll
    static void needsPeers() {
        Peers.requireTapAnd("ping");
    }

    private static double find(Pattern pattern, Result result) {
        Matcher matcher = pattern.matcher(result.out());
        assertTrue(matcher.find(), result::toString);
        return Double.parseDouble(matcher.group(1));
    }

    @Test
    void droppedPacketsAreLostToLinux() {
        try (EchoProcess echo = new EchoProcess("--wait", "interrupt", "--drop", "30", "--seed", "7")) {
            Result ping = echo.exec("ping", "-n", "-q", "-c", "200", "-i", "0.01", "-W", "1", EchoProcess.ADDRESS);
            double loss = find(LOSS, ping);
            // Lost on the way in or out: 1 - 0.7 * 0.7.
            assertTrue(loss > 35 && loss < 67, ping::toString);
            Result ended = echo.terminate().assertExit(0).assertSilentOnStderr();
            assertTrue(ended.out().matches("(?s).*\n  rx faults: dropped +[1-9][0-9]*\n.*"), ended::toString);
            assertTrue(ended.out().matches("(?s).*\n  tx dropped: injected +[1-9][0-9]*\n.*"), ended::toString);
        }
    }

    @Test
    void delayedPacketsComeInBothDirectionsWhileTheServerSleeps() {
        try (EchoProcess echo = new EchoProcess("--wait", "interrupt", "--delay", "20ms")) {
            Result ping = echo.exec("ping", "-n", "-q", "-c", "5", "-i", "0.2", "-W", "5", EchoProcess.ADDRESS)
                    .assertExit(0);
            assertEquals(0, find(LOSS, ping), ping::toString);
            double fastest = find(FASTEST, ping);
            assertTrue(fastest >= 40, ping::toString);
            echo.terminate().assertExit(0);
        }
    }

    @Test
    void damagedPacketsAreRefusedByLinuxNotDelivered() {
        try (EchoProcess echo = new EchoProcess("--corrupt", "100", "--seed", "3")) {
            Result ping = echo.exec("ping", "-n", "-q", "-c", "20", "-i", "0.01", "-W", "1", EchoProcess.ADDRESS);
            assertEquals(100, find(LOSS, ping), ping::toString);
            echo.terminate().assertExit(0);
        }
    }

    @Test
    void tsharkReadsTheCapture(@TempDir Path directory) {
        Peers.require("tshark");
        String file = directory.resolve("echo.pcapng").toString();
        try (EchoProcess echo = new EchoProcess("--pcap", file)) {
            echo.assertAnswersPing("-c", "10", "-i", "0.01");
            echo.terminate().assertExit(0).assertSilentOnStderr();
        }
        assertEquals(10, tshark(file, "icmp.type == 8 && frame.packet_flags_direction == 1"));
        assertEquals(10, tshark(file, "icmp.type == 0 && frame.packet_flags_direction == 2"
                + " && icmp.checksum.status == Good && frame.interface_queue == 0"));
        assertEquals(0, tshark(file, "_ws.malformed"));
    }

    private static long tshark(String file, String filter) {
        return RunningProgram.run("tshark", "-n", "-r", file, "-Y", filter).assertExit(0).out().lines().count();
    }

    @Test
    void aTraceIsALineForEveryPacket() {
        try (EchoProcess echo = new EchoProcess("--trace")) {
            echo.assertAnswersPing("-c", "1");
            Result ended = echo.terminate().assertExit(0);
            String line = "(?s).*[0-9:.]{18} tap:nd0 %s 98 bytes \\S+ > \\S+ IPv4 \\(0x0800\\).*";
            assertTrue(ended.err().matches(String.format(line, "rx0")), ended::toString);
            assertTrue(ended.err().matches(String.format(line, "tx0")), ended::toString);
        }
    }
}
