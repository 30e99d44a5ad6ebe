package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.queue.QueuePlacement;

/** One ring as the front-end knows it: where it is, and how either side is told. The eventfds live as long as the transport. */
final class Vring {
    final int index;
    final EventFd kick = EventFd.createShared();
    final EventFd call = EventFd.createShared();
    /** Null while the driver has not enabled it. */
    QueuePlacement placement;
    /** It was enabled before the back-end went away: the driver will enable it again. */
    boolean awaited;
    /** The back-end has been told where it is, or of an empty ring in its place. */
    boolean running;
    /** The device end, of a ring that is served on this side. */
    DeviceQueue local;

    Vring(int index) {
        this.index = index;
    }

    /** The device was reset: the driver has not enabled it. */
    void forget() {
        awaited = false;
        placement = null;
        running = false;
        local = null;
    }

    void close() {
        kick.close();
        call.close();
    }
}
