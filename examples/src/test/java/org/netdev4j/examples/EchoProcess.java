package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code netdev4j echo} on the TAP {@value #TAP} in a namespace of its own, with Linux at the other end:
 * {@value #LINUX} pings {@value #ADDRESS}.
 */
final class EchoProcess implements AutoCloseable {
    static final String TAP = "nd0";
    static final String ADDRESS = "10.7.0.2";
    static final String LINUX = "10.7.0.1";

    private static final Pattern READY = Pattern
            .compile("echo: tap:nd0\\S* 10\\.7\\.0\\.2/24 (?<mac>[0-9a-f:]{17}) mtu (?<mtu>[0-9]+): answering .*");

    private static final Pattern TRANSMITTED = Pattern.compile("(?m)^([0-9]+) packets transmitted");

    private final NetNamespace namespace = new NetNamespace();
    private final RunningProgram program;
    private final String mac;

    EchoProcess(String... options) {
        List<String> args = new ArrayList<>(List.of("echo", "--device", "tap:" + TAP, "--ip", ADDRESS + "/24"));
        args.addAll(List.of(options));
        program = namespace.start(RunningProgram.netdev4jCommand(args.toArray(String[]::new)));
        try {
            mac = program.awaitLine(READY).group("mac");
            namespace.bringUp(TAP, LINUX + "/24");
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    String mac() {
        return mac;
    }

    /** Waits for a line on stderr. */
    void awaitErrorLine(String regex) {
        program.awaitErrorLine(Pattern.compile(regex));
    }

    /** Runs a program at Linux's end. */
    Result exec(String... command) {
        return namespace.exec(command);
    }

    /**
     * Linux's own ping; every request must be answered. Linux's counters tell, because ping with a short interval does
     * not wait long for the last replies.
     */
    void assertAnswersPing(String... options) {
        long answeredBefore = echoRepliesToLinux();
        List<String> command = new ArrayList<>(List.of("ping", "-n", "-q"));
        command.addAll(List.of(options));
        command.add(ADDRESS);
        Result result = exec(command.toArray(String[]::new)).assertExit(0);
        Matcher transmitted = TRANSMITTED.matcher(result.out());
        assertTrue(transmitted.find(), result::toString);
        long expected = Long.parseLong(transmitted.group(1));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        long answered = echoRepliesToLinux() - answeredBefore;
        while (answered < expected && System.nanoTime() < deadline) {
            answered = echoRepliesToLinux() - answeredBefore;
        }
        assertEquals(expected, answered, result::toString);
    }

    /** ICMP echo replies that Linux has received in this namespace. */
    private long echoRepliesToLinux() {
        List<String[]> icmp = exec("grep", "^Icmp:", "/proc/net/snmp").assertExit(0).out().lines()
                .map(line -> line.split(" ")).toList();
        int column = Arrays.asList(icmp.get(0)).indexOf("InEchoReps");
        return Long.parseLong(icmp.get(1)[column]);
    }

    /** Ends it by SIGTERM. */
    Result terminate() {
        return program.terminate().await();
    }

    @Override
    public void close() {
        try (namespace) {
            program.close();
        }
    }
}
