package org.netdev4j.virtio.transport.vhostuser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.UnixSocket;
import org.netdev4j.virtio.testing.Rule;

/** What a front-end is told unasked, on the connection that it gave for that. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class FrontEndNoticesTest {
    @TempDir
    Path directory;

    private GuestBench guest;
    private MessageChannel notices;

    @BeforeEach
    void start() {
        guest = new GuestBench(directory);
    }

    @AfterEach
    void close() {
        if (notices != null) {
            notices.close();
        }
        guest.close();
    }

    private void startRing() {
        guest.features(Features.NONE, 0);
        guest.shareMemory();
        guest.ring(0);
        guest.address(0);
        guest.startRing();
    }

    private void giveConnection() {
        UnixSocket[] pair = UnixSocket.pair();
        try (UnixSocket theirs = pair[1]) {
            guest.frontEnd.tell(FrontEndRequest.SET_BACKEND_REQ_FD, Payload.EMPTY, theirs.fd());
        }
        if (notices != null) {
            notices.close();
        }
        notices = new MessageChannel(pair[0], TimeUnit.SECONDS.toNanos(5));
    }

    private void assertToldOfAChange() {
        try (Message message = notices.await()) {
            assertEquals(new MessageHeader(BackEndRequest.CONFIG_CHANGE.code, MessageHeader.VERSION, 0),
                    message.header());
        }
    }

    @Test
    @Rule("VU19")
    void aChangedConfigurationIsTold() {
        giveConnection();
        startRing();
        guest.changeConfig(1);
        assertToldOfAChange();
        assertNull(notices.poll());
    }

    @Test
    void theConnectionGivenLastIsUsed() {
        giveConnection();
        giveConnection();
        startRing();
        guest.changeConfig(1);
        assertToldOfAChange();
    }

    @Test
    @Rule("VU14")
    void nothingIsToldWhileNoRingRuns() {
        giveConnection();
        startRing();
        guest.frontEnd.ask(FrontEndRequest.GET_VRING_BASE, new Payload.VringState(0, 0));
        guest.changeConfig(1);
        assertNull(notices.poll());
    }

    @Test
    @Rule("VU50")
    void whoDoesNotListenIsNotWaitedFor() {
        giveConnection();
        startRing();
        guest.changeConfig(10_000);
        guest.roundTrip(0, GuestBench.guestAddress(5), 100);
        assertToldOfAChange();
    }

    @Test
    void whoHangsUpOrGivesWhatIsNoConnectionKeepsItsRings() {
        giveConnection();
        startRing();
        notices.close();
        guest.changeConfig(2);
        guest.roundTrip(0, GuestBench.guestAddress(5), 100);
        try (EventFd noSocket = EventFd.create()) {
            guest.frontEnd.tell(FrontEndRequest.SET_BACKEND_REQ_FD, Payload.EMPTY, noSocket.fd());
        }
        guest.changeConfig(2);
        guest.roundTrip(1, GuestBench.guestAddress(5), 100);
    }
}
