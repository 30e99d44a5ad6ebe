package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** DPDK's test program as one end of vhost-user, forwarding from its start to its end. */
final class Testpmd implements AutoCloseable {
    /** Two instances of DPDK must not share their files, and one that was killed leaves its own behind for a while. */
    private static final AtomicInteger INSTANCES = new AtomicInteger();
    private static final Pattern SENT = Pattern.compile(" *TX-packets: ([1-9][0-9]*) .*");
    private static final Pattern RECEIVED = Pattern.compile(" *RX-packets: ([1-9][0-9]*) .*");

    private final RunningProgram program;
    private final Path files;

    private Testpmd(RunningProgram program, Path files) {
        this.program = program;
        this.files = files;
    }

    static void requireInstalled() {
        Peers.require("dpdk-testpmd", "stdbuf");
    }

    /** @param forwardMode what it does with frames: txonly, rxonly, io, icmpecho */
    static Testpmd backEnd(Path socket, String forwardMode, String... options) {
        return start("net_vhost0,iface=" + socket + ",queues=1", forwardMode, options);
    }

    /**
     * Its driver on the back-end at {@code socket}.
     *
     * @param device parameters of virtio_user, packed_vq=1 for one
     */
    static Testpmd frontEnd(Path socket, String device, String forwardMode, String... options) {
        return start("net_virtio_user0,path=" + socket + ",queues=1,queue_size=256," + device, forwardMode, options);
    }

    private static Testpmd start(String device, String forwardMode, String... options) {
        String prefix = "netdev4j-" + ProcessHandle.current().pid() + "-" + INSTANCES.incrementAndGet();
        List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", "dpdk-testpmd", "--lcores", "(0-1)@0",
                "--no-huge",
                "-m", "512", "--no-pci", "--no-telemetry",
                "--file-prefix=" + prefix,
                "--vdev", device, "--", "--forward-mode=" + forwardMode,
                "--total-num-mbufs=16384", "--disable-link-check", "--stats-period=1"));
        command.addAll(List.of(options));
        Testpmd testpmd = new Testpmd(RunningProgram.start(command.toArray(String[]::new)),
                Path.of("/var/run/dpdk", prefix));
        testpmd.program.awaitLine(Pattern.compile("Port statistics =+"));
        return testpmd;
    }

    /** Waits until its statistics show packets sent. */
    void awaitSent() {
        program.awaitLine(SENT);
    }

    /** Waits until its statistics show packets received. */
    void awaitReceived() {
        program.awaitLine(RECEIVED);
    }

    /** Killed, it leaves its files behind; and it need not be given the time to print its last statistics. */
    @Override
    public void close() {
        program.close();
        program.await();
        File[] left = files.toFile().listFiles();
        if (left != null) {
            for (File file : left) {
                assertTrue(file.delete(), file::toString);
            }
            assertTrue(files.toFile().delete(), files::toString);
        }
    }
}
