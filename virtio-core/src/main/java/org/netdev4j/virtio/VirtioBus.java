package org.netdev4j.virtio;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where drivers and devices meet: a driver registers, a device appears, the first driver that matches its id and can probe it
 * owns it until it is removed. Thread-safe; one probe or removal at a time.
 *
 * @param <T> what a driver makes of a device
 */
public final class VirtioBus<T> {
    private final List<VirtioDriver<T>> drivers = new ArrayList<>();
    /** Every device on the bus; null while no driver owns it. */
    private final Map<VirtioTransport, Owned<T>> devices = new LinkedHashMap<>();

    /** A bus with no driver and no device. */
    public VirtioBus() {}

    /**
     * Adds a driver and offers it every device that has none.
     *
     * @throws VirtioException after all were offered, if it could not use one of those that it matches; that one's status is
     *     FAILED and it waits for another driver
     */
    public synchronized void register(VirtioDriver<T> driver) {
        drivers.add(driver);
        VirtioException failed = null;
        for (Map.Entry<VirtioTransport, Owned<T>> device : devices.entrySet()) {
            if (device.getValue() == null && driver.deviceType() == device.getKey().deviceType()) {
                try {
                    device.setValue(probe(driver, device.getKey()));
                } catch (VirtioException e) {
                    failed = join(failed, e);
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    /**
     * A device appears: matched by id and probed.
     *
     * @return what the driver made of it, or null if no driver matches; the device then waits for one
     * @throws VirtioException if no matching driver can use the device; status is FAILED then, and it waits for another
     * @throws IllegalStateException if the device is on the bus already
     */
    public synchronized T add(VirtioTransport device) {
        if (devices.containsKey(device)) {
            throw new IllegalStateException(device.name() + " is on the bus already");
        }
        devices.put(device, null);
        VirtioException failed = null;
        for (VirtioDriver<T> driver : drivers) {
            if (driver.deviceType() == device.deviceType()) {
                try {
                    Owned<T> owned = probe(driver, device);
                    devices.put(device, owned);
                    return owned.probed;
                } catch (VirtioException e) {
                    failed = join(failed, e);
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
        return null;
    }

    /** What the driver made of {@code device}, or null if it is not on the bus or no driver owns it. */
    public synchronized T find(VirtioTransport device) {
        Owned<T> owned = devices.get(device);
        return owned == null ? null : owned.probed;
    }

    /**
     * The device goes away: its driver's {@code remove} is called, then the transport is closed. Nothing happens if it is not
     * on the bus.
     */
    public synchronized void remove(VirtioTransport device) {
        if (!devices.containsKey(device)) {
            return;
        }
        Owned<T> owned = devices.remove(device);
        try (device) {
            if (owned != null) {
                owned.driver.remove(owned.probed);
            }
        }
    }

    /** Any exception of a driver's is one failed probe: a device must not take the bus with it. */
    private static <T> Owned<T> probe(VirtioDriver<T> driver, VirtioTransport device) {
        try {
            return new Owned<>(driver, driver.probe(device));
        } catch (RuntimeException e) {
            try {
                DriverHandshake.fail(device);
            } catch (RuntimeException dead) {
                e.addSuppressed(dead);
            }
            throw e instanceof VirtioException known
                    ? known
                    : new VirtioException(device.name() + ": probe failed: " + e.getMessage(), e);
        }
    }

    private static VirtioException join(VirtioException first, VirtioException next) {
        if (first == null) {
            return next;
        }
        first.addSuppressed(next);
        return first;
    }

    private record Owned<T>(VirtioDriver<T> driver, T probed) {}
}
