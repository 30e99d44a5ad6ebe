package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.TimerFd;
import org.netdev4j.virtio.linux.UnixListener;
import org.netdev4j.virtio.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The vhost-user back-end: serves a device to a front-end in another process (QEMU, DPDK, this framework), which drives the
 * device in its own memory. One front-end at a time: when it goes, or sends what no front-end may send, everything of it is
 * closed and the next one is served; as a client the back-end tries to connect for ever.
 * <p>
 * The model starts when the first ring starts and stops with the last, or with the connection. Everything runs on the
 * device's loop and nothing of it waits for the front-end; {@link #close} may be called from any thread. Offered are no
 * more than the device's features below bit 64, and {@code VHOST_USER_F_PROTOCOL_FEATURES}. A ring without a kick
 * descriptor is polled: the loop does not sleep while there is one.
 * <p>
 * A front-end that shrinks the file behind its memory ends its own connection (virtio-spec: docs/interop/vhost-user.rst).
 */
public final class VhostUserBackEnd implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserBackEnd.class);

    private static final long FIRST_RETRY_NANOS = 50_000_000;
    private static final long LAST_RETRY_NANOS = 2_000_000_000;

    private final BackEndSettings settings;
    private final DeviceLoop loop;
    private final DeviceModel model;
    /** Null for a client. */
    private final UnixListener listener;
    private final TimerFd retry;
    private long retryNanos = FIRST_RETRY_NANOS;
    /** Null while there is no front-end. */
    private FrontEndConnection connection;
    private boolean closed;

    private VhostUserBackEnd(BackEndSettings settings, DeviceLoop loop, DeviceModel model, UnixListener listener,
            TimerFd retry) {
        this.settings = settings;
        this.loop = loop;
        this.model = model;
        this.listener = listener;
        this.retry = retry;
    }

    /**
     * Serves {@code model} on {@code loop}.
     *
     * @param model this back-end's to close from now on, unless an exception is thrown
     * @throws ErrnoException EADDRINUSE if someone else listens at the socket, EACCES or ENOENT if its directory does not
     *         allow it
     * @throws IllegalArgumentException if the path is too long for a socket
     */
    public static VhostUserBackEnd open(BackEndSettings settings, DeviceLoop loop, DeviceModel model) {
        TimerFd retry = TimerFd.create();
        UnixListener listener = null;
        try {
            listener = settings.client() ? null : UnixListener.bind(settings.socket());
            VhostUserBackEnd backEnd = new VhostUserBackEnd(settings, loop, model, listener, retry);
            loop.call(backEnd::begin);
            return backEnd;
        } catch (RuntimeException | Error e) {
            if (listener != null) {
                listener.close();
            }
            retry.close();
            throw e;
        }
    }

    private void begin() {
        loop.watch(retry.fd(), Epoll.READABLE, () -> {
            if (retry.drain()) {
                awaitFrontEnd();
            }
        });
        awaitFrontEnd();
    }

    private void awaitFrontEnd() {
        if (closed || connection != null) {
            return;
        }
        if (listener != null) {
            loop.watch(listener.fd(), Epoll.READABLE, this::accept);
            return;
        }
        try {
            serve(UnixSocket.connect(settings.socket()));
        } catch (ErrnoException e) {
            LOG.debug("{}: no front-end yet: {}", settings, e.getMessage());
            retryLater();
        }
    }

    private void accept() {
        try {
            UnixSocket socket = listener.accept();
            if (socket != null) {
                loop.unwatch(listener.fd());
                serve(socket);
            }
        } catch (ErrnoException e) {
            // Out of descriptors, say: the connection waits, and so does the loop.
            LOG.warn("{}: no connection accepted: {}", settings, e.getMessage());
            loop.unwatch(listener.fd());
            retryLater();
        }
    }

    private void retryLater() {
        retry.set(retryNanos);
        retryNanos = Math.min(2 * retryNanos, LAST_RETRY_NANOS);
    }

    private void serve(UnixSocket socket) {
        LOG.info("{}: a front-end is connected", settings);
        connection = new FrontEndConnection(settings.toString(), socket, loop, model, settings.queuePairs(),
                this::ended);
    }

    private void ended() {
        boolean spoke = connection.spoke();
        connection = null;
        if (spoke) {
            retryNanos = FIRST_RETRY_NANOS;
        }
        if (closed) {
            return;
        }
        if (listener != null) {
            awaitFrontEnd();
        } else {
            retryLater();
        }
    }

    /** Ends the connection, stops listening and closes the model. Idempotent. */
    @Override
    public void close() {
        loop.call(this::closeOnLoop);
    }

    private void closeOnLoop() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (connection != null) {
                connection.close();
            }
            if (listener != null) {
                loop.unwatch(listener.fd());
                listener.close();
            }
            loop.unwatch(retry.fd());
            retry.close();
        } finally {
            model.close();
        }
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}
