package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code netdev4j echo} on a TAP, with Linux and its programs as peers. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class EchoCommandIT {
    @BeforeAll
    static void needsPeers() {
        Peers.requireTapAnd("ping");
    }

    @ParameterizedTest
    @ValueSource(strings = {"busy", "backoff", "interrupt"})
    void answersLinuxInEveryWaitMode(String waitMode) {
        try (EchoProcess echo = new EchoProcess("--wait", waitMode)) {
            echo.assertAnswersPing("-c", "100", "-i", "0.01");
            echo.assertAnswersPing("-c", "5", "-i", "0.01", "-s", "1400");
            echo.assertAnswersPing("-c", "5", "-i", "0.01", "-s", "0");
            echo.exec(RunningProgram.javaCommand(UdpEchoClient.class, EchoProcess.ADDRESS, "7", "0", "1472"))
                    .assertExit(0);

            Result ended = echo.terminate().assertExit(0).assertSilentOnStderr();
            assertTrue(
                    ended.out().matches("(?s).*\necho: [0-9.]+ s, [0-9]+ packets received, [0-9]+ sent, 0 dropped\n.*"),
                    ended::toString);
        }
    }

    @Test
    void answersArping() {
        Peers.require("arping");
        try (EchoProcess echo = new EchoProcess()) {
            echo.exec("arping", "-c", "2", "-I", EchoProcess.TAP, EchoProcess.ADDRESS).assertExit(0);
        }
    }

    @Test
    void survivesWhateverArrives() {
        Peers.require("python3");
        try (EchoProcess echo = new EchoProcess()) {
            echo.exec("ip", "link", "set", EchoProcess.TAP, "mtu", "9000").assertExit(0);
            String script = Path.of(System.getProperty("netdev4j.hostile-frames")).toString();
            echo.exec("python3", script, EchoProcess.TAP, echo.mac(), EchoProcess.ADDRESS, "7", "3000").assertExit(0);
            echo.exec("ip", "link", "set", EchoProcess.TAP, "mtu", "1500").assertExit(0);

            echo.assertAnswersPing("-c", "10", "-i", "0.01");
            Result ended = echo.terminate().assertExit(0).assertSilentOnStderr();
            for (String counter : List.of("IPv4 headers malformed", "IPv4 header checksums wrong", "IPv4 fragments",
                    "UDP headers malformed", "UDP checksums wrong", "ARP packets malformed")) {
                assertTrue(ended.out().matches("(?s).*\n  " + counter + " +[1-9][0-9]*\n.*"), ended::toString);
            }
        }
    }

    @Test
    void answersAgainWhenTheInterfaceWasDown() {
        try (EchoProcess echo = new EchoProcess()) {
            echo.assertAnswersPing("-c", "1");
            echo.exec("ip", "link", "set", EchoProcess.TAP, "down").assertExit(0);
            echo.exec("ip", "link", "set", EchoProcess.TAP, "up").assertExit(0);
            echo.assertAnswersPing("-c", "10", "-i", "0.01");
            echo.terminate().assertExit(0).assertSilentOnStderr();
        }
    }

    @Test
    void staysUpWhenTheInterfaceIsGone() {
        try (EchoProcess echo = new EchoProcess()) {
            echo.assertAnswersPing("-c", "1");
            echo.exec("ip", "link", "delete", EchoProcess.TAP).assertExit(0);
            echo.awaitErrorLine("WARN .*nd0: the interface is gone.*");
            Result ended = echo.terminate().assertExit(0);
            assertTrue(ended.out().contains("\necho: "), ended::toString);
            assertEquals(1, ended.err().lines().count(), ended::toString);
        }
    }

    @Test
    void endsByItselfAfterTheDuration() {
        try (NetNamespace namespace = new NetNamespace()) {
            Result ended = namespace.exec(RunningProgram.netdev4jCommand("echo", "--device", "tap:nd0", "--ip",
                    "10.7.0.2/24", "--duration", "0.1")).assertExit(0).assertSilentOnStderr();
            assertTrue(ended.out().matches("(?s).*\necho: [0-9.]+ s, 0 packets received, 0 sent, 0 dropped\n.*"),
                    ended::toString);
        }
    }
}
