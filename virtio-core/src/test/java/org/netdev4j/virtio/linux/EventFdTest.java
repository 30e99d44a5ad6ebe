package org.netdev4j.virtio.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.netdev4j.virtio.testing.Rule;

class EventFdTest {
    @Test
    void signalsAddUpUntilTheyAreDrained() {
        try (EventFd event = EventFd.create()) {
            event.signal();
            event.signal();
            assertEquals(2, event.drain());
            assertEquals(0, event.drain());
        }
    }

    @Test
    void drainDoesNotBlockWithoutASignal() {
        try (EventFd event = EventFd.create()) {
            assertEquals(0, event.drain());
        }
    }

    @Test
    @Rule("VU50")
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aSharedOneThatThePeerFilledAndLetsBlockDoesNotBlock() {
        try (EventFd event = EventFd.createShared()) {
            BlockingEvent.fill(event);
            event.signal();
            assertEquals(BlockingEvent.LIMIT, event.drain());
            event.signal();
            assertEquals(1, event.drain());
        }
    }

    @Test
    @Rule("VU50")
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aSharedOneThatThePeerEmptiedAndLetsBlockDoesNotBlock() {
        try (EventFd event = EventFd.createShared()) {
            BlockingEvent.letBlock(event);
            assertEquals(0, event.drain());
        }
    }

    @Test
    void anotherThreadSeesTheSignal() throws InterruptedException {
        try (EventFd event = EventFd.create()) {
            Thread other = Thread.ofPlatform().start(event::signal);
            other.join();
            assertEquals(1, event.drain());
        }
    }

    @Test
    void afterCloseNothingReachesTheDescriptorThatTookItsNumber() {
        EventFd closed = EventFd.create();
        int number = closed.fd();
        closed.close();
        closed.close();
        try (EventFd heir = EventFd.create()) {
            assertEquals(number, heir.fd(), "Linux hands out the lowest free number");
            closed.signal();
            assertEquals(0, heir.drain());
            assertEquals(0, closed.drain());
            assertEquals(-1, closed.fd());
        }
    }

    @Test
    void closeGivesTheDescriptorBack() {
        EventFd.create().close();
        OpenFds before = OpenFds.now();
        for (int i = 0; i < 10; i++) {
            EventFd event = EventFd.create();
            assertTrue(event.fd() >= 0);
            event.close();
        }
        before.assertNoneLeaked();
    }
}
