package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.Features;

/**
 * The front-end's half of a conversation: asks one request at a time and checks what comes back. One thread at a time; after
 * an exception the connection is of no more use.
 */
final class FrontEnd implements AutoCloseable {
    private final MessageChannel channel;
    private Features protocol = Features.NONE;

    FrontEnd(MessageChannel channel) {
        this.channel = channel;
    }

    /** What was agreed beside the features of the device; decides which requests are allowed and acknowledged. */
    Features protocol() {
        return protocol;
    }

    /** For an epoll: readable means that the back-end is gone or broke the protocol. */
    int fd() {
        return channel.fd();
    }

    /** Agrees on {@code accepted}, with SET_PROTOCOL_FEATURES. */
    void protocol(Features accepted) {
        tell(FrontEndRequest.SET_PROTOCOL_FEATURES, new Payload.U64(accepted.low()));
        protocol = accepted;
    }

    /** Asks for a number. */
    long number(FrontEndRequest request) {
        return ((Payload.U64) ask(request, Payload.EMPTY)).value();
    }

    /**
     * Sends a request that has a reply.
     *
     * @throws VhostUserException if the answer is not that reply
     */
    Payload ask(FrontEndRequest request, Payload payload, int... fds) {
        requireAllowed(request);
        if (request.reply == null) {
            throw new IllegalArgumentException(request + " has no reply");
        }
        channel.send(request.code, 0, payload, fds);
        return answer(request, request.reply);
    }

    /**
     * Sends a request that has no reply; with REPLY_ACK the back-end says whether it did it.
     *
     * @throws VhostUserException if it did not
     */
    void tell(FrontEndRequest request, Payload payload, int... fds) {
        requireAllowed(request);
        boolean acknowledged = protocol.has(ProtocolFeature.REPLY_ACK);
        channel.send(request.code, acknowledged ? MessageHeader.NEED_REPLY : 0, payload, fds);
        if (acknowledged) {
            long result = ((Payload.U64) answer(request, PayloadKind.U64)).value();
            if (result != 0) {
                throw new VhostUserException("the back-end refused " + request + " (" + payload + "): " + result);
            }
        }
    }

    private Payload answer(FrontEndRequest request, PayloadKind kind) {
        try (Message message = channel.await()) {
            MessageHeader header = message.header();
            if (header.request() != request.code || header.flags() != (MessageHeader.VERSION | MessageHeader.REPLY)) {
                throw new VhostUserException("the back-end sent message " + header.request()
                        + (header.isReply() ? " as a reply" : "")
                        + (header.needsReply() ? ", which needs a reply" : ""));
            }
            FdRule.NONE.check(Payload.EMPTY, message.fds().count());
            return kind.read(message.body());
        } catch (VhostUserException e) {
            throw new VhostUserException("no answer to " + request + ": " + e.getMessage(), e);
        }
    }

    private void requireAllowed(FrontEndRequest request) {
        if (request.needs != null && !protocol.has(request.needs)) {
            throw new IllegalArgumentException(request + " needs " + request.needs + ", which was not agreed on");
        }
    }

    /** True if the peer has closed its end. */
    boolean isHungUp() {
        return channel.isHungUp();
    }

    /** Idempotent. */
    @Override
    public void close() {
        channel.close();
    }
}
