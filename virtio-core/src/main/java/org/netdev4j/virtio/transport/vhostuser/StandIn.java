package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.queue.DeviceQueue;

/**
 * What a front-end stands in for: a back-end moves buffers, and knows little of the device that a driver expects to find.
 * The device's type, its configuration, the features that live there and the queues that no back-end serves are made here, by
 * whoever knows that type. Called by one thread at a time; must not block.
 */
public interface StandIn {
    /** Virtio device id (virtio 1.4 §5). */
    int deviceType();

    /**
     * Virtqueues of the device, those served here included.
     *
     * @throws VhostUserException if the back-end has too few for what is wanted
     */
    int queues(BackEndOffer backEnd);

    /** Of these, the queues that the back-end serves, from 0 on, once {@code accepted} is agreed on; the others are served here. */
    int dataQueues(Features accepted);

    /** Data queues that are enabled when the device starts; the others wait for {@link QueueSwitch#use}. */
    int queuesAtFirst();

    /** What the driver is offered. */
    Features offered(BackEndOffer backEnd);

    /** Of what the driver accepted, that which the back-end may be told, if it offers it: the rest lives here. */
    Features forBackEnd(Features accepted);

    /** Bytes of the back-end's configuration that are of interest, where it has one. */
    int configLength();

    /** The device configuration, little-endian; {@code connected} is false while the back-end is away. */
    byte[] config(BackEndOffer backEnd, boolean connected);

    /** MTU that the back-end is to be told with NET_SET_MTU, bytes; 0 if none was agreed on. */
    int mtu(Features accepted);

    /** The device was reset: what a driver asked for is forgotten. */
    void reset();

    /** Another back-end took the place of the last, which knew what the next has to learn. */
    void backEndReplaced();

    /** Takes what waits in queue {@code index}, one of those served here, and completes it; the transport publishes. */
    void serve(int index, DeviceQueue queue, QueueSwitch dataQueues);
}
