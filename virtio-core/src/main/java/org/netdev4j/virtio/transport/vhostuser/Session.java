package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.linux.UnixSocket;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.netdev4j.virtio.queue.RingState;

/**
 * One connection to a back-end, from the first request to its end: what it offers, and the requests that a device life is
 * made of. One thread at a time; after an exception the session is to be closed.
 */
final class Session implements AutoCloseable {
    /** Bit 30 of the features: the back-end speaks of {@link ProtocolFeature}s. */
    static final int PROTOCOL_FEATURES = 30;
    /** Bit 26, vhost's own: writes are logged. */
    private static final int LOG_ALL = 26;

    private static final Features WANTED = Features.of(ProtocolFeature.MQ, ProtocolFeature.REPLY_ACK,
            ProtocolFeature.STATUS, ProtocolFeature.RESET_DEVICE);

    private final FrontEnd frontEnd;
    private final Features offered;
    private final boolean hasProtocol;
    private final int queuePairs;

    /**
     * Asks what the back-end is, and becomes its owner.
     *
     * @throws VhostUserException if it does not speak the protocol; the socket is closed then
     */
    Session(UnixSocket socket, long timeoutNanos) {
        frontEnd = new FrontEnd(new MessageChannel(socket, timeoutNanos));
        try {
            Features all = new Features(frontEnd.number(FrontEndRequest.GET_FEATURES), 0);
            hasProtocol = all.has(PROTOCOL_FEATURES);
            offered = all.minus(Features.NONE.with(PROTOCOL_FEATURES).with(LOG_ALL));
            if (hasProtocol) {
                Features protocol = new Features(frontEnd.number(FrontEndRequest.GET_PROTOCOL_FEATURES), 0);
                frontEnd.protocol(protocol.and(WANTED));
            }
            queuePairs = has(ProtocolFeature.MQ)
                    ? Math.clamp(frontEnd.number(FrontEndRequest.GET_QUEUE_NUM), 1, 128)
                    : 1;
            frontEnd.tell(FrontEndRequest.SET_OWNER, Payload.EMPTY);
        } catch (RuntimeException e) {
            frontEnd.close();
            throw e;
        }
    }

    /** Of the device, without what belongs to the connection. */
    Features offered() {
        return offered;
    }

    /** Queue pairs the back-end has, 1 if it does not say. */
    int queuePairs() {
        return queuePairs;
    }

    /** For an epoll: hangs up when the back-end is gone. */
    int fd() {
        return frontEnd.fd();
    }

    /** True if the back-end has closed its end. */
    boolean isHungUp() {
        return frontEnd.isHungUp();
    }

    private boolean has(ProtocolFeature feature) {
        return frontEnd.protocol().has(feature);
    }

    /** Of what the driver accepted the back-end is told what it offered; the rest is made on this side. */
    void features(Features accepted) {
        Features known = accepted.and(offered);
        Features all = hasProtocol ? known.with(PROTOCOL_FEATURES) : known;
        frontEnd.tell(FrontEndRequest.SET_FEATURES, new Payload.U64(all.low()));
    }

    /** Writes the device status where the back-end wants to know it; what it reads then, or {@code status}. */
    int status(int status) {
        if (!has(ProtocolFeature.STATUS)) {
            return status;
        }
        frontEnd.tell(FrontEndRequest.SET_STATUS, new Payload.U64(status));
        return (int) frontEnd.number(FrontEndRequest.GET_STATUS);
    }

    void memory(SharedRegions regions) {
        frontEnd.tell(FrontEndRequest.SET_MEM_TABLE, regions.table(), regions.fds());
    }

    /** A back-end learns of its queues by their call descriptors, so all are named before any is started. */
    void announce(Vring vring) {
        frontEnd.tell(FrontEndRequest.SET_VRING_CALL, new Payload.U64(vring.index), vring.call.fd());
    }

    /** Starts a ring from its beginning. */
    void start(Vring vring, QueuePlacement at, Features accepted) {
        int index = vring.index;
        int base = RingState.start(accepted).vringBase(accepted);
        frontEnd.tell(FrontEndRequest.SET_VRING_NUM, new Payload.VringState(index, at.size()));
        frontEnd.tell(FrontEndRequest.SET_VRING_BASE, new Payload.VringState(index, base));
        frontEnd.tell(FrontEndRequest.SET_VRING_ADDR, new Payload.VringAddress(index, 0, at.descriptorAddress(),
                at.deviceAddress(), at.driverAddress(), 0));
        frontEnd.tell(FrontEndRequest.SET_VRING_KICK, new Payload.U64(index), vring.kick.fd());
        if (hasProtocol) {
            frontEnd.tell(FrontEndRequest.SET_VRING_ENABLE, new Payload.VringState(index, 1));
        }
        // A back-end may wait for a kick before it looks at the ring (older specifications said so).
        vring.kick.signal();
    }

    /** Stops a ring: when this returns the back-end touches neither it nor its buffers. */
    void stop(Vring vring) {
        if (hasProtocol) {
            frontEnd.tell(FrontEndRequest.SET_VRING_ENABLE, new Payload.VringState(vring.index, 0));
        }
        frontEnd.ask(FrontEndRequest.GET_VRING_BASE, new Payload.VringState(vring.index, 0));
    }

    /** After all rings were stopped. */
    void reset() {
        if (has(ProtocolFeature.STATUS)) {
            frontEnd.tell(FrontEndRequest.SET_STATUS, new Payload.U64(0));
        } else if (has(ProtocolFeature.RESET_DEVICE)) {
            frontEnd.tell(FrontEndRequest.RESET_DEVICE, Payload.EMPTY);
        }
    }

    @Override
    public void close() {
        frontEnd.close();
    }
}
