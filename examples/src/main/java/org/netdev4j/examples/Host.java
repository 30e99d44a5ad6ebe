package org.netdev4j.examples;

import java.util.LinkedHashMap;
import java.util.Map;

import org.netdev4j.netdev.NetDev;
import org.netdev4j.stack.Ipv4Cidr;
import org.netdev4j.stack.NetStack;

/** A stack on a device of its own, and what is around that. */
record Host(NetDev device, NetStack stack, Decoration decoration) implements AutoCloseable {
    /**
     * @param gateway router to other subnets, or null
     * @param interrupts the stack can sleep until a packet comes
     */
    static Host open(String deviceString, Ipv4Cidr address, Integer gateway, boolean interrupts) {
        return open(deviceString, address, gateway, interrupts, Decoration.NONE);
    }

    /**
     * @param gateway router to other subnets, or null
     * @param interrupts the stack can sleep until a packet comes
     * @param decoration the host's from now on, also if this throws
     */
    static Host open(String deviceString, Ipv4Cidr address, Integer gateway, boolean interrupts,
            Decoration decoration) {
        NetDev device;
        try {
            device = NetDev.open(deviceString, decoration.toArray());
        } catch (RuntimeException | Error e) {
            decoration.close();
            throw e;
        }
        try {
            NetStack.Builder stack = NetStack.builder(device).address(address);
            if (gateway != null) {
                stack.gateway(gateway);
            }
            if (interrupts) {
                stack.interrupts();
            }
            return new Host(device, stack.build(), decoration);
        } catch (RuntimeException | Error e) {
            try (decoration) {
                device.close();
            }
            throw e;
        }
    }

    /** Adds the counters of all layers, the stack's first. */
    void addTo(CounterTable table, String name) {
        Map<String, Long> counts = new LinkedHashMap<>();
        stack.stats().counts().forEach((counter, count) -> counts.put(counter.description(), count));
        table.add(name, "stack", counts).add(name, device);
    }

    /** {@code tap:nd0 10.7.0.2/24 52:54:00:12:34:56 mtu 1500}. */
    @Override
    public String toString() {
        return device.name() + " " + stack.address() + " " + device.macAddress() + " mtu " + device.mtu();
    }

    @Override
    public void close() {
        try (decoration; device) {
            stack.close();
        }
    }
}
