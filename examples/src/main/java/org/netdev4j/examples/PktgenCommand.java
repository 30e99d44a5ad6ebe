package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Sends, receives or forwards frames as fast as it can, and says how fast that is. */
@Command(name = "pktgen", description = "Send, receive or forward frames as fast as possible, and show the rates.")
final class PktgenCommand implements Callable<Integer> {
    private static final int BUFFERS = 4096;
    private static final int HEADROOM = 128;
    private static final int SHORTEST_FRAME = 60;
    private static final int ETHERNET_HEADER = 14;

    @Spec
    private CommandSpec spec;

    @Option(names = "--device", required = true, paramLabel = "DEV", description = "Device to use, see below.")
    private String device;

    @Option(names = "--mode", required = true, paramLabel = "MODE", description = "${COMPLETION-CANDIDATES}: send,"
            + " receive, send back what comes, or send it back with its MAC addresses exchanged.")
    private PacketMode mode;

    @Option(names = "--size", paramLabel = "BYTES", defaultValue = "64",
            description = "Of a frame, without its checksum; default ${DEFAULT-VALUE}.")
    private int size;

    @Option(names = "--burst", paramLabel = "N", defaultValue = "32",
            description = "Frames handed over at once; default ${DEFAULT-VALUE}.")
    private int burst;

    @Option(names = "--rate", paramLabel = "PPS", converter = Converters.PacketRate.class, defaultValue = "0",
            description = "Send that many frames a second at most: 1000, 50k, 1.5M; 0 is no limit, and the default.")
    private long rate;

    @Option(names = "--queues", paramLabel = "N", defaultValue = "1",
            description = "Queue pairs, a thread each; default ${DEFAULT-VALUE}.")
    private int queues;

    @Option(names = "--duration", paramLabel = "SECONDS", converter = Converters.Seconds.class,
            description = "End after that time.")
    private Long durationNs;

    @Option(names = "--json", description = "End with a line that a program can read.")
    private boolean json;

    @Mixin
    private DecorationOptions decorationOptions;

    @Override
    public Integer call() throws InterruptedException {
        requireBetween("--burst", burst, 1, 1024);
        requireBetween("--queues", queues, 1, 128);
        try (Termination termination = Termination.install();
                Decoration decoration = decorationOptions.open(spec);
                NetDev dev = NetDev.open(device, decoration.toArray())) {
            requireBetween("--size", size, SHORTEST_FRAME, dev.info().maxMtu() + ETHERNET_HEADER);
            run(dev, termination);
        }
        return 0;
    }

    private void run(NetDev dev, Termination termination) throws InterruptedException {
        int dataSize = Math.max(2048, size);
        int buffers = BUFFERS * queues;
        dev.configure(new NetDevConfig(queues, queues));
        if (size - ETHERNET_HEADER > dev.mtu()) {
            dev.mtu(size - ETHERNET_HEADER);
        }
        long bytes = NetBufPool.builder().buffers(buffers).headroom(HEADROOM).dataSize(dataSize).memoryBytes();
        try (MemoryRegion memory = dev.allocateMemory("pktgen", bytes);
                NetBufPool pool = NetBufPool.builder().region(memory).buffers(buffers).headroom(HEADROOM)
                        .dataSize(dataSize).build()) {
            List<PacketThread> threads = new ArrayList<>();
            for (int i = 0; i < queues; i++) {
                threads.add(new PacketThread(mode.loop(dev.configureRxQueue(i, RxQueueConfig.polled(pool)),
                        dev.configureTxQueue(i, TxQueueConfig.POLLED), pool, size, burst,
                        rate == 0 ? 0 : Math.max(1, rate / queues)), termination::request));
            }
            dev.start();
            try {
                report(dev, threads, termination);
            } finally {
                dev.stop();
            }
        }
    }

    private void report(NetDev dev, List<PacketThread> threads, Termination termination) throws InterruptedException {
        RateReport report = new RateReport(dev, out());
        long begun = System.nanoTime();
        threads.forEach(PacketThread::start);
        try {
            long left = durationNs == null ? Long.MAX_VALUE : durationNs;
            while (left > 0 && !termination.await(Math.min(left, TimeUnit.SECONDS.toNanos(1)))) {
                report.line();
                left = durationNs == null ? left : durationNs - (System.nanoTime() - begun);
            }
        } finally {
            threads.forEach(PacketThread::stop);
        }
        if (json) {
            report.json();
        } else {
            report.summary();
        }
    }

    private void requireBetween(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new ParameterException(spec.commandLine(),
                    option + " " + value + ": allowed is from " + least + " to " + most);
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
