package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.vhostuser.VhostUserBackEnd;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Is the other end of a port: a network device for a virtual machine or another process. */
@Command(name = "switch", description = "Make a network device for a virtual machine or another process.")
final class SwitchCommand implements Callable<Integer> {
    private static final int STANDARD_MTU = 1500;

    @Spec
    private CommandSpec spec;

    @Option(names = "--port", required = true, paramLabel = "PORT", converter = VhostUserPort.Converter.class,
            description = VhostUserPort.USAGE
                    + ": the socket where the front-end connects, or with \"client\" listens.")
    private VhostUserPort port;

    @Option(names = "--mode", required = true, paramLabel = "MODE", description = "${COMPLETION-CANDIDATES}: take"
            + " every frame, send frames as fast as they are taken, or send back what comes.")
    private SwitchMode mode;

    @Option(names = "--size", paramLabel = "BYTES", defaultValue = "64",
            description = "Of a frame that a source sends, without its checksum; default ${DEFAULT-VALUE}.")
    private int size;

    @Option(names = "--duration", paramLabel = "SECONDS", converter = Converters.Seconds.class,
            description = "End after that time.")
    private Long durationNs;

    @Option(names = "--json", description = "End with a line that a program can read.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (size < Frame.MIN_LENGTH || size > Frame.MAX_LENGTH) {
            throw new ParameterException(spec.commandLine(),
                    "--size " + size + ": allowed is from " + Frame.MIN_LENGTH + " to " + Frame.MAX_LENGTH);
        }
        DeviceSettings settings = DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01"))
                .withMtu(Math.max(STANDARD_MTU, size - Frame.HEADER_LENGTH)).withMaxPairs(port.queuePairs())
                .withoutControlQueue();
        VirtioNetDevice device = new VirtioNetDevice(settings, mode.backend(size));
        try (Termination termination = Termination.install();
                DeviceLoop loop = new DeviceLoop("switch").start();
                VhostUserBackEnd _ = port.open(device, loop)) {
            report(device, termination);
        }
        return 0;
    }

    private void report(VirtioNetDevice device, Termination termination) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PortReport report = new PortReport(device::counters, out);
        long begun = System.nanoTime();
        long left = durationNs == null ? Long.MAX_VALUE : durationNs;
        while (left > 0 && !termination.await(Math.min(left, TimeUnit.SECONDS.toNanos(1)))) {
            report.line();
            left = durationNs == null ? left : durationNs - (System.nanoTime() - begun);
        }
        if (json) {
            report.json();
        } else {
            report.summary();
        }
    }
}
