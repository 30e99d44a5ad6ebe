package org.netdev4j.virtio;

/** The driver's side of initialisation, virtio 1.4 §3.1.1, over any transport. */
public final class DriverHandshake {
    private DriverHandshake() {}

    /**
     * Reset, ACKNOWLEDGE, DRIVER, accept {@code table.close(offered and wanted)}, FEATURES_OK, and read it back.
     *
     * @param wanted what the driver knows and would like
     * @param needed what it cannot do without
     * @return the negotiated features
     * @throws VirtioException if a needed feature is not offered or the device refuses FEATURES_OK; status is FAILED then
     */
    public static Features negotiate(VirtioTransport device, FeatureTable table, Features wanted, Features needed) {
        throw new UnsupportedOperationException();
    }

    /** DRIVER_OK: the device may use its queues from now on. */
    public static void ready(VirtioTransport device) {
        throw new UnsupportedOperationException();
    }

    /** FAILED: the driver gives up on the device until it resets it. */
    public static void fail(VirtioTransport device) {
        throw new UnsupportedOperationException();
    }
}
