package org.netdev4j.virtio.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

class EpollTest {
    private static final long TOKEN = 0x8123_4567_89ab_cdefL;

    @Test
    void aSignalledEventFdIsReadableUntilItIsDrained() {
        try (Epoll epoll = Epoll.create(); EventFd event = EventFd.create()) {
            epoll.add(event.fd(), Epoll.READABLE, TOKEN);
            assertEquals(0, epoll.await(0));
            event.signal();
            for (int i = 0; i < 2; i++) {
                assertEquals(1, epoll.await(0), "level-triggered");
                assertEquals(TOKEN, epoll.token(0));
                assertEquals(Epoll.READABLE, epoll.events(0));
            }
            event.drain();
            assertEquals(0, epoll.await(0));
        }
    }

    @Test
    void everyTokenOfSeveralComesBack() {
        try (Epoll epoll = Epoll.create()) {
            EventFd[] events = new EventFd[5];
            Set<Long> expected = new HashSet<>();
            for (int i = 0; i < events.length; i++) {
                events[i] = EventFd.create();
                epoll.add(events[i].fd(), Epoll.READABLE, TOKEN + i);
                events[i].signal();
                expected.add(TOKEN + i);
            }
            Set<Long> seen = new HashSet<>();
            int ready = epoll.await(0);
            for (int i = 0; i < ready; i++) {
                assertEquals(Epoll.READABLE, epoll.events(i));
                seen.add(epoll.token(i));
            }
            assertEquals(expected, seen);
            for (EventFd event : events) {
                event.close();
            }
        }
    }

    @Test
    void moreEventsThanOneCallReturnsComeWithTheNext() {
        try (Epoll epoll = Epoll.create()) {
            EventFd[] events = new EventFd[100];
            for (int i = 0; i < events.length; i++) {
                events[i] = EventFd.create();
                epoll.add(events[i].fd(), Epoll.READABLE, i);
                events[i].signal();
            }
            Set<Long> seen = new HashSet<>();
            for (int ready = epoll.await(0); ready > 0; ready = epoll.await(0)) {
                for (int i = 0; i < ready; i++) {
                    seen.add(epoll.token(i));
                    events[(int) epoll.token(i)].drain();
                }
            }
            assertEquals(events.length, seen.size());
            for (EventFd event : events) {
                event.close();
            }
        }
    }

    @Test
    @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
    void aWaitingThreadIsWoken() throws InterruptedException {
        try (Epoll epoll = Epoll.create(); EventFd event = EventFd.create()) {
            epoll.add(event.fd(), Epoll.READABLE, TOKEN);
            Thread other = Thread.ofPlatform().start(event::signal);
            int ready = 0;
            while (ready == 0) {
                ready = epoll.await(-1);
            }
            assertEquals(TOKEN, epoll.token(0));
            other.join();
        }
    }

    @Test
    void changeReplacesEventsAndToken() {
        try (Epoll epoll = Epoll.create(); EventFd event = EventFd.create()) {
            epoll.add(event.fd(), Epoll.READABLE, 1);
            epoll.change(event.fd(), Epoll.READABLE | Epoll.WRITABLE, 2);
            assertEquals(1, epoll.await(0));
            assertEquals(2, epoll.token(0));
            assertEquals(Epoll.WRITABLE, epoll.events(0));
            epoll.change(event.fd(), 0, 3);
            assertEquals(0, epoll.await(0));
        }
    }

    @Test
    void aRemovedDescriptorIsSilent() {
        try (Epoll epoll = Epoll.create(); EventFd event = EventFd.create()) {
            epoll.add(event.fd(), Epoll.READABLE, TOKEN);
            event.signal();
            epoll.remove(event.fd());
            assertEquals(0, epoll.await(0));
        }
    }

    @Test
    void misuseNamesTheErrno() {
        try (Epoll epoll = Epoll.create(); EventFd event = EventFd.create()) {
            ErrnoException absent = assertThrows(ErrnoException.class, () -> epoll.remove(event.fd()));
            assertEquals(Errno.ENOENT, absent.errno());
            epoll.add(event.fd(), Epoll.READABLE, 0);
            ErrnoException twice = assertThrows(ErrnoException.class, () -> epoll.add(event.fd(), Epoll.READABLE, 0));
            assertEquals("epoll add fd " + event.fd() + ": EEXIST (exists already)", twice.getMessage());
            assertEquals(Errno.EBADF,
                    assertThrows(ErrnoException.class, () -> epoll.add(-1, Epoll.READABLE, 0)).errno());
        }
    }

    @Test
    void anEventThatDidNotHappenCannotBeRead() {
        try (Epoll epoll = Epoll.create()) {
            epoll.await(0);
            assertThrows(IndexOutOfBoundsException.class, () -> epoll.token(0));
        }
    }

    @Test
    void aClosedEpollSaysSo() {
        Epoll epoll = Epoll.create();
        epoll.close();
        epoll.close();
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> epoll.await(0));
        assertTrue(e.getMessage().contains("closed"), e.getMessage());
        assertThrows(IllegalStateException.class, () -> epoll.remove(0));
    }
}
