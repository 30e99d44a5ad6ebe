package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.virtio.linux.UnixListener;
import org.netdev4j.virtio.linux.UnixSocket;
import org.netdev4j.virtio.testing.Rule;
import org.netdev4j.virtio.transport.vhostuser.Payload.VringState;

/** A front-end that stops in the middle of something, beside another one at another back-end on the same loop. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StalledFrontEndTest {
    @TempDir
    Path directory;

    private BackEndFixture fixture;
    private Path other;
    private VhostUserBackEnd otherBackEnd;

    @BeforeEach
    void listen() {
        fixture = new BackEndFixture(directory, new RecordingModel());
        other = directory.resolve("other");
        otherBackEnd = VhostUserBackEnd.listen(other, new RecordingModel(), 1, fixture.loop);
    }

    @AfterEach
    void nothingIsHeld() {
        fixture.assertServesTheNext();
        otherBackEnd.close();
        fixture.close();
    }

    private void assertOthersAreServed() {
        try (FrontEnd frontEnd = new FrontEnd(
                new MessageChannel(UnixSocket.connect(other), TimeUnit.SECONDS.toNanos(10)))) {
            frontEnd.protocol(BackEnd.PROTOCOL);
            fixture.startRing(frontEnd);
            assertEquals(new VringState(0, 0),
                    frontEnd.ask(FrontEndRequest.GET_VRING_BASE, new VringState(0, 0)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 11, 12, 19})
    @Rule("VU50")
    void whoStopsInTheMiddleOfAMessageHoldsUpNobody(int bytes) {
        try (RawFrontEnd raw = new RawFrontEnd(fixture.connect())) {
            if (bytes > 0) {
                raw.send(raw.message(FrontEndRequest.SET_FEATURES.code, MessageHeader.VERSION, 8, 8).asSlice(0, bytes));
            }
            assertOthersAreServed();
        }
    }

    @Test
    @Rule("VU50")
    void whoTakesNoRepliesHoldsUpNobody() {
        try (RawFrontEnd raw = new RawFrontEnd(fixture.connect())) {
            assertTrue(raw.askUntilHungUp(FrontEndRequest.GET_FEATURES) > 0);
            assertOthersAreServed();
        }
    }

    @Test
    @Rule("VU32")
    void aSocketThatACrashLeftIsReplaced() throws Exception {
        Path path = directory.resolve("crashed");
        UnixListener crashed = UnixListener.bind(path);
        Path kept = Files.createLink(directory.resolve("kept"), path);
        crashed.close();
        Files.move(kept, path);
        try (VhostUserBackEnd next = VhostUserBackEnd.listen(path, new RecordingModel(), 1, fixture.loop);
                UnixSocket frontEnd = UnixSocket.connect(path)) {
            while (!next.isConnected()) {
                Thread.onSpinWait();
            }
            assertTrue(frontEnd.fd() >= 0);
        }
    }

    @Test
    @Rule("VU32")
    void frontEndsAreAcceptedOneAfterTheOther() {
        for (int i = 0; i < 5; i++) {
            assertOthersAreServed();
        }
    }
}
