package org.netdev4j.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** DPDK's test program as one end of vhost-user, forwarding from its start to its end. */
final class Testpmd implements AutoCloseable {
    private static final Pattern TRAFFIC = Pattern.compile(" *[RT]X-packets: ([1-9][0-9]*) .*");
    private static final Pattern RECEIVED = Pattern.compile(" *RX-packets: ([1-9][0-9]*) .*");

    private static final Pattern STREAM = Pattern.compile("Forward Stats for RX Port= 0/Queue= [0-9]+ .*\\n"
            + " *(RX-packets: [1-9]|RX-packets: 0 +TX-packets: [1-9])");

    private final RunningProgram program;
    private final DpdkFiles files;

    private Testpmd(RunningProgram program, DpdkFiles files) {
        this.program = program;
        this.files = files;
    }

    static void requireInstalled() {
        Peers.require("dpdk-testpmd", "stdbuf");
    }

    /** @param forwardMode what it does with frames: txonly, rxonly, io, icmpecho, flowgen */
    static Testpmd backEnd(Path socket, String forwardMode, String... options) {
        return backEnd(socket, 1, forwardMode, options);
    }

    static Testpmd backEnd(Path socket, int queuePairs, String forwardMode, String... options) {
        return start("net_vhost0,iface=" + socket + ",queues=" + queuePairs, queuePairs, forwardMode, options);
    }

    /**
     * Its driver on the back-end at {@code socket}.
     *
     * @param device parameters of virtio_user, packed_vq=1 for one
     */
    static Testpmd frontEnd(Path socket, int queuePairs, String device, String forwardMode, String... options) {
        return start("net_virtio_user0,path=" + socket + ",queues=" + queuePairs + ",queue_size=256," + device,
                queuePairs, forwardMode, options);
    }

    private static Testpmd start(String device, int queuePairs, String forwardMode, String... options) {
        DpdkFiles files = new DpdkFiles();
        List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", "dpdk-testpmd", "--lcores", "(0-1)@0",
                "--no-huge", "-m", "512", "--no-pci", "--no-telemetry", "--file-prefix=" + files.prefix(),
                "--vdev", device, "--", "--rxq=" + queuePairs, "--txq=" + queuePairs,
                "--forward-mode=" + forwardMode,
                "--total-num-mbufs=16384", "--disable-link-check", "--stats-period=1"));
        command.addAll(List.of(options));
        Testpmd testpmd = new Testpmd(RunningProgram.start(command.toArray(String[]::new)), files);
        testpmd.program.awaitLine(Pattern.compile("Port statistics =+"));
        return testpmd;
    }

    /** Waits until its statistics show packets sent or received. */
    void awaitTraffic() {
        program.awaitLine(TRAFFIC);
    }

    /** Waits until its statistics show packets received. */
    void awaitReceived() {
        program.awaitLine(RECEIVED);
    }

    /** Ends it. @return the queue pairs that frames passed */
    long end() {
        Result result = program.terminate().await();
        return STREAM.matcher(result.out()).results().count();
    }

    /** Killed, it leaves its files behind; and it need not be given the time to print its last statistics. */
    @Override
    public void close() {
        program.close();
        program.await();
        files.delete();
    }
}
