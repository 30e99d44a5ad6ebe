package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the machine refuses is one line on stderr. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ErrorsIT {
    private static final String[] ECHO = {"echo", "--device", "tap:nd0", "--ip", "10.7.0.2/24"};
    private static final String[] PING = {"ping", "--device", "tap:nd0", "--ip", "10.7.0.2/24", "10.7.0.1"};

    @BeforeAll
    static void needsPeers() {
        Peers.requireTapAnd("setpriv");
    }

    @Test
    void noPermissionForTap() {
        try (NetNamespace namespace = new NetNamespace()) {
            assertOneLine(1, "nd0", namespace.exec(withoutPrivileges(ECHO)));
            assertOneLine(2, "nd0", namespace.exec(withoutPrivileges(PING)));
        }
    }

    @Test
    void tapIsInUse() {
        try (EchoProcess first = new EchoProcess()) {
            assertOneLine(1, "nd0", first.exec(RunningProgram.netdev4jCommand(ECHO)));
            first.assertAnswersPing("-c", "1");
        }
    }

    @Test
    void interfaceIsNoTap() {
        try (NetNamespace namespace = new NetNamespace()) {
            assertOneLine(1, "lo", namespace
                    .exec(RunningProgram.netdev4jCommand("echo", "--device", "tap:lo", "--ip", "10.7.0.2/24")));
        }
    }

    @Test
    void wrongDeviceString() {
        assertOneLine(2, "tun:nd0", RunningProgram
                .run(RunningProgram.netdev4jCommand("echo", "--device", "tun:nd0", "--ip", "10.7.0.2/24")));
    }

    @Test
    void captureFileCannotBeWritten() {
        assertOneLine(1, "/nowhere/demo.pcapng",
                RunningProgram.run(RunningProgram.netdev4jCommand("demo", "--pcap", "/nowhere/demo.pcapng")));
    }

    private static String[] withoutPrivileges(String... args) {
        return Stream.concat(Stream.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"),
                Stream.of(RunningProgram.netdev4jCommand(args))).toArray(String[]::new);
    }

    private static void assertOneLine(int exitCode, String named, Result result) {
        result.assertExit(exitCode);
        assertEquals("", result.out(), result::toString);
        assertTrue(result.err().matches("netdev4j [a-z]+: [^\n]*\n") && result.err().contains(named),
                result::toString);
    }
}
