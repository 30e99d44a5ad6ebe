package org.netdev4j.netdev;

/** Told what happens to a device. */
@FunctionalInterface
public interface DeviceListener {
    /**
     * Called after {@code event}, on a thread of the driver's that is not inside a call of the device. Must not block, so of
     * the control calls it may make {@link NetDev#linkState()} and {@link NetDev#state()} only.
     *
     * @param detail what exactly, for a person: "rx0: used id 300, the queue has 256 descriptors"
     */
    void onEvent(DeviceEvent event, String detail);
}
