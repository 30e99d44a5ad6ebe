package org.netdev4j.examples;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevInfo;
import org.netdev4j.netdev.QueueInfo;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what a device is and can do, and what driver and device agreed on. */
@Command(name = "info", description = "Show what a device is and can do.")
final class InfoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--device", required = true, paramLabel = "DEV", description = "Device to look at.")
    private String deviceString;

    @Mixin
    private DecorationOptions decorationOptions;

    @Override
    public Integer call() {
        try (Decoration decoration = decorationOptions.open(spec);
                NetDev device = NetDev.open(deviceString, decoration.toArray())) {
            print(device);
        }
        return 0;
    }

    private void print(NetDev device) {
        NetDevInfo info = device.info();
        line("device", device.name());
        line("driver", device.driverName());
        line("state", name(device.state()));
        line("MAC", device.macAddress());
        line("MTU", device.mtu() + " bytes, at most " + info.maxMtu());
        line("link", name(device.linkState()));
        line("promiscuous", device.promiscuous() ? "on" : "off");
        line("can", info.capabilities().stream().sorted().map(Capability::label).collect(Collectors.joining(" ")));
        line("headroom", info.rxHeadroom() + " bytes to receive, " + info.txHeadroom() + " to send");
        for (int index = 0; index < info.maxRxQueues(); index++) {
            line("rx queue " + index, sizes(device.rxQueueInfo(index)));
        }
        for (int index = 0; index < info.maxTxQueues(); index++) {
            line("tx queue " + index, sizes(device.txQueueInfo(index)));
        }
        device.details().forEach((name, value) -> line(name, value.isEmpty() ? "-" : value));
    }

    private static String sizes(QueueInfo queue) {
        return String.format("%d descriptors, %d..%d%s", queue.defaultSize(), queue.minSize(), queue.maxSize(),
                queue.powerOfTwo() ? " in powers of two" : "");
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private void line(String name, Object value) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%-19s %s%n", name, value);
    }
}
