package org.netdev4j.virtio.transport.vhostuser;

import java.nio.file.Path;
import java.util.Objects;

/**
 * How a device is served to vhost-user front-ends.
 *
 * @param socket path of the Unix socket, at most 107 bytes
 * @param client true: the front-end listens there and the back-end connects; false: the other way round
 * @param queuePairs that a front-end may use, 1 to 128
 */
public record BackEndSettings(Path socket, boolean client, int queuePairs) {
    /** A vring's number has 8 bits in the messages that carry a descriptor. */
    static final int MAX_QUEUE_PAIRS = 128;

    public BackEndSettings {
        Objects.requireNonNull(socket, "socket");
        if (queuePairs < 1 || queuePairs > MAX_QUEUE_PAIRS) {
            throw new IllegalArgumentException(
                    queuePairs + " queue pairs, allowed are 1 to " + MAX_QUEUE_PAIRS);
        }
    }

    /** Listens for front-ends, one queue pair. */
    public static BackEndSettings server(Path socket) {
        return new BackEndSettings(socket, false, 1);
    }

    /** Connects to a front-end that listens, one queue pair. */
    public static BackEndSettings client(Path socket) {
        return new BackEndSettings(socket, true, 1);
    }

    public BackEndSettings withQueuePairs(int pairs) {
        return new BackEndSettings(socket, client, pairs);
    }

    @Override
    public String toString() {
        return "vhost-user:" + socket + (client ? ",client" : "");
    }
}
