package org.netdev4j.virtio.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.EventFd;

/** The loop with its own thread. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class DeviceLoopThreadTest {
    private final DeviceLoop loop = new DeviceLoop("test-loop").start();

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void tasksRunOnTheLoopsDaemonThreadAndTheCallerWaits() {
        AtomicReference<Thread> ran = new AtomicReference<>();
        loop.call(() -> ran.set(Thread.currentThread()));
        assertNotSame(Thread.currentThread(), ran.get());
        assertEquals("test-loop", ran.get().getName());
        assertTrue(ran.get().isDaemon());
    }

    @Test
    void theCallerGetsWhatItsTaskThrew() {
        ExpectedFailure thrown = new ExpectedFailure();
        assertSame(thrown, assertThrows(ExpectedFailure.class, () -> loop.call(() -> {
            throw thrown;
        })));
        AssertionError error = new AssertionError("expected by this test");
        assertSame(error, assertThrows(AssertionError.class, () -> loop.call(() -> {
            throw error;
        })));
    }

    @Test
    void aTaskMayCallTheLoopAgain() {
        AtomicBoolean ran = new AtomicBoolean();
        loop.call(() -> loop.call(() -> ran.set(true)));
        assertTrue(ran.get());
    }

    @Test
    void anInterruptedCallerStillWaitsAndStaysInterrupted() {
        AtomicBoolean ran = new AtomicBoolean();
        Thread.currentThread().interrupt();
        loop.call(() -> ran.set(true));
        assertTrue(Thread.interrupted());
        assertTrue(ran.get());
    }

    @Test
    void nobodyElseMayDriveIt() {
        assertThrows(IllegalStateException.class, loop::doWork);
        assertThrows(IllegalStateException.class, loop::start);
    }

    @Test
    void itCannotWaitForItsOwnEnd() {
        assertThrows(IllegalStateException.class, () -> loop.call(loop::close));
        AtomicBoolean ran = new AtomicBoolean();
        loop.call(() -> ran.set(true));
        assertTrue(ran.get());
    }

    @Test
    void aReadyDescriptorWakesIt() throws InterruptedException {
        try (EventFd event = EventFd.create()) {
            CountDownLatch called = new CountDownLatch(1);
            loop.watch(event.fd(), Epoll.READABLE, () -> {
                event.drain();
                called.countDown();
            });
            event.signal();
            called.await();
            loop.unwatch(event.fd());
        }
    }

    @Test
    void itAsksForWakeUpsBeforeItSleepsAndPollsAfterwards() throws InterruptedException {
        Mailbox mailbox = new Mailbox(loop);
        loop.add(mailbox);
        mailbox.armed.await();
        mailbox.post();
        mailbox.awaitTaken(1);
    }

    @Test
    void whatCameBetweenTheLastPollAndArmingIsPolledThoughNobodyKicks() throws InterruptedException {
        CountDownLatch polledAgain = new CountDownLatch(1);
        loop.add(new DeviceLoop.Member() {
            private boolean found;

            @Override
            public int poll() {
                if (found) {
                    polledAgain.countDown();
                }
                return 0;
            }

            @Override
            public boolean armWakeUps() {
                boolean quiet = found;
                found = true;
                return quiet;
            }

            @Override
            public void disarmWakeUps() {}
        });
        polledAgain.await();
    }

    @Test
    void aKickBetweenArmingAndTheSleepEndsTheSleep() throws InterruptedException {
        CountDownLatch awake = new CountDownLatch(3);
        loop.add(new DeviceLoop.Member() {
            @Override
            public int poll() {
                return 0;
            }

            @Override
            public boolean armWakeUps() {
                loop.wakeUp();
                return true;
            }

            @Override
            public void disarmWakeUps() {
                awake.countDown();
            }
        });
        awake.await();
    }

    @Test
    void noKickIsLostHoweverItMeetsTheSleep() throws InterruptedException {
        Mailbox mailbox = new Mailbox(loop);
        loop.add(mailbox);
        int letters = 20_000;
        for (int i = 1; i <= letters; i++) {
            mailbox.post();
            mailbox.awaitTaken(i);
            for (int pause = i % 400; pause > 0; pause--) {
                Thread.onSpinWait();
            }
        }
        assertEquals(letters, mailbox.taken.get());
    }

    @Test
    void callersFromManyThreadsAreServedOneAtATime() throws InterruptedException {
        int[] counter = new int[1];
        Thread[] callers = new Thread[4];
        for (int t = 0; t < callers.length; t++) {
            callers[t] = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 500; i++) {
                    loop.call(() -> counter[0]++);
                }
            });
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertEquals(2000, counter[0]);
    }

    @Test
    void aCallThatMeetsCloseIsServedNotLost() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            DeviceLoop closing = new DeviceLoop("closing").start();
            AtomicInteger ran = new AtomicInteger();
            Thread caller = Thread.ofPlatform().start(() -> {
                for (int n = 0; n < 20; n++) {
                    closing.call(ran::incrementAndGet);
                }
            });
            closing.close();
            caller.join();
            assertEquals(20, ran.get());
        }
    }

    @Test
    void closeEndsTheThreadAndForgetsTheMembers() {
        AtomicReference<Thread> thread = new AtomicReference<>();
        loop.call(() -> thread.set(Thread.currentThread()));
        loop.close();
        assertFalse(thread.get().isAlive());
    }

    /** As a virtqueue: letters are published, then the flag is looked at; the loop arms the flag, then looks for letters. */
    private static final class Mailbox implements DeviceLoop.Member {
        final AtomicInteger posted = new AtomicInteger();
        final AtomicInteger taken = new AtomicInteger();
        final AtomicBoolean kickWanted = new AtomicBoolean();
        final CountDownLatch armed = new CountDownLatch(1);
        private final DeviceLoop loop;

        Mailbox(DeviceLoop loop) {
            this.loop = loop;
        }

        void post() {
            posted.incrementAndGet();
            if (kickWanted.get()) {
                loop.wakeUp();
            }
        }

        void awaitTaken(int letters) {
            while (taken.get() < letters) {
                Thread.onSpinWait();
            }
        }

        @Override
        public int poll() {
            int waiting = posted.get() - taken.get();
            taken.addAndGet(waiting);
            return waiting;
        }

        @Override
        public boolean armWakeUps() {
            kickWanted.set(true);
            armed.countDown();
            return posted.get() == taken.get();
        }

        @Override
        public void disarmWakeUps() {
            kickWanted.set(false);
        }
    }

    /** Nobody rings: only the time that it asked for wakes it. */
    @Test
    void aMemberIsPolledAgainWhenItsTimeHasCome() throws InterruptedException {
        CountDownLatch naps = new CountDownLatch(3);
        long begun = System.nanoTime();
        loop.add(new DeviceLoop.Member() {
            @Override
            public int poll() {
                return 0;
            }

            @Override
            public boolean armWakeUps() {
                naps.countDown();
                loop.sleepAtMost(TimeUnit.HOURS.toNanos(1));
                loop.sleepAtMost(TimeUnit.MILLISECONDS.toNanos(6));
                loop.sleepAtMost(Long.MAX_VALUE);
                return true;
            }

            @Override
            public void disarmWakeUps() {}
        });
        naps.await();
        assertTrue(System.nanoTime() - begun >= TimeUnit.MILLISECONDS.toNanos(10), "it slept twice");
    }
}
