package org.netdev4j.virtio.transport.vhostuser;

import java.util.Arrays;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.SharedMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The back-end's half of a conversation: takes what has come, answers what is owed, waits for nobody. On the loop's thread;
 * after an exception the connection is of no more use.
 */
final class BackEnd implements AutoCloseable {
    static final Features PROTOCOL = Features.of(ProtocolFeature.MQ, ProtocolFeature.LOG_SHMFD,
            ProtocolFeature.REPLY_ACK, ProtocolFeature.NET_MTU, ProtocolFeature.BACKEND_REQ, ProtocolFeature.CONFIG,
            ProtocolFeature.INFLIGHT_SHMFD, ProtocolFeature.RESET_DEVICE, ProtocolFeature.CONFIGURE_MEM_SLOTS,
            ProtocolFeature.STATUS);

    private static final Logger LOG = LoggerFactory.getLogger(BackEnd.class);
    private static final int MIN_MTU = 68;
    private static final int MAX_MTU = 65535;
    /** A peer that asks without pause is left for later. */
    private static final int MAX_MESSAGES_AT_ONCE = 32;

    private final MessageChannel channel;
    private final DeviceModel model;
    private final ServedDevice device;
    private final int queueNumber;
    private Features protocol = Features.NONE;
    private boolean served;

    /**
     * @param channel with a time limit of 0: what the peer has no room for ends the connection
     * @param queueNumber what GET_QUEUE_NUM says
     */
    BackEnd(MessageChannel channel, DeviceModel model, ServedDevice device, int queueNumber) {
        this.channel = channel;
        this.model = model;
        this.device = device;
        this.queueNumber = queueNumber;
    }

    /** For the loop to watch. */
    int fd() {
        return channel.fd();
    }

    /** True once a request was served: there is a front-end at the other end. */
    boolean hasServed() {
        return served;
    }

    /** @throws VhostUserException if the peer is gone or asked for what cannot be */
    void serve() {
        for (int i = 0; i < MAX_MESSAGES_AT_ONCE; i++) {
            try (Message message = channel.poll()) {
                if (message == null) {
                    return;
                }
                serve(message);
                served = true;
            }
        }
    }

    private void serve(Message message) {
        MessageHeader header = message.header();
        FrontEndRequest request = FrontEndRequest.of(header.request());
        if (request == null || header.isReply()) {
            throw new VhostUserException("message " + header.request() + " is no request of a front-end's");
        }
        boolean acknowledge = request.reply == null && header.needsReply()
                && protocol.has(ProtocolFeature.REPLY_ACK);
        try {
            if (request.needs != null && !protocol.has(request.needs)) {
                throw new VhostUserException("it needs " + request.needs + ", which was not agreed on");
            }
            Payload payload = request.payload.read(message.body());
            request.fds.check(payload, message.fds().count());
            LOG.debug("{}: {} {}", device, request, payload);
            Payload reply = answer(request, payload, message);
            if (reply != null) {
                channel.send(request.code, MessageHeader.REPLY, reply);
            } else if (acknowledge) {
                channel.send(request.code, MessageHeader.REPLY, new Payload.U64(0));
            }
        } catch (RuntimeException e) {
            if (acknowledge) {
                refuse(request, e);
            }
            throw new VhostUserException(request + ": " + e.getMessage(), e);
        }
    }

    private void refuse(FrontEndRequest request, RuntimeException cause) {
        try {
            channel.send(request.code, MessageHeader.REPLY, new Payload.U64(1));
        } catch (VhostUserException e) {
            cause.addSuppressed(e);
        }
    }

    /** @return null if the request has no reply of its own */
    private Payload answer(FrontEndRequest request, Payload payload, Message message) {
        return switch (request) {
            case GET_FEATURES -> new Payload.U64(offered().low());
            case GET_PROTOCOL_FEATURES -> new Payload.U64(PROTOCOL.low());
            case GET_QUEUE_NUM -> new Payload.U64(queueNumber);
            case GET_MAX_MEM_SLOTS -> new Payload.U64(PeerMemory.SLOTS);
            case GET_STATUS -> new Payload.U64(device.status());
            case GET_CONFIG -> readConfig((Payload.Config) payload);
            case GET_VRING_BASE -> {
                int index = ((Payload.VringState) payload).index();
                yield new Payload.VringState(index, device.stop(device.ring(index)));
            }
            case GET_INFLIGHT_FD -> {
                sendInflightArea((Payload.Inflight) payload);
                yield null;
            }
            case SET_LOG_BASE -> {
                device.log(new DirtyLog((Payload.Log) payload, message.fds()));
                yield Payload.EMPTY;
            }
            default -> {
                apply(request, payload, message);
                device.startReadyRings();
                yield null;
            }
        };
    }

    private Features offered() {
        return model.offeredFeatures().with(Session.PROTOCOL_FEATURES).with(Session.LOG_ALL);
    }

    private void apply(FrontEndRequest request, Payload payload, Message message) {
        switch (request) {
            case SET_FEATURES -> features(new Features(((Payload.U64) payload).value(), 0));
            case SET_PROTOCOL_FEATURES -> protocolFeatures(new Features(((Payload.U64) payload).value(), 0));
            case SET_MEM_TABLE -> device.withRingsSuspended(
                    () -> replaceMemory(((Payload.MemoryTable) payload).regions(), message));
            case ADD_MEM_REG -> device.addMemory(((Payload.SingleRegion) payload).region(), message.fds());
            case REM_MEM_REG -> device.withRingsSuspended(
                    () -> device.memory().remove(((Payload.SingleRegion) payload).region()));
            case SET_VRING_NUM -> ring(payload).size(((Payload.VringState) payload).number());
            case SET_VRING_BASE -> ring(payload).base(((Payload.VringState) payload).number());
            case SET_VRING_ADDR -> address((Payload.VringAddress) payload);
            case SET_VRING_ENABLE -> enable((Payload.VringState) payload);
            case SET_VRING_KICK -> {
                ServedRing ring = numbered(payload);
                ring.kick(eventFd(message));
            }
            case SET_VRING_CALL -> {
                ServedRing ring = numbered(payload);
                ring.call(eventFd(message));
            }
            case SET_VRING_ERR -> {
                ServedRing ring = numbered(payload);
                ring.error(eventFd(message));
            }
            case SET_INFLIGHT_FD -> device.inflight(new InflightArea((Payload.Inflight) payload, message.fds()));
            case SET_BACKEND_REQ_FD -> device.notices(new FrontEndNotices(message.fds().takeSocket(0)));
            case NET_SET_MTU -> checkMtu(((Payload.U64) payload).value());
            case SET_STATUS -> device.status((int) ((Payload.U64) payload).value() & 0xff);
            case RESET_DEVICE -> device.reset();
            // Deprecated, and peers differ in what they mean by it; a connection has one owner anyway.
            case SET_OWNER, RESET_OWNER -> {
            }
            // An event for whoever waits for the log to change; there is nothing to signal that the log does not say.
            case SET_LOG_FD -> {
            }
            case SET_CONFIG -> throw new VhostUserException("no field of the configuration can be written");
            default -> throw new VhostUserException("it is not served here");
        }
    }

    /** The front-end gives it back with SET_INFLIGHT_FD, now and to the next back-end. */
    private void sendInflightArea(Payload.Inflight asked) {
        long bytes = device.inflightBytes(asked);
        try (MemoryRegion area = SharedMemory.allocate("netdev4j-inflight", bytes)) {
            channel.send(FrontEndRequest.GET_INFLIGHT_FD.code, MessageHeader.REPLY,
                    new Payload.Inflight(area.size(), 0, asked.queues(), asked.queueSize()), area.backing().fd());
        }
    }

    private void features(Features asked) {
        if (!asked.isSubsetOf(offered())) {
            throw new VhostUserException("features " + asked.minus(offered()) + " were not offered");
        }
        device.accept(asked.and(model.offeredFeatures()));
        device.logWrites(asked.has(Session.LOG_ALL));
        if (!asked.has(Session.PROTOCOL_FEATURES)) {
            device.enableAll();
        }
    }

    private void protocolFeatures(Features asked) {
        if (!asked.isSubsetOf(PROTOCOL)) {
            throw new VhostUserException("protocol features " + asked.minus(PROTOCOL) + " were not offered");
        }
        protocol = asked;
    }

    private void replaceMemory(List<Payload.Region> regions, Message message) {
        device.memory().close();
        for (int i = 0; i < regions.size(); i++) {
            device.memory().add(regions.get(i), message.fds(), i);
        }
    }

    private ServedRing ring(Payload payload) {
        return device.ring(((Payload.VringState) payload).index());
    }

    /** The ring of KICK, CALL and ERR. */
    private ServedRing numbered(Payload payload) {
        Payload.U64 number = (Payload.U64) payload;
        long unknown = number.value() & ~(Payload.U64.NO_FD | 0xff);
        if (unknown != 0) {
            throw new VhostUserException("ring number 0x" + Long.toHexString(number.value()));
        }
        return device.ring(number.vring());
    }

    private static EventFd eventFd(Message message) {
        return message.fds().count() == 0 ? null : message.fds().takeEventFd(0);
    }

    /** May come while the ring runs, for the log: it then goes on where it was, at the new address. */
    private void address(Payload.VringAddress where) {
        ServedRing ring = device.ring(where.index());
        device.withRingsSuspended(() -> ring.address(where));
    }

    private void enable(Payload.VringState state) {
        if (state.number() != 0 && state.number() != 1) {
            throw new VhostUserException("ring " + state.index() + " enabled with "
                    + Integer.toUnsignedString(state.number()) + ", allowed are 0 and 1");
        }
        device.enable(device.ring(state.index()), state.number() == 1);
    }

    private static void checkMtu(long mtu) {
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw new VhostUserException(
                    "MTU " + Long.toUnsignedString(mtu) + " is not in " + MIN_MTU + ".." + MAX_MTU);
        }
    }

    /** What is behind the configuration's end reads as 0: a front-end asks for the structure that it knows. */
    private Payload.Config readConfig(Payload.Config asked) {
        int length = asked.contents().length;
        if (length == 0 || asked.offset() < 0 || asked.offset() > Payload.Config.MAX_CONTENTS - length) {
            throw new VhostUserException("configuration of " + length + " bytes at "
                    + Integer.toUnsignedString(asked.offset()) + ", it has " + Payload.Config.MAX_CONTENTS);
        }
        byte[] padded = Arrays.copyOf(model.config(), Payload.Config.MAX_CONTENTS);
        return new Payload.Config(asked.offset(), 0,
                Arrays.copyOfRange(padded, asked.offset(), asked.offset() + length));
    }

    /** Idempotent. */
    @Override
    public void close() {
        device.close();
        channel.close();
    }
}
