package org.netdev4j.virtio.transport.vhostuser;

import static org.netdev4j.virtio.transport.vhostuser.Payload.Config.MAX_CONTENTS;

import java.util.Arrays;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.ReceivedFds;
import org.netdev4j.virtio.linux.UnixSocket;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a front-end: reads its requests, checks that they are what such requests can be, has them done, answers.
 * A request that cannot be ends the connection; so does a front-end that does not take its answers. On the loop's thread.
 */
final class FrontEndConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FrontEndConnection.class);

    private static final Features OFFERED = Features.of(ProtocolFeature.MQ, ProtocolFeature.REPLY_ACK,
            ProtocolFeature.NET_MTU, ProtocolFeature.CONFIG, ProtocolFeature.RESET_DEVICE,
            ProtocolFeature.CONFIGURE_MEM_SLOTS, ProtocolFeature.STATUS);
    /** The loop has other members: a front-end that talks without end does not keep them from their turn. */
    private static final int MESSAGES_PER_TURN = 64;
    private static final int LEAST_MTU = 68;
    private static final int GREATEST_MTU = 65535;
    private static final long DONE = 0;
    private static final long REFUSED = 1;

    private final String name;
    private final DeviceLoop loop;
    private final int queuePairs;
    private final MessageChannel channel;
    private final ServedDevice device;
    private final Runnable onClosed;
    private Features protocol = Features.NONE;
    private boolean spoke;
    private boolean closed;

    /**
     * Serves from now on.
     *
     * @param socket this connection's to close
     * @param onClosed the connection has ended by itself, or by {@link #close}
     */
    FrontEndConnection(String name, UnixSocket socket, DeviceLoop loop, DeviceModel model, int queuePairs,
            Runnable onClosed) {
        this.name = name;
        this.loop = loop;
        this.queuePairs = queuePairs;
        this.onClosed = onClosed;
        channel = new MessageChannel(socket, 0);
        device = new ServedDevice(name, model, loop, queuePairs, this::end);
        loop.watch(channel.fd(), Epoll.READABLE, this::receive);
    }

    /** True if it has sent a request that could be served: there is a front-end at the other end. */
    boolean spoke() {
        return spoke;
    }

    private void receive() {
        try {
            for (int i = 0; i < MESSAGES_PER_TURN && !closed; i++) {
                try (Message message = channel.poll()) {
                    if (message == null) {
                        return;
                    }
                    serve(message);
                    spoke = true;
                }
            }
        } catch (RuntimeException | Error e) {
            end(e);
        }
    }

    /** What is wrong with a front-end, or what it made the device throw, is its own end only. */
    private void end(Throwable cause) {
        if (closed) {
            return;
        }
        if (cause instanceof VhostUserException) {
            LOG.info("{}: connection ends: {}", name, cause.getMessage());
        } else {
            LOG.warn("{}: connection ends", name, cause);
        }
        close();
    }

    private void serve(Message message) {
        MessageHeader header = message.header();
        FrontEndRequest request = FrontEndRequest.of(header.request());
        if (request == null || header.isReply()) {
            throw new VhostUserException("message " + header.request() + " with flags 0x"
                    + Integer.toHexString(header.flags()) + " is no request");
        }
        if (request.needs != null && !protocol.has(request.needs)) {
            throw new VhostUserException(request + " without " + request.needs);
        }
        boolean acknowledge = request.reply == null && header.needsReply();
        try {
            Payload payload = request.payload.read(message.body());
            request.fds.check(payload, message.fds().count());
            if (request.reply != null) {
                channel.send(request.code, MessageHeader.REPLY, answer(request, payload, message.fds()));
                return;
            }
            long result = perform(request, payload, message.fds());
            if (acknowledge && protocol.has(ProtocolFeature.REPLY_ACK)) {
                channel.send(request.code, MessageHeader.REPLY, new Payload.U64(result));
            }
        } catch (RuntimeException e) {
            if (acknowledge && protocol.has(ProtocolFeature.REPLY_ACK)) {
                channel.send(request.code, MessageHeader.REPLY, new Payload.U64(REFUSED));
            }
            throw new VhostUserException(request + ": " + e.getMessage(), e);
        }
    }

    private Payload answer(FrontEndRequest request, Payload payload, ReceivedFds fds) {
        return switch (request) {
            case GET_FEATURES -> new Payload.U64(device.offered().low());
            case GET_PROTOCOL_FEATURES -> new Payload.U64(OFFERED.low());
            case GET_QUEUE_NUM -> new Payload.U64(queuePairs);
            case GET_MAX_MEM_SLOTS -> new Payload.U64(MappedMemory.MAX_SLOTS);
            case GET_STATUS -> new Payload.U64(device.status());
            case GET_CONFIG -> config((Payload.Config) payload);
            case GET_VRING_BASE -> {
                int index = ((VringState) payload).index();
                yield new VringState(index, device.stop(index));
            }
            default -> throw new VhostUserException("not known with " + fds.count() + " descriptors");
        };
    }

    /** Bytes that the device does not have read as 0. */
    private Payload config(Payload.Config asked) {
        int length = asked.contents().length;
        if (length == 0 || asked.offset() < 0 || asked.offset() > MAX_CONTENTS - length) {
            throw new VhostUserException(length + " bytes at " + Integer.toUnsignedString(asked.offset())
                    + ", a configuration has " + MAX_CONTENTS + " at most");
        }
        byte[] all = Arrays.copyOf(device.config(), MAX_CONTENTS);
        return new Payload.Config(asked.offset(), asked.flags(),
                Arrays.copyOfRange(all, asked.offset(), asked.offset() + length));
    }

    /** @return {@link #DONE}, or {@link #REFUSED} for what is well formed and not wanted */
    private long perform(FrontEndRequest request, Payload payload, ReceivedFds fds) {
        switch (request) {
            case SET_OWNER, RESET_OWNER, SET_LOG_FD -> {
                // Nothing is owned by anyone; the two others are not used any more.
            }
            case SET_FEATURES -> features(number(payload));
            case SET_PROTOCOL_FEATURES -> protocol(number(payload));
            case NET_SET_MTU -> checkMtu(number(payload));
            case RESET_DEVICE -> device.reset();
            case SET_STATUS -> status(number(payload));
            case SET_CONFIG -> {
                // Everything that the device has there is the driver's to read.
                return REFUSED;
            }
            case SET_MEM_TABLE -> device.memoryTable(((Payload.MemoryTable) payload).regions(), fds);
            case ADD_MEM_REG -> device.addMemory(((Payload.SingleRegion) payload).region(), fds);
            case REM_MEM_REG -> device.removeMemory(((Payload.SingleRegion) payload).region());
            case SET_VRING_NUM -> device.ringSize(((VringState) payload).index(), ((VringState) payload).number());
            case SET_VRING_BASE -> device.ringBase(((VringState) payload).index(), ((VringState) payload).number());
            case SET_VRING_ADDR -> device.ringAddress((Payload.VringAddress) payload);
            case SET_VRING_ENABLE -> enable((VringState) payload);
            case SET_VRING_KICK -> device.kick(vring(payload), eventFd(payload, fds));
            case SET_VRING_CALL -> device.call(vring(payload), eventFd(payload, fds));
            case SET_VRING_ERR -> device.error(vring(payload), eventFd(payload, fds));
            default -> throw new VhostUserException("not known");
        }
        return DONE;
    }

    private static long number(Payload payload) {
        return ((Payload.U64) payload).value();
    }

    private void features(long accepted) {
        // With STATUS the driver sees that FEATURES_OK does not stay set.
        if (!device.features(new Features(accepted, 0)) && !protocol.has(ProtocolFeature.STATUS)) {
            throw new VhostUserException("the device cannot work with " + new Features(accepted, 0));
        }
    }

    private void protocol(long accepted) {
        Features features = new Features(accepted, 0);
        if (!features.isSubsetOf(OFFERED)) {
            throw new VhostUserException("accepted 0x" + Long.toHexString(accepted) + ", offered were 0x"
                    + Long.toHexString(OFFERED.low()));
        }
        protocol = features;
    }

    private static void checkMtu(long mtu) {
        if (mtu < LEAST_MTU || mtu > GREATEST_MTU) {
            throw new VhostUserException("an MTU of " + Long.toUnsignedString(mtu) + ", allowed are " + LEAST_MTU
                    + " to " + GREATEST_MTU);
        }
    }

    private void status(long status) {
        if ((status & ~0xffL) != 0) {
            throw new VhostUserException("status 0x" + Long.toHexString(status) + " has more than 8 bits");
        }
        device.status((int) status);
    }

    private void enable(VringState state) {
        if ((state.number() & ~1) != 0) {
            throw new VhostUserException("neither 0 nor 1 but " + Integer.toUnsignedString(state.number()));
        }
        device.enable(state.index(), state.number() == 1);
    }

    private static int vring(Payload payload) {
        Payload.U64 number = (Payload.U64) payload;
        if ((number.value() & ~(Payload.U64.NO_FD | 0xff)) != 0) {
            throw new VhostUserException("unknown bits in 0x" + Long.toHexString(number.value()));
        }
        return number.vring();
    }

    private static EventFd eventFd(Payload payload, ReceivedFds fds) {
        return (number(payload) & Payload.U64.NO_FD) == 0 ? fds.takeEventFd(0) : null;
    }

    /** When this returns nothing of the front-end's is open or mapped. Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            loop.unwatch(channel.fd());
            try {
                device.close();
            } finally {
                channel.close();
                onClosed.run();
            }
        }
    }
}
