package org.netdev4j.virtio.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.linux.OpenFds;

/** The loop driven by hand. */
class DeviceLoopTest {
    private final DeviceLoop loop = new DeviceLoop("test-loop");

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void aRoundPollsEveryMemberOnceAndAddsUpTheirWork() {
        FakeMember first = new FakeMember(3);
        FakeMember second = new FakeMember(4);
        loop.add(first);
        loop.add(second);
        assertEquals(7, loop.doWork());
        assertEquals(1, first.polls);
        assertEquals(1, second.polls);
    }

    @Test
    void aMemberJoinsWithItsWakeUpsDisarmed() {
        FakeMember member = new FakeMember(0);
        loop.add(member);
        assertEquals(1, member.disarms);
        loop.doWork();
        assertEquals(0, member.arms, "a loop driven by hand never sleeps");
    }

    @Test
    void aMemberThatLeftIsNotPolled() {
        FakeMember member = new FakeMember(1);
        loop.add(member);
        loop.remove(member);
        assertEquals(0, loop.doWork());
        assertEquals(0, member.polls);
    }

    @Test
    void aMemberRemovedByAnotherInTheSameRoundIsNotPolled() {
        FakeMember victim = new FakeMember(1);
        loop.add(new FakeMember(0) {
            @Override
            public int poll() {
                loop.remove(victim);
                return 0;
            }
        });
        loop.add(victim);
        loop.doWork();
        loop.doWork();
        assertEquals(0, victim.polls);
    }

    @Test
    void aMemberThatThrowsIsRemovedAndToldAndTheOthersLiveOn() {
        ExpectedFailure cause = new ExpectedFailure();
        AtomicReference<Throwable> told = new AtomicReference<>();
        loop.add(new FakeMember(0) {
            @Override
            public int poll() {
                super.poll();
                throw cause;
            }

            @Override
            public void onFailure(Throwable failure) {
                assertEquals(1, polls);
                told.set(failure);
            }
        });
        FakeMember other = new FakeMember(1);
        loop.add(other);
        loop.doWork();
        loop.doWork();
        assertSame(cause, told.get());
        assertTrue(other.polls > 0);
    }

    @Test
    void aTaskRunsAtOnceWhenTheLoopHasNoThread() {
        AtomicReference<Thread> ran = new AtomicReference<>();
        loop.call(() -> ran.set(Thread.currentThread()));
        assertSame(Thread.currentThread(), ran.get());
    }

    @Test
    void aTaskMayCallTheLoopAgain() {
        FakeMember member = new FakeMember(1);
        loop.call(() -> loop.call(() -> loop.add(member)));
        assertEquals(1, loop.doWork());
    }

    @Test
    void theCallerGetsWhatItsTaskThrew() {
        ExpectedFailure thrown = new ExpectedFailure();
        assertSame(thrown, assertThrows(ExpectedFailure.class, () -> loop.call(() -> {
            throw thrown;
        })));
    }

    @Test
    void aReadyDescriptorRunsItsCallback() {
        try (EventFd event = EventFd.create()) {
            int[] calls = new int[1];
            loop.watch(event.fd(), Epoll.READABLE, () -> {
                calls[0]++;
                event.drain();
            });
            assertEquals(0, loop.doWork());
            event.signal();
            assertEquals(1, loop.doWork());
            assertEquals(0, loop.doWork());
            assertEquals(1, calls[0]);
            loop.unwatch(event.fd());
        }
    }

    @Test
    void aBusyLoopStillLooksAtItsDescriptors() {
        try (EventFd event = EventFd.create()) {
            int[] calls = new int[1];
            loop.add(new FakeMember(1));
            loop.watch(event.fd(), Epoll.READABLE, () -> calls[0] += (int) event.drain());
            event.signal();
            for (int i = 0; i < DeviceLoop.ROUNDS_BETWEEN_FD_POLLS; i++) {
                loop.doWork();
            }
            assertEquals(1, calls[0]);
            loop.unwatch(event.fd());
        }
    }

    @Test
    void watchingAgainReplacesEventsAndCallback() {
        try (EventFd event = EventFd.create()) {
            loop.watch(event.fd(), Epoll.READABLE, () -> {
                throw new AssertionError("replaced");
            });
            int[] calls = new int[1];
            loop.watch(event.fd(), Epoll.WRITABLE, () -> calls[0]++);
            loop.doWork();
            assertEquals(1, calls[0]);
            loop.watch(event.fd(), 0, () -> calls[0]++);
            event.signal();
            loop.doWork();
            assertEquals(1, calls[0], "muted");
            loop.unwatch(event.fd());
        }
    }

    @Test
    void anUnwatchedDescriptorIsSilentAndUnwatchingTwiceIsHarmless() {
        try (EventFd event = EventFd.create()) {
            loop.watch(event.fd(), Epoll.READABLE, () -> {
                throw new AssertionError("unwatched");
            });
            event.signal();
            loop.unwatch(event.fd());
            loop.unwatch(event.fd());
            assertEquals(0, loop.doWork());
        }
    }

    @Test
    void aCallbackThatThrowsIsUnwatched() {
        try (EventFd event = EventFd.create()) {
            int[] calls = new int[1];
            loop.watch(event.fd(), Epoll.READABLE, () -> {
                calls[0]++;
                throw new ExpectedFailure();
            });
            event.signal();
            loop.doWork();
            loop.doWork();
            assertEquals(1, calls[0]);
        }
    }

    @Test
    void aDescriptorClosedWhileItWasWatchedDoesNotHarmItsSuccessor() {
        EventFd first = EventFd.create();
        int number = first.fd();
        loop.watch(number, Epoll.READABLE, () -> {
            throw new AssertionError("closed");
        });
        first.close();
        try (EventFd second = EventFd.create()) {
            assertEquals(number, second.fd());
            int[] calls = new int[1];
            loop.watch(number, Epoll.READABLE, () -> calls[0] += (int) second.drain());
            second.signal();
            loop.doWork();
            assertEquals(1, calls[0]);
            loop.unwatch(number);
        }
    }

    @Test
    void aDescriptorClosedByACallbackPassesNothingOnToTheNextOfItsNumber() {
        EventFd closer = EventFd.create();
        EventFd closed = EventFd.create();
        EventFd[] successor = new EventFd[1];
        loop.watch(closer.fd(), Epoll.READABLE, () -> {
            closer.drain();
            int number = closed.fd();
            loop.unwatch(number);
            closed.close();
            successor[0] = EventFd.create();
            assertEquals(number, successor[0].fd());
            loop.watch(number, Epoll.READABLE, () -> fail("it was the other that was readable"));
        });
        loop.watch(closed.fd(), Epoll.READABLE, () -> fail("it was closed"));
        closer.signal();
        closed.signal();
        loop.doWork();
        assertNotNull(successor[0]);
        loop.unwatch(successor[0].fd());
        loop.unwatch(closer.fd());
        successor[0].close();
        closer.close();
    }

    @Test
    void callStillWorksAfterCloseSoThatDevicesMayBeClosedLater() {
        loop.close();
        loop.close();
        boolean[] ran = new boolean[1];
        loop.call(() -> ran[0] = true);
        loop.remove(new FakeMember(0));
        loop.unwatch(0);
        loop.wakeUp();
        assertTrue(ran[0]);
    }

    @Test
    void aClosedLoopTakesNobodyIn() {
        loop.close();
        assertThrows(IllegalStateException.class, () -> loop.add(new FakeMember(0)));
        assertThrows(IllegalStateException.class, () -> loop.watch(0, Epoll.READABLE, () -> {}));
        assertThrows(IllegalStateException.class, loop::start);
        assertThrows(IllegalStateException.class, loop::doWork);
    }

    @Test
    void closeGivesTheDescriptorsBack() {
        OpenFds before = OpenFds.now();
        for (int i = 0; i < 5; i++) {
            new DeviceLoop("by hand").close();
            new DeviceLoop("threaded").start().close();
        }
        before.assertNoneLeaked();
    }

    @Test
    void theRoleIsTheName() {
        assertEquals("test-loop", loop.roleName());
    }

    /** Finds the same amount of work at every poll, and counts what is called. */
    private static class FakeMember implements DeviceLoop.Member {
        final int work;
        int polls;
        int arms;
        int disarms;

        FakeMember(int work) {
            this.work = work;
        }

        @Override
        public int poll() {
            polls++;
            return work;
        }

        @Override
        public boolean armWakeUps() {
            arms++;
            return work == 0;
        }

        @Override
        public void disarmWakeUps() {
            disarms++;
        }
    }
}
