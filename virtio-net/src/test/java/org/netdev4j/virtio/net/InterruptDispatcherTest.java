package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.netdev4j.virtio.linux.EventFd;

/** One thread for each name. */
@Timeout(30)
class InterruptDispatcherTest {
    private final BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();

    private void noteThread() {
        threads.add(Thread.currentThread());
    }

    private Thread threadOf(EventFd event) throws InterruptedException {
        event.signal();
        return threads.take();
    }

    @Test
    void watchesOfOneNameShareADaemonThread() throws InterruptedException {
        try (EventFd first = EventFd.create();
                EventFd second = EventFd.create();
                EventFd other = EventFd.create();
                var _ = InterruptDispatcher.watch("shared", first, this::noteThread);
                var _ = InterruptDispatcher.watch("shared", second, this::noteThread);
                var _ = InterruptDispatcher.watch("other", other, this::noteThread)) {
            Thread thread = threadOf(first);

            assertSame(thread, threadOf(second));
            assertNotSame(thread, threadOf(other));
            assertEquals("shared", thread.getName());
            assertTrue(thread.isDaemon());
        }
    }

    /** Its thread must know the watch before epoll tells of it. */
    @Test
    void anEventThatWasSignalledBeforeItIsWatchedIsDispatched() throws InterruptedException {
        try (EventFd first = EventFd.create();
                EventFd early = EventFd.create();
                var _ = InterruptDispatcher.watch("early", first, this::noteThread)) {
            for (int i = 0; i < 1000; i++) {
                early.signal();
                try (var _ = InterruptDispatcher.watch("early", early, this::noteThread)) {
                    threads.take();
                }
            }
            assertEquals("early", threadOf(first).getName());
        }
    }

    @Test
    void threadEndsWithItsLastWatch() throws InterruptedException {
        try (EventFd first = EventFd.create(); EventFd second = EventFd.create()) {
            var watchFirst = InterruptDispatcher.watch("short", first, this::noteThread);
            var watchSecond = InterruptDispatcher.watch("short", second, this::noteThread);
            Thread thread = threadOf(first);

            watchFirst.close();
            assertSame(thread, threadOf(second));
            watchSecond.close();
            watchSecond.close();
            thread.join();

            try (var _ = InterruptDispatcher.watch("short", first, this::noteThread)) {
                assertNotSame(thread, threadOf(first));
            }
        }
    }

    @Test
    void closedWatchIsNotCalledAndLeavesTheEventAlone() throws InterruptedException {
        try (EventFd event = EventFd.create();
                EventFd probe = EventFd.create();
                var _ = InterruptDispatcher.watch("kept", probe, this::noteThread)) {
            var watch = InterruptDispatcher.watch("kept", event, () -> threads.add(new Thread("wrong")));
            watch.close();
            event.signal();

            assertEquals("kept", threadOf(probe).getName());
            assertEquals(1, event.drain());
        }
    }

    @Test
    void watchOfAnEventThatWasClosedFirstEndsTheThreadAllTheSame() throws InterruptedException {
        EventFd event = EventFd.create();
        var watch = InterruptDispatcher.watch("late", event, this::noteThread);
        Thread thread = threadOf(event);
        event.close();

        watch.close();
        thread.join();
    }

    @Test
    void watchMayBeClosedByItsOwnHandler() throws InterruptedException {
        try (EventFd event = EventFd.create()) {
            InterruptDispatcher.Watch[] watch = new InterruptDispatcher.Watch[1];
            watch[0] = InterruptDispatcher.watch("self", event, () -> {
                watch[0].close();
                noteThread();
            });

            Thread thread = threadOf(event);

            thread.join();
            assertFalse(thread.isAlive());
        }
    }
}
