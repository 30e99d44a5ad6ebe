package org.netdev4j.examples;

import java.util.LinkedHashMap;
import java.util.Map;

import org.netdev4j.netdev.NetDev;
import org.netdev4j.stack.Ipv4Cidr;
import org.netdev4j.stack.NetStack;

/** A stack on a device of its own. */
record Host(NetDev device, NetStack stack) implements AutoCloseable {
    /**
     * @param gateway router to other subnets, or null
     * @param interrupts the stack can sleep until a packet comes
     */
    static Host open(String deviceString, Ipv4Cidr address, Integer gateway, boolean interrupts) {
        NetDev device = NetDev.open(deviceString);
        try {
            NetStack.Builder stack = NetStack.builder(device).address(address);
            if (gateway != null) {
                stack.gateway(gateway);
            }
            if (interrupts) {
                stack.interrupts();
            }
            return new Host(device, stack.build());
        } catch (RuntimeException | Error e) {
            device.close();
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
        try (device) {
            stack.close();
        }
    }
}
