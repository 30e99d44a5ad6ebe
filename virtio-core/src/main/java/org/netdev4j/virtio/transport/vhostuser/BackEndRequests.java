package org.netdev4j.virtio.transport.vhostuser;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection on which a back-end asks its front-end. One that breaks the protocol loses this connection and nothing else.
 * Any thread; no lock of the transport's is needed, since a back-end may wait for an answer here before it gives one there.
 */
final class BackEndRequests implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackEndRequests.class);
    /** However many it sends, others get their turn. */
    private static final int MOST_AT_ONCE = 64;

    private final MessageChannel channel;

    BackEndRequests(MessageChannel channel) {
        this.channel = channel;
    }

    /** For an epoll: readable when there is something to {@link #serve}; -1 once closed. */
    int fd() {
        return channel.fd();
    }

    /** Answers what has come. @return true if the configuration changed */
    synchronized boolean serve() {
        if (channel.fd() < 0) {
            return false;
        }
        boolean configChanged = false;
        try {
            for (int i = 0; i < MOST_AT_ONCE; i++) {
                Message message = channel.poll();
                if (message == null) {
                    break;
                }
                try (message) {
                    configChanged |= answer(message);
                }
            }
        } catch (VhostUserException e) {
            LOG.info("requests of the back-end are not listened to any more: {}", e.getMessage());
            close();
        }
        return configChanged;
    }

    /** What is not known is refused, which the back-end hears if it asked to. */
    private boolean answer(Message message) {
        MessageHeader header = message.header();
        if (header.isReply()) {
            throw new VhostUserException("a reply to message " + header.request() + ", which was not sent");
        }
        boolean configChanged = header.request() == BackEndRequest.CONFIG_CHANGE.code;
        if (configChanged) {
            PayloadKind.EMPTY.read(message.body());
            FdRule.NONE.check(Payload.EMPTY, message.fds().count());
        }
        if (header.needsReply()) {
            channel.send(header.request(), MessageHeader.REPLY, new Payload.U64(configChanged ? 0 : 1));
        }
        return configChanged;
    }

    /** Idempotent. */
    @Override
    public synchronized void close() {
        channel.close();
    }
}
