package org.netdev4j.netdev.jmx;

import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.QueueStats;

/** Asks the device each time. */
final class DeviceBean implements NetDevMXBean {
    private final NetDev device;

    DeviceBean(NetDev device) {
        this.device = device;
    }

    static Map<String, Long> drops(QueueStats stats) {
        return stats.drops().entrySet().stream()
                .collect(Collectors.toMap(drop -> name(drop.getKey()), Map.Entry::getValue));
    }

    private static String name(DropReason reason) {
        return reason.name();
    }

    /** Null in a state where that cannot be asked. */
    private static <T> T ask(Supplier<T> question) {
        try {
            return question.get();
        } catch (IllegalStateException e) {
            return null;
        }
    }

    @Override
    public int getId() {
        return device.id();
    }

    @Override
    public String getName() {
        return device.name();
    }

    @Override
    public String getDriver() {
        return device.driverName();
    }

    @Override
    public String getState() {
        return device.state().name();
    }

    @Override
    public String getLinkState() {
        return ask(() -> device.linkState().name());
    }

    @Override
    public String getMacAddress() {
        return ask(() -> device.macAddress().toString());
    }

    @Override
    public int getMtu() {
        Integer mtu = ask(() -> device.mtu());
        return mtu == null ? -1 : mtu;
    }

    @Override
    public long getRxPackets() {
        return device.stats().rx().packets();
    }

    @Override
    public long getRxBytes() {
        return device.stats().rx().bytes();
    }

    @Override
    public Map<String, Long> getRxDrops() {
        return drops(device.stats().rx());
    }

    @Override
    public long getTxPackets() {
        return device.stats().tx().packets();
    }

    @Override
    public long getTxBytes() {
        return device.stats().tx().bytes();
    }

    @Override
    public Map<String, Long> getTxDrops() {
        return drops(device.stats().tx());
    }

    @Override
    public Map<String, Long> getCounters() {
        return ask(device::counters);
    }

    @Override
    public Map<String, String> getDetails() {
        return ask(device::details);
    }
}
