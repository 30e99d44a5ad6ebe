package org.netdev4j.examples;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import org.netdev4j.stack.Ipv4Address;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** As ping(8), output and exit code too: 0 if a reply came, 1 if none, 2 for any other trouble. */
@Command(name = "ping", description = "Send ICMP echo requests, as ping(8) does.", exitCodeOnExecutionException = 2)
final class PingCommand implements Callable<Integer> {
    private static final long SHORTEST_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(1);

    @Spec
    private CommandSpec spec;

    @Mixin
    private HostOptions hostOptions;

    @Parameters(paramLabel = "HOST", converter = Converters.Address.class, description = "Address to ping.")
    private int destination;

    @Option(names = "-c", paramLabel = "N", description = "End after that many requests.")
    private Integer count;

    @Option(names = "-i", paramLabel = "SECONDS", converter = Converters.Seconds.class, defaultValue = "1",
            description = "Time between requests, at least 0.001; default ${DEFAULT-VALUE}.")
    private long intervalNs;

    @Option(names = "-s", paramLabel = "BYTES", defaultValue = "56",
            description = "Payload of a request, default ${DEFAULT-VALUE}.")
    private int payloadBytes;

    @Option(names = "-W", paramLabel = "SECONDS", converter = Converters.Seconds.class, defaultValue = "10",
            description = "Longest wait for replies after the last request, default ${DEFAULT-VALUE}.")
    private long lingerNs;

    @Option(names = "-q", description = "Print the summary only.")
    private boolean quiet;

    @Override
    public Integer call() {
        require(count == null || count > 0, "-c " + count + " is not a number of requests, 1 or more");
        require(intervalNs >= SHORTEST_INTERVAL_NS, "-i is less than 0.001 seconds");
        require(payloadBytes >= 0, "-s " + payloadBytes + " is not a number of bytes, 0 or more");
        hostOptions.requireRouteTo(destination);
        try (Termination termination = Termination.install(); Host host = hostOptions.open(true)) {
            int most = host.stack().maxUdpPayload();
            require(payloadBytes <= most, "-s " + payloadBytes + " is more than the " + most
                    + " bytes that an MTU of " + host.device().mtu() + " leaves");
            return ping(host, termination);
        }
    }

    private int ping(Host host, Termination termination) {
        PingReport report = new PingReport(spec.commandLine().getOut(), quiet, Ipv4Address.format(destination),
                payloadBytes);
        Pinger pinger = new Pinger(host.stack(), new Pinger.Plan(destination, payloadBytes,
                count == null ? Integer.MAX_VALUE : count, intervalNs, lingerNs), report);
        report.begin();
        long begun = System.nanoTime();
        Activity.run(host.stack(), pinger, termination::isRequested);
        report.end(System.nanoTime() - begun);
        return report.exitCode();
    }

    private void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }
}
