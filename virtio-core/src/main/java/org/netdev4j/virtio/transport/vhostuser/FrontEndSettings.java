package org.netdev4j.virtio.transport.vhostuser;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How a front-end reaches its back-end.
 *
 * @param socket path of the Unix socket, at most 107 bytes
 * @param server true: the front-end listens there and the back-end connects; false: the other way round
 * @param connectTimeout for the first back-end to connect to a server; later ones are awaited for ever
 * @param answerTimeout for one answer; a control call gives the back-end up with the first that is late
 */
public record FrontEndSettings(Path socket, boolean server, Duration connectTimeout, Duration answerTimeout) {
    /** What a back-end that is alive needs at the very most: it maps memory and may be on a loaded machine. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    public FrontEndSettings {
        Objects.requireNonNull(socket, "socket");
        requirePositive("connect timeout", connectTimeout);
        requirePositive("answer timeout", answerTimeout);
    }

    private static void requirePositive(String what, Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException(what + " " + limit + ", it must be longer than nothing");
        }
    }

    /** Connects to a back-end that listens. */
    public static FrontEndSettings client(Path socket) {
        return new FrontEndSettings(socket, false, DEFAULT_TIMEOUT, DEFAULT_TIMEOUT);
    }

    /** Listens for a back-end. */
    public static FrontEndSettings server(Path socket) {
        return new FrontEndSettings(socket, true, DEFAULT_TIMEOUT, DEFAULT_TIMEOUT);
    }

    public FrontEndSettings withConnectTimeout(Duration limit) {
        return new FrontEndSettings(socket, server, limit, answerTimeout);
    }

    public FrontEndSettings withAnswerTimeout(Duration limit) {
        return new FrontEndSettings(socket, server, connectTimeout, limit);
    }

    @Override
    public String toString() {
        return "vhost-user:" + socket + (server ? ",server" : "");
    }
}
