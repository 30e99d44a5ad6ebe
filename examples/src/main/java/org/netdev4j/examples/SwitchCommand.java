package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetConfigLayout;
import org.netdev4j.virtio.net.backend.Fabric;
import org.netdev4j.virtio.net.backend.Hub;
import org.netdev4j.virtio.net.backend.LearningSwitch;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.vhostuser.VhostUserBackEnd;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Joins interfaces, virtual machines and other processes; or is the other end of one port. */
@Command(name = "switch", description = "Join interfaces, virtual machines and other processes by a learning switch; or"
        + " be the other end of one port, to measure it.")
final class SwitchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--port", required = true, paramLabel = "PORT", converter = SwitchPort.Converter.class,
            description = TapSwitchPort.USAGE + ": a Linux TAP; " + VhostUserPort.USAGE
                    + ": the socket where a front-end connects, or with \"client\" listens; " + PcapSwitchPort.USAGE
                    + ": the frames of a capture, as far apart as they were, or as fast as they are taken. Several times.")
    private List<SwitchPort> ports;

    @Option(names = "--hub", description = "Send every frame to every other port.")
    private boolean hub;

    @Option(names = "--age", paramLabel = "SECONDS", defaultValue = "" + LearningSwitch.DEFAULT_AGE_SECONDS,
            description = "Forget stations that were not heard of for so long; default ${DEFAULT-VALUE}.")
    private int age;

    @Option(names = "--mtu", paramLabel = "BYTES", defaultValue = "1500",
            description = "Of the devices at vhost-user ports; default ${DEFAULT-VALUE}.")
    private int mtu;

    @Option(names = "--stats", description = "Print a line for each port every second.")
    private boolean stats;

    @Option(names = "--mode", paramLabel = "MODE", description = "${COMPLETION-CANDIDATES}: with one vhost-user port,"
            + " take every frame, send frames as fast as they are taken, or send back what comes.")
    private SwitchMode mode;

    @Option(names = "--size", paramLabel = "BYTES", defaultValue = "64",
            description = "Of a frame that a source sends, without its checksum; default ${DEFAULT-VALUE}.")
    private int size;

    @Option(names = "--duration", paramLabel = "SECONDS", converter = Converters.Seconds.class,
            description = "End after that time.")
    private Long durationNs;

    @Option(names = "--json", description = "End with a line that a program can read; with --mode.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        requireBetween("--size", size, Frame.MIN_LENGTH, Frame.MAX_LENGTH);
        requireBetween("--mtu", mtu, NetConfigLayout.MIN_MTU, NetConfigLayout.MAX_MTU);
        requireBetween("--age", age, 1, 1_000_000);
        if (mode != null) {
            if (ports.size() != 1 || !(ports.get(0) instanceof VhostUserPort port)) {
                throw new ParameterException(spec.commandLine(), "--mode is for one vhost-user port");
            }
            measure(port);
        } else if (ports.size() < 2) {
            throw new ParameterException(spec.commandLine(), "two ports are needed at least, or --mode");
        } else {
            join();
        }
        return 0;
    }

    private void requireBetween(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ParameterException(spec.commandLine(),
                    option + " " + value + ": allowed is from " + least + " to " + most);
        }
    }

    private void join() throws InterruptedException {
        try (Termination termination = Termination.install(); DeviceLoop loop = new DeviceLoop("switch")) {
            Fabric fabric = hub ? new Hub("ports", loop) : new LearningSwitch("ports", loop, age, System::nanoTime);
            List<JoinedPort> joined = new ArrayList<>();
            try {
                for (SwitchPort port : ports) {
                    joined.add(port.join(fabric, mtu));
                }
                loop.start();
                PrintWriter out = spec.commandLine().getOut();
                out.printf(Locale.ROOT, "switch: %s joined by a %s%n",
                        joined.stream().map(JoinedPort::name).collect(Collectors.joining(", ")),
                        hub ? "hub" : "learning switch");
                out.flush();
                watch(joined, termination);
            } finally {
                joined.reversed().forEach(JoinedPort::close);
            }
        }
    }

    private void watch(List<JoinedPort> joined, Termination termination) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<PortReport> reports = joined.stream().map(port -> new PortReport(port.counters(), out)).toList();
        waitAndTell(termination, () -> {
            for (int i = 0; stats && i < reports.size(); i++) {
                out.printf("%-16s ", joined.get(i).name());
                reports.get(i).line();
            }
        });
        for (int i = 0; stats && i < reports.size(); i++) {
            out.printf("%-16s ", joined.get(i).name());
            reports.get(i).summary();
        }
    }

    private void measure(VhostUserPort port) throws InterruptedException {
        DeviceSettings settings = DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01"))
                .withMtu(Math.max(mtu, size - Frame.HEADER_LENGTH)).withMaxPairs(port.queuePairs())
                .withoutControlQueue();
        VirtioNetDevice device = new VirtioNetDevice(settings, mode.backend(size));
        try (Termination termination = Termination.install();
                DeviceLoop loop = new DeviceLoop("switch").start();
                VhostUserBackEnd _ = port.open(device, loop)) {
            PortReport report = new PortReport(device::counters, spec.commandLine().getOut());
            waitAndTell(termination, report::line);
            if (json) {
                report.json();
            } else {
                report.summary();
            }
        }
    }

    /** Until the time is over or a signal comes. */
    private void waitAndTell(Termination termination, Runnable everySecond) throws InterruptedException {
        long begun = System.nanoTime();
        long left = durationNs == null ? Long.MAX_VALUE : durationNs;
        while (left > 0 && !termination.await(Math.min(left, TimeUnit.SECONDS.toNanos(1)))) {
            everySecond.run();
            left = durationNs == null ? left : durationNs - (System.nanoTime() - begun);
        }
    }
}
