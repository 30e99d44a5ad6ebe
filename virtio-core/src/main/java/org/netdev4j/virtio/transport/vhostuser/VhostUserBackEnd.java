package org.netdev4j.virtio.transport.vhostuser;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

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
 * Serves a device to a front-end in another process (QEMU, DPDK's virtio_user, or a driver of this library) at a Unix socket:
 * the back-end of vhost-user. One front-end at a time; the next one waits until it has gone, and finds the device reset. Either
 * end may be the one that listens.
 * <p>
 * Everything runs on the device's loop, and nothing there waits for the front-end: one that breaks the protocol, takes no
 * replies, or shrinks the memory it shared loses its connection, and costs nobody else anything. A ring that comes without a
 * kick descriptor is polled: the loop does not sleep while it runs. Any thread may close it.
 */
public final class VhostUserBackEnd implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserBackEnd.class);

    private final String name;
    private final Path path;
    private final DeviceModel model;
    private final int queueNumber;
    private final DeviceLoop loop;
    /** Null if the front-end listens. */
    private final UnixListener listener;
    private final TimerFd retry;
    private BackOff backOff = new BackOff();
    /** Null while nobody is connected. */
    private BackEnd connection;
    private boolean closed;

    private VhostUserBackEnd(Path path, DeviceModel model, int queueNumber, DeviceLoop loop, UnixListener listener,
            TimerFd retry) {
        this.path = path;
        this.model = model;
        this.queueNumber = queueNumber;
        this.loop = loop;
        this.listener = listener;
        this.retry = retry;
        name = "vhost-user:" + path + (listener == null ? ",client" : "");
    }

    /**
     * Serves {@code model} to whoever connects to {@code path}. A socket that nobody listens at any more is replaced.
     *
     * @param model closed with the back-end; its queues are those that have a size, from 0 on without a gap
     * @param queueNumber what the front-end is told of how many it may use: of a network device, queue pairs
     * @throws ErrnoException EADDRINUSE if someone listens there or the file is not a socket, EACCES or ENOENT if the
     *         directory does not allow it
     */
    public static VhostUserBackEnd listen(Path path, DeviceModel model, int queueNumber, DeviceLoop loop) {
        UnixListener listener = UnixListener.bind(path);
        try {
            return begin(path, model, queueNumber, loop, listener);
        } catch (RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    /**
     * Serves {@code model} to the front-end that listens at {@code path}: tries until there is one, at most a second apart, and
     * again when it has gone.
     *
     * @param model as for {@link #listen}
     * @param queueNumber as for {@link #listen}
     * @throws IllegalArgumentException if the path is too long for a socket
     */
    public static VhostUserBackEnd connect(Path path, DeviceModel model, int queueNumber, DeviceLoop loop) {
        return begin(path, model, queueNumber, loop, null);
    }

    private static VhostUserBackEnd begin(Path path, DeviceModel model, int queueNumber, DeviceLoop loop,
            UnixListener listener) {
        TimerFd retry = TimerFd.create();
        try {
            VhostUserBackEnd backEnd = new VhostUserBackEnd(path, model, queueNumber, loop, listener, retry);
            loop.call(() -> {
                loop.watch(retry.fd(), Epoll.READABLE, backEnd::onRetry);
                backEnd.awaitFrontEnd();
            });
            return backEnd;
        } catch (RuntimeException e) {
            loop.unwatch(retry.fd());
            retry.close();
            throw e;
        }
    }

    /** True while a front-end is connected. Any thread. */
    public boolean isConnected() {
        boolean[] connected = new boolean[1];
        loop.call(() -> connected[0] = connection != null);
        return connected[0];
    }

    private void onRetry() {
        if (retry.drain() && connection == null) {
            awaitFrontEnd();
        }
    }

    private void awaitFrontEnd() {
        if (listener == null) {
            connect();
        } else {
            loop.watch(listener.fd(), Epoll.READABLE, this::accept);
        }
    }

    private void connect() {
        UnixSocket socket;
        try {
            socket = UnixSocket.connect(path);
        } catch (ErrnoException e) {
            LOG.debug("{}: no front-end to connect to: {}", name, e.getMessage());
            retryLater();
            return;
        }
        begin(socket);
    }

    private void accept() {
        UnixSocket socket;
        try {
            socket = listener.accept();
        } catch (ErrnoException e) {
            LOG.warn("{}: cannot take a connection: {}", name, e.getMessage());
            // It still waits there: without a pause the loop would do nothing but fail.
            loop.unwatch(listener.fd());
            retryLater();
            return;
        }
        if (socket != null) {
            loop.unwatch(listener.fd());
            begin(socket);
        }
    }

    private void retryLater() {
        retry.set(TimeUnit.MILLISECONDS.toNanos(backOff.nextMillis()));
    }

    private void begin(UnixSocket socket) {
        ServedDevice device = new ServedDevice(name, model, loop, this::disconnect);
        connection = new BackEnd(new MessageChannel(socket, 0), model, device, queueNumber);
        loop.watch(connection.fd(), Epoll.READABLE, this::serve);
        LOG.info("{}: a front-end is connected", name);
    }

    private void serve() {
        try {
            connection.serve();
        } catch (RuntimeException | Error e) {
            disconnect(e);
        }
    }

    private void disconnect(Throwable cause) {
        if (connection != null) {
            LOG.info("{}: the front-end is disconnected: {}", name, cause.toString());
            LOG.debug("{}: disconnected because of", name, cause);
            if (connection.hasServed()) {
                backOff = new BackOff();
            }
            drop();
            if (listener == null) {
                // Whoever listens may be about to end.
                retryLater();
            } else {
                awaitFrontEnd();
            }
        }
    }

    private void drop() {
        BackEnd dropped = connection;
        connection = null;
        loop.unwatch(dropped.fd());
        dropped.close();
    }

    /** Stops the device, closes it and removes the socket. Idempotent. */
    @Override
    public void close() {
        loop.call(() -> {
            if (closed) {
                return;
            }
            closed = true;
            if (connection != null) {
                drop();
            }
            loop.unwatch(retry.fd());
            retry.close();
            if (listener != null) {
                loop.unwatch(listener.fd());
                listener.close();
            }
            model.close();
        });
    }
}
