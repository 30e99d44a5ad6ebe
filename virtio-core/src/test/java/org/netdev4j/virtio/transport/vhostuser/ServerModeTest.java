package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.virtio.linux.OpenFds;
import org.netdev4j.virtio.linux.UnixListener;
import org.netdev4j.virtio.testing.Rule;

/** A front-end that listens: back-ends come and go. */
@Timeout(30)
class ServerModeTest {
    @TempDir
    Path directory;

    private final OpenFds before = OpenFds.now();
    private Path path;

    @BeforeEach
    void choosePath() {
        path = directory.resolve("s");
    }

    @AfterEach
    void nothingStaysOpen() {
        before.assertNoneLeaked();
    }

    private FrontEndSettings settings() {
        return FrontEndSettings.server(path);
    }

    /** The back-end may be there before the listener is, as one that tries again is. */
    private ScriptedBackEnd connect() {
        while (true) {
            try {
                return ScriptedBackEnd.connect(path);
            } catch (RuntimeException notYet) {
                Thread.onSpinWait();
            }
        }
    }

    private VhostUserTransport open(ScriptedBackEnd[] first) throws InterruptedException {
        Thread connecting = Thread.ofPlatform().start(() -> first[0] = connect());
        VhostUserTransport device = VhostUserTransport.open(settings(), new PlainStandIn());
        connecting.join();
        return device;
    }

    @Test
    @Rule("VU32")
    void theNextBackEndIsAccepted() throws InterruptedException {
        ScriptedBackEnd[] backEnd = new ScriptedBackEnd[1];
        BlockingQueue<Boolean> changes = new LinkedBlockingQueue<>();
        try (VhostUserTransport device = open(backEnd)) {
            device.onPeerChange(changes::add);
            for (int i = 0; i < 3; i++) {
                backEnd[0].close();
                assertEquals(false, changes.poll(10, TimeUnit.SECONDS));
                backEnd[0] = connect();
                assertEquals(true, changes.poll(10, TimeUnit.SECONDS));
            }
        } finally {
            backEnd[0].close();
        }
    }

    @Test
    @Rule("VU32")
    void aSocketThatACrashLeftIsReplaced() throws Exception {
        UnixListener crashed = UnixListener.bind(path);
        Path kept = Files.createLink(directory.resolve("kept"), path);
        crashed.close();
        Files.move(kept, path);
        ScriptedBackEnd[] backEnd = new ScriptedBackEnd[1];
        try (VhostUserTransport device = open(backEnd)) {
            assertEquals(1, device.readConfig8(0));
        } finally {
            backEnd[0].close();
        }
    }

    @Test
    @Rule("VU50")
    void aBackEndThatDoesNotComeIsNotWaitedForLongerThanTold() {
        FrontEndSettings hasty = settings().withConnectTimeout(Duration.ofMillis(20));
        assertEquals("no back-end connected to " + path + ", waited 20 ms",
                assertThrows(VhostUserException.class, () -> VhostUserTransport.open(hasty, new PlainStandIn()))
                        .getMessage());
    }
}
