package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.Features;

/**
 * What a front-end stands in for: a back-end moves buffers, and knows little of the device that a driver expects to find.
 * The device's type, its configuration and the features that live there are made here, by whoever knows that type. Called by
 * one thread at a time; must not block.
 */
public interface StandIn {
    /** Virtio device id (virtio 1.4 §5). */
    int deviceType();

    /** Virtqueues of the device, given how many pairs the back-end says it has; 1 if it does not say. */
    int queues(int backEndPairs);

    /** What the driver is offered. */
    Features offered(Features backEnd);

    /** The device configuration, little-endian; {@code connected} is false while the back-end is away. */
    byte[] config(boolean connected);
}
