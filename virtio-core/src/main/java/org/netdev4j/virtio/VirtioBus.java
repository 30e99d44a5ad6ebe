package org.netdev4j.virtio;

/**
 * Where drivers and devices meet: a driver registers, a device appears, the first driver that matches its id and can probe it
 * owns it until it is removed. Thread-safe.
 *
 * @param <T> what a driver makes of a device
 */
public final class VirtioBus<T> {
    /** A bus with no driver and no device. */
    public VirtioBus() {}

    /** Adds a driver and offers it every device that has none. */
    public void register(VirtioDriver<T> driver) {
        throw new UnsupportedOperationException();
    }

    /**
     * A device appears: matched by id and probed.
     *
     * @return what the driver made of it, or null if no driver matches; the device then waits for one
     * @throws VirtioException if the matching driver cannot use the device; status is FAILED then
     */
    public T add(VirtioTransport device) {
        throw new UnsupportedOperationException();
    }

    /** The device goes away: its driver's {@code remove} is called, then the transport is closed. */
    public void remove(VirtioTransport device) {
        throw new UnsupportedOperationException();
    }
}
