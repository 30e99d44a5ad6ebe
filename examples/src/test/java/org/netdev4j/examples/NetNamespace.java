package org.netdev4j.examples;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A network namespace of its own for each test: Linux is the peer at the other end of a TAP in it. */
final class NetNamespace implements AutoCloseable {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final String name = "nd4j-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet();

    NetNamespace() {
        RunningProgram.run("ip", "netns", "add", name).assertExit(0);
        exec("ip", "link", "set", "lo", "up").assertExit(0);
    }

    /** Whether this user may make network namespaces. */
    static boolean isPermitted() {
        String probe = "nd4j-" + ProcessHandle.current().pid() + "-probe";
        return RunningProgram.run("ip", "netns", "add", probe).exitCode() == 0
                && RunningProgram.run("ip", "netns", "delete", probe).exitCode() == 0;
    }

    String name() {
        return name;
    }

    /** Gives Linux's end of a TAP that exists an address, and brings it up. */
    void bringUp(String tap, String cidr) {
        exec("ip", "address", "add", cidr, "dev", tap).assertExit(0);
        exec("ip", "link", "set", tap, "up").assertExit(0);
    }

    /** Runs a program in the namespace to its end. */
    Result exec(String... command) {
        return RunningProgram.run(inside(command));
    }

    /** Starts a program in the namespace. */
    RunningProgram start(String... command) {
        return RunningProgram.start(inside(command));
    }

    @Override
    public void close() {
        RunningProgram.run("ip", "netns", "delete", name).assertExit(0);
    }

    private String[] inside(String... command) {
        return Stream.concat(Stream.of("ip", "netns", "exec", name), Arrays.stream(command)).toArray(String[]::new);
    }
}
