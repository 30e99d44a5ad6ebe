package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;

import org.netdev4j.netdev.NetDevStats;
import org.netdev4j.stack.StackCounter;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A host that answers ARP, ICMP echo and UDP echo until it is told to end. */
@Command(name = "echo", description = {"Answer ARP, ICMP echo and UDP echo (RFC 862) until SIGTERM or ctrl-c.",
    "With a TAP, Linux's end is yours: ip address add 10.7.0.1/24 dev nd0; ip link set nd0 up"})
final class EchoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private HostOptions hostOptions;

    @Option(names = "--udp-port", paramLabel = "PORT", converter = Converters.UdpPort.class, defaultValue = "7",
            description = "UDP port to echo on, default ${DEFAULT-VALUE}.")
    private int udpPort;

    @Option(names = "--duration", paramLabel = "SECONDS", converter = Converters.Seconds.class,
            description = "End after that time.")
    private Long durationNs;

    @Option(names = "--wait", paramLabel = "MODE", defaultValue = "backoff",
            description = "When idle: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
    private WaitMode waitMode;

    @Override
    public Integer call() throws InterruptedException {
        try (Termination termination = Termination.install();
                Host host = hostOptions.open(waitMode == WaitMode.INTERRUPT)) {
            long begun = System.nanoTime();
            serve(host, termination);
            printSummary(host, System.nanoTime() - begun);
        }
        return 0;
    }

    private void serve(Host host, Termination termination) throws InterruptedException {
        try (EchoServer _ = new EchoServer(host, udpPort, waitMode, termination::request)) {
            out().printf("echo: %s: answering ARP, ICMP echo and UDP port %d (ctrl-c ends)%n", host, udpPort);
            termination.await(durationNs == null ? Long.MAX_VALUE : durationNs);
        }
    }

    private void printSummary(Host host, long elapsedNs) {
        NetDevStats stats = host.device().stats();
        out().printf(Locale.ROOT, "echo: %.1f s, %d packets received, %d sent, %d dropped%n", elapsedNs / 1e9,
                stats.rx().packets(), stats.tx().packets(), stats.rx().dropped() + stats.tx().dropped()
                        + host.stack().stats().total(StackCounter.Kind.DROPPED));
        CounterTable table = new CounterTable();
        host.addTo(table, "packets");
        table.print(out());
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
