package org.netdev4j.examples;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

import org.agrona.concurrent.OffsetEpochNanoClock;
import org.netdev4j.netdev.NetDevDecorator;
import org.netdev4j.netdev.capture.FileCapture;
import org.netdev4j.netdev.fault.FaultInjection;
import org.netdev4j.netdev.fault.Faults;
import org.netdev4j.netdev.fault.RateLimit;
import org.netdev4j.netdev.trace.PacketTrace;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options of every command that opens a device: what is to go around it. Faults are for each direction. */
final class DecorationOptions {
    @Option(names = "--pcap", paramLabel = "FILE", description = "Record what is on the wire in a pcapng file.")
    Path pcap;

    @Option(names = "--trace", description = "Print a line for every packet to stderr.")
    boolean trace;

    @Option(names = "--drop", paramLabel = "PCT", converter = Converters.Percent.class, defaultValue = "0",
            description = "Lose so many percent of the packets of each direction.")
    double drop;

    @Option(names = "--duplicate", paramLabel = "PCT", converter = Converters.Percent.class, defaultValue = "0",
            description = "Bring so many percent twice.")
    double duplicate;

    @Option(names = "--corrupt", paramLabel = "PCT", converter = Converters.Percent.class, defaultValue = "0",
            description = "Invert one bit of so many percent.")
    double corrupt;

    @Option(names = "--reorder", paramLabel = "PCT", converter = Converters.Percent.class, defaultValue = "0",
            description = "Let so many percent be overtaken by the packet behind them.")
    double reorder;

    @Option(names = "--delay", paramLabel = "TIME", converter = Converters.Time.class, defaultValue = "0",
            description = "Bring every packet so much later: 20ms, 150us, 1s.")
    long delayNanos;

    @Option(names = "--shape", paramLabel = "RATE", converter = Converters.Rate.class,
            description = "Let no more through in a second: 10Mbit, 64kbit, 1000pps.")
    RateLimit shape;

    @Option(names = "--seed", paramLabel = "N",
            description = "Repeat the faults of an earlier run; random if absent, and printed.")
    Long seed;

    /** Opens the capture, if one is asked for. */
    Decoration open(CommandSpec command) {
        PrintWriter err = command.commandLine().getErr();
        FileCapture capture = pcap == null ? null : FileCapture.create(pcap, epochNanos());
        List<NetDevDecorator> others = new ArrayList<>();
        if (trace) {
            others.add(new PacketTrace(err::println, epochNanos()));
        }
        Faults faults = new Faults(drop, duplicate, corrupt, reorder, delayNanos, shape);
        if (!faults.equals(Faults.NONE)) {
            others.add(new FaultInjection(faults, faults, seed(command.qualifiedName(), err), System::nanoTime));
        }
        return Decoration.of(capture, others);
    }

    private long seed(String command, PrintWriter err) {
        if (seed != null) {
            return seed;
        }
        long random = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
        err.println(command + ": --seed " + random + " repeats these faults");
        return random;
    }

    private static LongSupplier epochNanos() {
        return new OffsetEpochNanoClock()::nanoTime;
    }
}
