package org.netdev4j.virtio.transport.vhostuser;

import java.nio.file.Path;

import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.UnixListener;
import org.netdev4j.virtio.linux.UnixSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a device to a front-end in another process (QEMU, DPDK's virtio_user, or a driver of this library) at a Unix socket:
 * the back-end of vhost-user. One front-end at a time; the next one waits until it has gone, and finds the device reset.
 * <p>
 * Everything runs on the device's loop, and nothing there waits for the front-end: one that breaks the protocol, takes no
 * replies, or shrinks the memory it shared loses its connection, and costs nobody else anything. Any thread may close it.
 */
public final class VhostUserBackEnd implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VhostUserBackEnd.class);

    private final String name;
    private final DeviceModel model;
    private final int queueNumber;
    private final DeviceLoop loop;
    private final UnixListener listener;
    /** Null while nobody is connected. */
    private BackEnd connection;
    private boolean closed;

    private VhostUserBackEnd(DeviceModel model, int queueNumber, DeviceLoop loop, UnixListener listener) {
        this.model = model;
        this.queueNumber = queueNumber;
        this.loop = loop;
        this.listener = listener;
        name = "vhost-user:" + listener.path();
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
        VhostUserBackEnd backEnd = new VhostUserBackEnd(model, queueNumber, loop, UnixListener.bind(path));
        try {
            loop.call(backEnd::awaitFrontEnd);
        } catch (RuntimeException e) {
            backEnd.listener.close();
            throw e;
        }
        return backEnd;
    }

    /** True while a front-end is connected. Any thread. */
    public boolean isConnected() {
        boolean[] connected = new boolean[1];
        loop.call(() -> connected[0] = connection != null);
        return connected[0];
    }

    private void awaitFrontEnd() {
        loop.watch(listener.fd(), Epoll.READABLE, this::accept);
    }

    private void accept() {
        UnixSocket socket;
        try {
            socket = listener.accept();
        } catch (ErrnoException e) {
            LOG.warn("{}: cannot take a connection: {}", name, e.getMessage());
            return;
        }
        if (socket != null) {
            loop.unwatch(listener.fd());
            ServedDevice device = new ServedDevice(name, model, loop, this::disconnect);
            connection = new BackEnd(new MessageChannel(socket, 0), model, device, queueNumber);
            loop.watch(connection.fd(), Epoll.READABLE, this::serve);
            LOG.info("{}: a front-end is connected", name);
        }
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
            drop();
            if (!closed) {
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
            if (connection == null) {
                loop.unwatch(listener.fd());
            } else {
                drop();
            }
            listener.close();
            model.close();
        });
    }
}
