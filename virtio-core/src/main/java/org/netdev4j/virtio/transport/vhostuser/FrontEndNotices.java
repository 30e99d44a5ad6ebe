package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection on which a back-end tells its front-end what it was not asked: the other end of {@link BackEndRequests}. No
 * answer is asked for, and none is read. On the loop's thread, which never waits here.
 */
final class FrontEndNotices implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FrontEndNotices.class);

    private final UnixSocket socket;
    private final MessageChannel channel;

    FrontEndNotices(UnixSocket socket) {
        this.socket = socket;
        channel = new MessageChannel(socket, 0);
    }

    /** The configuration is to be read again. One that does not listen is told no more than fits its socket. */
    void configChanged() {
        if (socket.fd() < 0) {
            return;
        }
        try {
            // Where there is no room, those that wait to be read say the same.
            if (socket.awaitWritable(0)) {
                channel.send(BackEndRequest.CONFIG_CHANGE.code, 0, Payload.EMPTY);
            }
        } catch (RuntimeException e) {
            LOG.info("the front-end is told nothing any more: {}", e.getMessage());
            close();
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        channel.close();
    }
}
