package org.netdev4j.virtio;

/**
 * A driver for one device type.
 *
 * @param <T> what the driver makes of a device
 */
public interface VirtioDriver<T> {
    /** The virtio device id this driver matches. */
    int deviceType();

    /** @throws VirtioException if the device cannot be used */
    T probe(VirtioTransport device);

    /** The device is gone: release what {@link #probe} made. */
    void remove(T probed);
}
