package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import org.netdev4j.stack.Ipv4Address;
import org.netdev4j.stack.Ipv4Cidr;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Both ends of virtio-net in this process: two devices on a hub, an echo server on one, its clients on the other. */
@Command(name = "demo", description = "Run an echo server and its clients on two in-process virtio-net devices.")
final class DemoCommand implements Callable<Integer> {
    private static final int UDP_ECHO_PORT = 7;
    private static final int UDP_DATAGRAMS = 10;
    private static final int PING_PAYLOAD_BYTES = 56;
    private static final long PING_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(1);

    @Spec
    private CommandSpec spec;

    @Option(names = "-c", paramLabel = "N", defaultValue = "10",
            description = "Pings to send, default ${DEFAULT-VALUE}.")
    private int count;

    /** Around the client's device. */
    @Mixin
    private DecorationOptions decorationOptions;

    @Override
    public Integer call() {
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "-c " + count + " is not a number of pings, 1 or more");
        }
        String hub = "hub:demo-" + ProcessHandle.current().pid();
        Ipv4Cidr serverAddress = Ipv4Cidr.parse("10.7.0.1/24");
        Ipv4Cidr clientAddress = Ipv4Cidr.parse("10.7.0.2/24");
        try (Host server = Host.open(hub, serverAddress, null, true);
                Host client = Host.open(hub, clientAddress, null, true, decorationOptions.open(spec))) {
            out().println("server  " + server);
            out().println("client  " + client);
            out().println();
            return run(server, client);
        }
    }

    private int run(Host server, Host client) {
        int serverAddress = server.stack().address().address();
        PingReport pings = new PingReport(out(), false, Ipv4Address.format(serverAddress), PING_PAYLOAD_BYTES);
        UdpEchoProbe datagrams = new UdpEchoProbe(client.stack(), serverAddress, UDP_ECHO_PORT, UDP_DATAGRAMS, out());
        try (EchoServer _ = new EchoServer(server, UDP_ECHO_PORT, WaitMode.INTERRUPT, () -> {})) {
            ping(client, serverAddress, pings);
            out().println();
            Activity.run(client.stack(), datagrams, () -> false);
        }
        out().println();
        CounterTable counters = new CounterTable();
        client.addTo(counters, "client");
        server.addTo(counters, "server");
        counters.print(out());
        return pings.lost() == 0 && datagrams.lost() == 0 ? 0 : 1;
    }

    private void ping(Host client, int serverAddress, PingReport report) {
        Pinger pinger = new Pinger(client.stack(),
                new Pinger.Plan(serverAddress, PING_PAYLOAD_BYTES, count, PING_INTERVAL_NS, PATIENCE_NS), report);
        long begun = System.nanoTime();
        report.begin();
        Activity.run(client.stack(), pinger, () -> false);
        report.end(System.nanoTime() - begun);
        out().print(report.rtts().histogram(System.out.charset().newEncoder().canEncode('█')));
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
