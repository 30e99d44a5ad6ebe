package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.linux.OpenFds;
import org.netdev4j.virtio.linux.UnixListener;

/** The back-end as a client: the front-end listens. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class ConnectingBackEndTest {
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(5);

    @TempDir
    Path directory;

    private final OpenFds fds = OpenFds.now();
    private final DeviceLoop loop = new DeviceLoop("back-end").start();
    private VhostUserBackEnd backEnd;

    @BeforeEach
    void connect() {
        backEnd = VhostUserBackEnd.connect(directory.resolve("s"), new RecordingModel(), 3, loop);
    }

    @AfterEach
    void nothingLeaks() {
        backEnd.close();
        loop.close();
        fds.assertNoneLeaked();
    }

    @Test
    void itConnectsOnceSomeoneListensAndAgainWhenThatOneIsGone() {
        for (int round = 0; round < 3; round++) {
            try (UnixListener listener = UnixListener.bind(directory.resolve("s"))) {
                assertTrue(listener.awaitConnection(LIMIT));
                try (FrontEnd frontEnd = new FrontEnd(new MessageChannel(listener.accept(), LIMIT))) {
                    frontEnd.protocol(BackEnd.PROTOCOL);
                    assertEquals(3, frontEnd.number(FrontEndRequest.GET_QUEUE_NUM));
                }
            }
        }
    }

    @Test
    void itCanBeClosedWhileNobodyListens() {
        backEnd.close();
        backEnd.close();
    }
}
