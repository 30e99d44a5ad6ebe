package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code netdev4j ping} on a TAP, with Linux to answer. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class PingCommandIT {
    private static final String TAP = "nd0";

    @BeforeAll
    static void needsPeers() {
        Peers.requireTapAnd();
    }

    @Test
    void linuxAnswers() {
        try (NetNamespace namespace = namespaceWithTap()) {
            Result result = ping(namespace, "10.7.0.1", "-c", "100", "-i", "0.01").assertExit(0)
                    .assertSilentOnStderr();
            assertTrue(result.out().contains("PING 10.7.0.1 56(84) bytes of data.\n"), result::toString);
            assertTrue(result.out().contains("\n64 bytes from 10.7.0.1: icmp_seq=100 ttl=64 time="), result::toString);
            assertTrue(result.out().contains("\n100 packets transmitted, 100 received, 0% packet loss, time "),
                    result::toString);
        }
    }

    @Test
    void linuxAnswersEverySizeThatFits() {
        try (NetNamespace namespace = namespaceWithTap()) {
            for (String size : new String[]{"0", "1", "1472"}) {
                Result result = ping(namespace, "10.7.0.1", "-c", "3", "-i", "0.01", "-s", size).assertExit(0);
                assertTrue(result.out().contains(", 3 received"), result::toString);
            }
        }
    }

    @Test
    void nobodyAnswersArp() {
        try (NetNamespace namespace = namespaceWithTap()) {
            Result result = ping(namespace, "10.7.0.9", "-c", "1").assertExit(1).assertSilentOnStderr();
            assertTrue(result.out().contains("\nFrom 10.7.0.2 icmp_seq=1 Destination Host Unreachable\n"),
                    result::toString);
        }
    }

    @Test
    void signalEndsItWithTheSummary() {
        try (NetNamespace namespace = namespaceWithTap();
                RunningProgram ping = namespace.start(pingCommand("10.7.0.1", "-i", "0.01"))) {
            ping.awaitLine(Pattern.compile("64 bytes from 10.7.0.1: icmp_seq=3 .*"));
            Result result = ping.terminate().await().assertExit(0).assertSilentOnStderr();
            assertTrue(result.out().contains("\n--- 10.7.0.1 ping statistics ---\n"), result::toString);
        }
    }

    /** The TAP exists before the command, as one that an administrator made does. */
    private static NetNamespace namespaceWithTap() {
        NetNamespace namespace = new NetNamespace();
        try {
            namespace.exec("ip", "tuntap", "add", TAP, "mode", "tap", "vnet_hdr").assertExit(0);
            namespace.bringUp(TAP, "10.7.0.1/24");
            return namespace;
        } catch (AssertionError e) {
            namespace.close();
            throw e;
        }
    }

    private static Result ping(NetNamespace namespace, String... args) {
        return namespace.exec(pingCommand(args));
    }

    private static String[] pingCommand(String... args) {
        String[] command = RunningProgram.netdev4jCommand("ping", "--device", "tap:" + TAP, "--ip", "10.7.0.2/24");
        return Stream.of(command, args).flatMap(Arrays::stream).toArray(String[]::new);
    }
}
