package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A network namespace of the test's own, deleted when closed. */
final class Namespace implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name = "nd4j-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

    Namespace() {
        run("ip", "netns", "add", name);
        in("ip", "link", "set", "lo", "up");
    }

    /** Skips the test, with the reason, where there can be no namespace with a TAP in it. */
    static void assumePossible() {
        assumeTrue(Files.isWritable(Path.of("/dev/net/tun")), "needs root and /dev/net/tun");
        assumeTrue(isInstalled("ip") && isInstalled("ping"), "needs iproute2 and iputils-ping");
        try {
            new Namespace().close();
        } catch (AssertionError e) {
            abort("needs the right to create network namespaces: " + e.getMessage());
        }
    }

    private static boolean isInstalled(String program) {
        return List.of("/bin", "/sbin", "/usr/bin", "/usr/sbin").stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** An interface name that no other test uses. */
    static String newInterface() {
        return "nd" + ProcessHandle.current().pid() % 1_000_000 + "x" + COUNT.incrementAndGet();
    }

    /** Moves an interface of the test's namespace here, without IPv6 so that Linux sends nothing unasked. */
    void take(String interfaceName) {
        run("ip", "link", "set", interfaceName, "netns", name);
        in("sysctl", "-qw", "net.ipv6.conf." + interfaceName + ".disable_ipv6=1");
    }

    /** Runs a command in the namespace, which must succeed, and returns what it printed. */
    String in(String... command) {
        return output(start(command), String.join(" ", command));
    }

    /** Starts a command in the namespace. */
    Process start(String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
        all.addAll(List.of(command));
        return start(all);
    }

    static void run(String... command) {
        output(start(List.of(command)), String.join(" ", command));
    }

    private static Process start(List<String> command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String output(Process process, String command) {
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), command + ": " + output);
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        run("ip", "netns", "del", name);
    }
}
