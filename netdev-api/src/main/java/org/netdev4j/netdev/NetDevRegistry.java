package org.netdev4j.netdev;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The devices of this JVM, by id, and the drivers that open device strings. Thread-safe. */
public final class NetDevRegistry {
    private static final AtomicInteger NEXT_ID = new AtomicInteger();
    private static final Map<Integer, NetDev> DEVICES = new ConcurrentSkipListMap<>();

    private NetDevRegistry() {}

    /** Every device that is not closed, by id. */
    public static List<NetDev> devices() {
        return List.copyOf(DEVICES.values());
    }

    /** What {@link NetDev#open} understands, for a usage text: in the order drivers are found. */
    public static List<NetDevDriver.Kind> kinds() {
        List<NetDevDriver.Kind> kinds = new ArrayList<>();
        for (NetDevDriver driver : ServiceLoader.load(NetDevDriver.class)) {
            kinds.addAll(driver.kinds());
        }
        return List.copyOf(kinds);
    }

    /** The first driver that knows the kind opens the device; the option of {@link AssignedAddresses} is for any kind. */
    static NetDevOps open(DeviceString device) {
        String assigned = device.option(AssignedAddresses.OPTION, null);
        if (assigned == null) {
            return openKind(device);
        }
        AssignedAddresses addresses;
        try {
            addresses = AssignedAddresses.parse(assigned);
        } catch (IllegalArgumentException e) {
            throw device.error("option " + AssignedAddresses.OPTION + ": " + e.getMessage());
        }
        return addresses.decorate(openKind(device.without(AssignedAddresses.OPTION)), device.toString());
    }

    private static NetDevOps openKind(DeviceString device) {
        for (NetDevDriver driver : ServiceLoader.load(NetDevDriver.class)) {
            for (NetDevDriver.Kind kind : driver.kinds()) {
                if (kind.name().equals(device.kind())) {
                    return driver.open(device);
                }
            }
        }
        throw unknownKind(device);
    }

    /** An id that no device had before. */
    static int newId() {
        return NEXT_ID.getAndIncrement();
    }

    static void add(NetDev device) {
        DEVICES.put(device.id(), device);
    }

    static void remove(NetDev device) {
        DEVICES.remove(device.id());
    }

    private static DeviceStringException unknownKind(DeviceString device) {
        List<NetDevDriver.Kind> kinds = kinds();
        if (kinds.isEmpty()) {
            return device.error("unknown kind \"" + device.kind()
                    + "\": no driver was found; put one, virtio-net for example, on the class path or module path");
        }
        List<String> names = kinds.stream().map(NetDevDriver.Kind::name).toList();
        List<String> usages = kinds.stream().map(NetDevDriver.Kind::usage).toList();
        return device.error("unknown kind \"" + device.kind() + "\"" + ClosestMatch.hint(device.kind(), names)
                + "; known: " + String.join(" ", usages));
    }
}
