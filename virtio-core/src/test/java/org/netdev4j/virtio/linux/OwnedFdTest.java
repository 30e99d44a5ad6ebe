package org.netdev4j.virtio.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

class OwnedFdTest {
    @Test
    void closeWaitsForTheLastCallUnderWay() {
        OwnedFd fd = open();
        assertTrue(fd.acquire());
        assertTrue(fd.acquire());
        fd.close();
        fd.close();
        assertFalse(fd.acquire(), "no new call after close");
        assertEquals(-1, fd.numberIfOpen());
        assertTrue(isOpen(fd));
        fd.release();
        assertTrue(isOpen(fd));
        fd.release();
        assertFalse(isOpen(fd));
    }

    @Test
    void closeClosesAtOnceWhenNoCallIsUnderWay() {
        OwnedFd fd = open();
        assertTrue(fd.acquire());
        fd.release();
        assertTrue(isOpen(fd));
        fd.close();
        assertFalse(isOpen(fd));
    }

    @Test
    @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
    void callsThatMeetCloseNeverReachTheSuccessor() throws InterruptedException {
        for (int i = 0; i < 300; i++) {
            EventFd closing = EventFd.create();
            CountDownLatch started = new CountDownLatch(1);
            Thread signaller = Thread.ofPlatform().start(() -> {
                started.countDown();
                while (closing.fd() >= 0) {
                    closing.signal();
                }
            });
            started.await();
            closing.close();
            try (EventFd successor = EventFd.create()) {
                signaller.join();
                assertEquals(0, successor.drain());
            }
        }
    }

    private static OwnedFd open() {
        return new OwnedFd(EventCalls.eventfd(0, EventCalls.EFD_NONBLOCK | EventCalls.EFD_CLOEXEC));
    }

    private static boolean isOpen(OwnedFd fd) {
        CallState state = CallState.current();
        return FileCalls.read(fd.number(), state.scratch, Long.BYTES) != -Errno.EBADF;
    }
}
