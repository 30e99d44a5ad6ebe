package org.netdev4j.virtio;

import static org.netdev4j.virtio.DeviceStatus.ACKNOWLEDGE;
import static org.netdev4j.virtio.DeviceStatus.DEVICE_NEEDS_RESET;
import static org.netdev4j.virtio.DeviceStatus.DRIVER;
import static org.netdev4j.virtio.DeviceStatus.DRIVER_OK;
import static org.netdev4j.virtio.DeviceStatus.FAILED;
import static org.netdev4j.virtio.DeviceStatus.FEATURES_OK;

/** The driver's side of initialisation, virtio 1.4 §3.1.1, over any transport. */
public final class DriverHandshake {
    private DriverHandshake() {}

    /**
     * Reset, ACKNOWLEDGE, DRIVER, accept {@code table.close(offered and wanted)}, FEATURES_OK, and read it back. What is needed
     * is wanted too, and so is VERSION_1 (virtio 1.4 §6.1).
     *
     * @param wanted what the driver knows and would like
     * @param needed what it cannot do without
     * @return the negotiated features
     * @throws VirtioException if a needed feature is not offered or the device refuses FEATURES_OK; status is FAILED then
     */
    public static Features negotiate(VirtioTransport device, FeatureTable table, Features wanted, Features needed) {
        device.reset();
        device.status(ACKNOWLEDGE);
        device.status(ACKNOWLEDGE | DRIVER);
        Features offered = device.deviceFeatures();
        Features accepted = table.close(offered.and(wanted.or(needed).with(VirtioFeature.VERSION_1)));
        Features missing = needed.minus(accepted);
        if (!missing.isEmpty()) {
            fail(device);
            throw new VirtioException(whyMissing(device, table, missing, offered));
        }
        device.driverFeatures(accepted);
        if (!accepted.has(VirtioFeature.VERSION_1)) {
            // A legacy device knows no FEATURES_OK (virtio 1.4 §3.1.2).
            return accepted;
        }
        device.status(ACKNOWLEDGE | DRIVER | FEATURES_OK);
        int status = device.status();
        if ((status & FEATURES_OK) == 0) {
            fail(device);
            throw new VirtioException(device.name() + ": the device refuses the features " + table.names(accepted)
                    + " of the " + table.names(offered) + " it offers; status is " + DeviceStatus.describe(status));
        }
        return accepted;
    }

    private static String whyMissing(VirtioTransport device, FeatureTable table, Features missing, Features offered) {
        Features lone = missing.and(offered);
        return device.name() + ": the driver needs " + table.names(missing) + ", the device offers "
                + table.names(offered)
                + (lone.isEmpty() ? "" : " but not what " + table.names(lone) + " depends on");
    }

    /**
     * DRIVER_OK: the device may use its queues from now on.
     *
     * @throws VirtioException if the device cannot start; status is FAILED then
     */
    public static void ready(VirtioTransport device) {
        ready(device, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
    }

    /** As {@link #ready}, for a device with which VERSION_1 was not negotiated (virtio 1.4 §3.1.2). */
    public static void readyLegacy(VirtioTransport device) {
        ready(device, ACKNOWLEDGE | DRIVER | DRIVER_OK);
    }

    private static void ready(VirtioTransport device, int bits) {
        try {
            device.status(bits);
        } catch (VirtioException e) {
            fail(device);
            throw e;
        }
        int status = device.status();
        if ((status & DRIVER_OK) == 0 || (status & DEVICE_NEEDS_RESET) != 0) {
            fail(device);
            throw new VirtioException(device.name() + ": the device does not start; status is "
                    + DeviceStatus.describe(status));
        }
    }

    /** FAILED: the driver gives up on the device until it resets it. */
    public static void fail(VirtioTransport device) {
        device.status(device.status() | FAILED);
    }
}
