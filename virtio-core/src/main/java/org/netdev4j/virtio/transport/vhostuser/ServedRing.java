package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.queue.RingState;

/** What a front-end has said of a ring so far, and the ring while it runs. One thread. */
final class ServedRing {
    final int index;
    /** Descriptors, 0 until named. */
    int size;
    /** Null until named. */
    Payload.VringAddress address;
    /** Started, in the protocol's sense: between SET_VRING_KICK and GET_VRING_BASE. */
    boolean started;
    /** May be set while it is stopped. */
    boolean enabled;
    /** Null if the ring is to be polled, or is not started. */
    EventFd kick;
    /** Null if the front-end wants no notifications. */
    EventFd call;
    /** Null if the front-end does not want to know. */
    EventFd error;
    /** Null unless the device uses it: it is started, and everything that it needs has been said. */
    DeviceQueue queue;
    /** Where the device goes on; null before the first time, while {@link #base} is not known either. */
    private RingState state;
    /** As SET_VRING_BASE says it: what it means depends on features that may come later. */
    private Integer base;

    ServedRing(int index) {
        this.index = index;
    }

    void base(int number) {
        base = number;
        state = null;
    }

    RingState state(Features accepted) {
        if (state != null) {
            return state;
        }
        return base == null ? RingState.start(accepted) : RingState.ofVringBase(base, accepted);
    }

    /** The device uses the queue no longer, and goes on from here. */
    void pause() {
        state = queue.state();
        queue = null;
    }

    /** As at first, except for the descriptors by which it tells the front-end. */
    void reset() {
        size = 0;
        address = null;
        started = false;
        enabled = false;
        queue = null;
        state = null;
        base = null;
    }

    void closeFds() {
        close(kick);
        close(call);
        close(error);
        kick = null;
        call = null;
        error = null;
    }

    static void close(EventFd fd) {
        if (fd != null) {
            fd.close();
        }
    }
}
