package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.linux.Errno;
import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.UnixListener;
import org.netdev4j.virtio.linux.UnixSocket;

/** Where back-ends are found: at the path that one listens on, or that they connect to. One thread at a time. */
final class Backends implements AutoCloseable {
    private final FrontEndSettings settings;
    private final int configLength;
    /** Null for a client. */
    private UnixListener listener;

    /** @param configLength bytes of their configuration to read */
    Backends(FrontEndSettings settings, int configLength) {
        this.settings = settings;
        this.configLength = configLength;
    }

    /**
     * The first back-end: a client needs one that listens, a server waits for one.
     *
     * @throws VhostUserException if there is none
     */
    Session first() {
        try {
            if (settings.server()) {
                listener = UnixListener.bind(settings.socket());
                if (!listener.awaitConnection(settings.connectTimeout().toNanos())) {
                    throw new VhostUserException("no back-end connected to " + settings.socket() + ", waited "
                            + settings.connectTimeout().toMillis() + " ms");
                }
            }
            Session session = next();
            if (session == null) {
                throw new VhostUserException("the back-end at " + settings.socket() + " went away at once");
            }
            return session;
        } catch (ErrnoException e) {
            throw new VhostUserException(e.getMessage() + advice(e.errno()), e);
        }
    }

    private static String advice(int errno) {
        return errno == Errno.ENOENT || errno == Errno.ECONNREFUSED
                ? "; start the back-end first, or add \",server\" to let it connect to us"
                : "";
    }

    /** A back-end that is there now, or null. @throws VhostUserException if it does not speak the protocol */
    Session next() {
        UnixSocket socket = listener == null ? UnixSocket.connect(settings.socket()) : listener.accept();
        return socket == null ? null : new Session(socket, settings.answerTimeout().toNanos(), configLength);
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (listener != null) {
            listener.close();
        }
    }
}
