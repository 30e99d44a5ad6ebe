package org.netdev4j.examples;

import org.netdev4j.stack.Ipv4Address;
import org.netdev4j.stack.Ipv4Cidr;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of a command that is a host on a device. */
final class HostOptions {
    @Spec(Target.MIXEE)
    CommandSpec spec;

    @Option(names = "--device", required = true, paramLabel = "DEV", description = "Device to use, see below.")
    String device;

    @Option(names = "--ip", required = true, paramLabel = "CIDR", converter = Converters.Cidr.class,
            description = "Our address and the length of its prefix: 10.7.0.2/24.")
    Ipv4Cidr address;

    @Option(names = "--gateway", paramLabel = "IP", converter = Converters.Address.class,
            description = "Router to other subnets.")
    Integer gateway;

    @Mixin
    DecorationOptions decorationOptions;

    /** @param interrupts the host can sleep until a packet comes */
    Host open(boolean interrupts) {
        try {
            return Host.open(device, address, gateway, interrupts, decorationOptions.open(spec));
        } catch (IllegalArgumentException e) {
            throw wrongUsage(e.getMessage());
        }
    }

    /** Checks that packets to {@code destination} have somewhere to go. */
    void requireRouteTo(int destination) {
        if (gateway == null && !address.contains(destination)) {
            throw wrongUsage(Ipv4Address.format(destination) + " is not in the subnet of " + address
                    + ", and there is no --gateway");
        }
    }

    private ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
