package org.netdev4j.virtio.transport.vhostuser;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How a front-end reaches its back-end.
 *
 * @param socket path of the Unix socket, at most 107 bytes
 * @param server true: the front-end listens there and the back-end connects; false: the other way round
 * @param timeout for one answer, and for the first connection
 */
public record FrontEndSettings(Path socket, boolean server, Duration timeout) {
    /** What a back-end that is alive needs at the very most: it maps memory and may be on a loaded machine. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    public FrontEndSettings {
        Objects.requireNonNull(socket, "socket");
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout " + timeout + ", it must be longer than nothing");
        }
    }

    /** Connects to a back-end that listens. */
    public static FrontEndSettings client(Path socket) {
        return new FrontEndSettings(socket, false, DEFAULT_TIMEOUT);
    }

    /** Listens for a back-end. */
    public static FrontEndSettings server(Path socket) {
        return new FrontEndSettings(socket, true, DEFAULT_TIMEOUT);
    }

    public FrontEndSettings withTimeout(Duration limit) {
        return new FrontEndSettings(socket, server, limit);
    }

    @Override
    public String toString() {
        return "vhost-user:" + socket + (server ? ",server" : "");
    }
}
