package org.netdev4j.virtio.transport.vhostuser;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.linux.UnixSocket;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.netdev4j.virtio.queue.RingState;
import org.netdev4j.virtio.transport.vhostuser.SharedRegions.Shared;

/**
 * One connection to a back-end, from the first request to its end: what it offers, and the requests that a device life is
 * made of. One thread at a time, but for {@link #requests} and {@link #isHungUp}; after an exception the session is to be
 * closed.
 */
final class Session implements AutoCloseable {
    /** Bit 30 of the features: the back-end speaks of {@link ProtocolFeature}s. */
    static final int PROTOCOL_FEATURES = 30;
    /** Bit 26, vhost's own: writes are logged. */
    static final int LOG_ALL = 26;
    /** Most queue pairs a device can have here: a vring number has 8 bits. */
    private static final int MAX_PAIRS = 128;
    /** Regions a back-end may be given however many it takes: each is a mapping and a descriptor. */
    private static final int MAX_SLOTS = 509;

    /**
     * INFLIGHT_SHMFD is not among them: the next back-end begins with rings in which the driver made everything available
     * anew that the last had taken, so none has to know what was in flight.
     */
    private static final Features WANTED = Features.of(ProtocolFeature.MQ, ProtocolFeature.REPLY_ACK,
            ProtocolFeature.NET_MTU, ProtocolFeature.BACKEND_REQ, ProtocolFeature.CONFIG,
            ProtocolFeature.RESET_DEVICE, ProtocolFeature.CONFIGURE_MEM_SLOTS, ProtocolFeature.STATUS);

    private final FrontEnd frontEnd;
    private final Features offered;
    private final boolean hasProtocol;
    private final int queuePairs;
    private final int memorySlots;
    private final int configLength;
    /** Null if the back-end cannot ask. */
    private BackEndRequests requests;
    /** With memory slots: what the back-end has. */
    private List<Shared> mapped = List.of();

    /**
     * Asks what the back-end is, and becomes its owner.
     *
     * @param configLength bytes of its configuration to read, where it has one
     * @throws VhostUserException if it does not speak the protocol; the socket is closed then
     */
    Session(UnixSocket socket, long answerTimeoutNanos, int configLength) {
        frontEnd = new FrontEnd(new MessageChannel(socket, answerTimeoutNanos));
        try {
            Features all = new Features(frontEnd.number(FrontEndRequest.GET_FEATURES), 0);
            hasProtocol = all.has(PROTOCOL_FEATURES);
            offered = all.minus(Features.NONE.with(PROTOCOL_FEATURES).with(LOG_ALL));
            if (hasProtocol) {
                Features protocol = new Features(frontEnd.number(FrontEndRequest.GET_PROTOCOL_FEATURES), 0);
                frontEnd.protocol(protocol.and(WANTED));
            }
            queuePairs = has(ProtocolFeature.MQ)
                    ? Math.clamp(frontEnd.number(FrontEndRequest.GET_QUEUE_NUM), 1, MAX_PAIRS)
                    : 1;
            memorySlots = has(ProtocolFeature.CONFIGURE_MEM_SLOTS)
                    ? Math.clamp(frontEnd.number(FrontEndRequest.GET_MAX_MEM_SLOTS), 1, MAX_SLOTS)
                    : Payload.MemoryTable.MAX_REGIONS;
            this.configLength = has(ProtocolFeature.CONFIG) ? configLength : 0;
            if (has(ProtocolFeature.BACKEND_REQ)) {
                requests = openRequests(answerTimeoutNanos);
            }
            frontEnd.tell(FrontEndRequest.SET_OWNER, Payload.EMPTY);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private BackEndRequests openRequests(long answerTimeoutNanos) {
        UnixSocket[] ends = UnixSocket.pair();
        try (UnixSocket theirs = ends[1]) {
            frontEnd.tell(FrontEndRequest.SET_BACKEND_REQ_FD, Payload.EMPTY, theirs.fd());
            return new BackEndRequests(new MessageChannel(ends[0], answerTimeoutNanos));
        } catch (RuntimeException e) {
            ends[0].close();
            throw e;
        }
    }

    /** What the back-end says it is, its configuration as it is now. */
    BackEndOffer offer() {
        return new BackEndOffer(offered, queuePairs, config());
    }

    private byte[] config() {
        if (configLength == 0) {
            return new byte[0];
        }
        Payload.Config range = (Payload.Config) frontEnd.ask(FrontEndRequest.GET_CONFIG,
                new Payload.Config(0, 0, new byte[configLength]));
        if (range.offset() != 0 || range.contents().length != configLength) {
            throw new VhostUserException("asked for " + configLength + " bytes of configuration the back-end sent "
                    + range.contents().length + " at " + range.offset());
        }
        return range.contents();
    }

    /** Memory regions that the back-end takes. */
    int memorySlots() {
        return memorySlots;
    }

    /** For an epoll: hangs up when the back-end is gone. */
    int fd() {
        return frontEnd.fd();
    }

    /** True if the back-end has closed its end. */
    boolean isHungUp() {
        return frontEnd.isHungUp();
    }

    /** What the back-end asks, or null if it cannot. */
    BackEndRequests requests() {
        return requests;
    }

    private boolean has(ProtocolFeature feature) {
        return frontEnd.protocol().has(feature);
    }

    /**
     * Agrees on features; of these the back-end is told what it offered.
     *
     * @param mtu bytes, 0 if none was agreed on
     */
    void features(Features accepted, int mtu) {
        Features known = accepted.and(offered);
        Features all = hasProtocol ? known.with(PROTOCOL_FEATURES) : known;
        frontEnd.tell(FrontEndRequest.SET_FEATURES, new Payload.U64(all.low()));
        if (mtu != 0 && has(ProtocolFeature.NET_MTU)) {
            frontEnd.tell(FrontEndRequest.NET_SET_MTU, new Payload.U64(mtu));
        }
    }

    /** Writes the device status where the back-end wants to know it; what it reads then, or {@code status}. */
    int status(int status) {
        if (has(ProtocolFeature.STATUS)) {
            frontEnd.tell(FrontEndRequest.SET_STATUS, new Payload.U64(status));
        }
        return seenStatus(status);
    }

    /** The device status as the back-end has it, or {@code status} if it has none. */
    int seenStatus(int status) {
        return has(ProtocolFeature.STATUS) ? (int) frontEnd.number(FrontEndRequest.GET_STATUS) : status;
    }

    /** Has the back-end map these regions and no others. */
    void memory(SharedRegions regions) {
        List<Shared> wanted = regions.all();
        if (has(ProtocolFeature.CONFIGURE_MEM_SLOTS)) {
            changeSlots(wanted);
        } else if (!wanted.isEmpty()) {
            frontEnd.tell(FrontEndRequest.SET_MEM_TABLE,
                    new Payload.MemoryTable(wanted.stream().map(Shared::description).toList()),
                    wanted.stream().mapToInt(Shared::fd).toArray());
        }
    }

    /** First those that go: the back-end may have no slot free. */
    private void changeSlots(List<Shared> wanted) {
        List<Shared> gone = new ArrayList<>(mapped);
        gone.removeAll(wanted);
        for (Shared shared : gone) {
            frontEnd.tell(FrontEndRequest.REM_MEM_REG, new Payload.SingleRegion(shared.description()));
        }
        List<Shared> added = new ArrayList<>(wanted);
        added.removeAll(mapped);
        for (Shared shared : added) {
            frontEnd.tell(FrontEndRequest.ADD_MEM_REG, new Payload.SingleRegion(shared.description()), shared.fd());
        }
        mapped = wanted;
    }

    /** A back-end learns of its queues by their call descriptors, so all are named before any is started. */
    void announce(Vring vring) {
        frontEnd.tell(FrontEndRequest.SET_VRING_CALL, new Payload.U64(vring.index), vring.call.fd());
    }

    /** Starts a ring from its beginning; it is to be enabled then. */
    void start(Vring vring, QueuePlacement at, Features accepted) {
        int index = vring.index;
        int base = RingState.start(accepted).vringBase(accepted);
        frontEnd.tell(FrontEndRequest.SET_VRING_NUM, new Payload.VringState(index, at.size()));
        frontEnd.tell(FrontEndRequest.SET_VRING_BASE, new Payload.VringState(index, base));
        frontEnd.tell(FrontEndRequest.SET_VRING_ADDR, new Payload.VringAddress(index, 0, at.descriptorAddress(),
                at.deviceAddress(), at.driverAddress(), 0));
        frontEnd.tell(FrontEndRequest.SET_VRING_KICK, new Payload.U64(index), vring.kick.fd());
        // A back-end may wait for a kick before it looks at the ring (older specifications said so).
        vring.kick.signal();
    }

    /** Without protocol features a ring is enabled while it is started. */
    void enable(Vring vring, boolean enabled) {
        if (hasProtocol) {
            frontEnd.tell(FrontEndRequest.SET_VRING_ENABLE, new Payload.VringState(vring.index, enabled ? 1 : 0));
        }
    }

    /** Stops a ring: when this returns the back-end touches neither it nor its buffers. */
    void stop(Vring vring) {
        Payload.VringState base = (Payload.VringState) frontEnd.ask(FrontEndRequest.GET_VRING_BASE,
                new Payload.VringState(vring.index, 0));
        if (base.index() != vring.index) {
            throw new VhostUserException("asked for the base of vring " + vring.index + " the back-end sent that of "
                    + base.index());
        }
    }

    /** After all rings were stopped. */
    void reset() {
        if (has(ProtocolFeature.STATUS)) {
            frontEnd.tell(FrontEndRequest.SET_STATUS, new Payload.U64(0));
        } else if (has(ProtocolFeature.RESET_DEVICE)) {
            frontEnd.tell(FrontEndRequest.RESET_DEVICE, Payload.EMPTY);
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (requests != null) {
            requests.close();
        }
        frontEnd.close();
    }
}
