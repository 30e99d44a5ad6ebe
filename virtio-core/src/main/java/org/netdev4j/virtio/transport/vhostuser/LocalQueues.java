package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.queue.DeviceQueue;

/**
 * The device end of the queues that no back-end serves, a control queue for example: what the driver sends there is done on
 * this side of the socket, before its kick returns. One thread at a time.
 */
final class LocalQueues {
    private final StandIn standIn;
    private final DeviceMemory memory;
    private final QueueSwitch dataQueues;

    LocalQueues(StandIn standIn, DeviceMemory memory, QueueSwitch dataQueues) {
        this.standIn = standIn;
        this.memory = memory;
        this.dataQueues = dataQueues;
    }

    /** From the placement of {@code vring} on. */
    void enable(Vring vring, Features accepted) {
        vring.local = DeviceQueue.create(memory, vring.placement, accepted);
    }

    /** @return false if the driver broke the queue */
    boolean serve(Vring vring) {
        DeviceQueue queue = vring.local;
        if (queue == null) {
            return true;
        }
        do {
            standIn.serve(vring.index, queue, dataQueues);
            if (queue.publish()) {
                vring.call.signal();
            }
        } while (!queue.armKick());
        return !queue.isBroken();
    }
}
