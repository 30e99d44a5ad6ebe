package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is told that a pool runs low, and that buffers came back. */
@Timeout(60)
class LowWaterTest {
    private final List<String> told = new ArrayList<>();

    private final LowWaterListener teller = new LowWaterListener() {
        @Override
        public void low(NetBufPool pool) {
            told.add("low at " + pool.available());
        }

        @Override
        public void recovered(NetBufPool pool) {
            told.add("recovered at " + pool.available());
        }
    };

    @Test
    void lowIsToldOnceUntilThePoolHasRecovered() {
        try (NetBufPool pool = NetBufPool.builder().buffers(10).cacheSize(0).lowWater(3, 6, teller).build()) {
            NetBuf[] bufs = new NetBuf[10];
            pool.allocate(bufs, 0, 6);
            assertEquals(List.of(), told);
            pool.allocate(bufs, 6, 1);
            assertEquals(List.of("low at 3"), told);
            pool.allocate(bufs, 7, 3);
            assertEquals(0, pool.allocate(new NetBuf[1], 0, 1));
            NetBuf.free(bufs, 5, 5);
            assertEquals(List.of("low at 3"), told);
            NetBuf.free(bufs, 4, 1);
            assertEquals(List.of("low at 3", "recovered at 6"), told);
            pool.allocate(bufs, 4, 3);
            assertEquals(List.of("low at 3", "recovered at 6", "low at 3"), told);
            assertEquals(2, pool.statistics().lowEvents());
            NetBuf.free(bufs, 0, 7);
        }
    }

    @Test
    void recoveryIsToldThoughTheBuffersWouldFitIntoTheCacheOfTheThread() {
        try (NetBufPool pool = NetBufPool.builder().buffers(64).cacheSize(8).lowWater(0, 64, teller).build()) {
            NetBuf[] bufs = new NetBuf[65];
            assertEquals(64, pool.allocate(bufs, 0, 65));
            assertEquals(List.of("low at 0"), told);
            NetBuf.free(bufs, 0, 64);
            assertEquals(List.of("low at 0", "recovered at 64"), told);
            assertEquals(0, pool.statistics().cached());
            pool.allocate().free();
            assertEquals(4, pool.statistics().cached());
        }
    }

    @Test
    void recoveryIsToldWhenBuffersComeBackFromAnotherThread() throws Exception {
        try (NetBufPool pool = NetBufPool.builder().buffers(64).cacheSize(8).lowWater(0, 64, teller).build()) {
            NetBuf[] bufs = new NetBuf[65];
            pool.allocate(bufs, 0, 65);
            FutureTask<Void> other = new FutureTask<>(() -> {
                NetBuf.free(bufs, 0, 64);
                return null;
            });
            new Thread(other).start();
            other.get();
            assertEquals(List.of("low at 0", "recovered at 64"), told);
        }
    }

    @Test
    void eightThreadsPassTheMarksInTurnAndTheLastToFreeTellsOfIt() throws Exception {
        AtomicBoolean telling = new AtomicBoolean();
        AtomicInteger overlaps = new AtomicInteger();
        LowWaterListener alone = new LowWaterListener() {
            private void tell(String what) {
                overlaps.addAndGet(telling.getAndSet(true) ? 1 : 0);
                told.add(what);
                telling.set(false);
            }

            @Override
            public void low(NetBufPool pool) {
                tell("low");
            }

            @Override
            public void recovered(NetBufPool pool) {
                tell("recovered");
            }
        };
        NetBufPool pool = NetBufPool.builder().buffers(128).dataSize(64).cacheSize(16).lowWater(16, 64, alone).build();
        List<FutureTask<Void>> tasks = new ArrayList<>();
        for (int id = 0; id < 8; id++) {
            Random random = new Random(id);
            FutureTask<Void> task = new FutureTask<>(() -> {
                NetBuf[] bufs = new NetBuf[40];
                for (int round = 0; round < 5_000; round++) {
                    int count = pool.allocate(bufs, 0, 1 + random.nextInt(40));
                    NetBuf.free(bufs, 0, count);
                }
                return null;
            });
            tasks.add(task);
            (id < 6 ? Thread.ofPlatform() : Thread.ofVirtual()).start(task);
        }
        for (FutureTask<Void> task : tasks) {
            task.get();
        }
        assertEquals(0, overlaps.get());
        for (int i = 0; i < told.size(); i++) {
            assertEquals(i % 2 == 0 ? "low" : "recovered", told.get(i));
        }
        assertTrue(told.size() % 2 == 0, "all buffers are free, and that was not told");
        assertEquals(told.size() / 2, pool.statistics().lowEvents());
        assertEquals(128, pool.available());
        pool.close();
    }

    @Test
    void listenerMayUseThePool() {
        AtomicInteger recovered = new AtomicInteger();
        LowWaterListener greedy = new LowWaterListener() {
            @Override
            public void low(NetBufPool pool) {
                pool.allocate().free();
            }

            @Override
            public void recovered(NetBufPool pool) {
                recovered.incrementAndGet();
                pool.close();
            }
        };
        NetBufPool pool = NetBufPool.builder().buffers(4).lowWater(2, 4, greedy).build();
        NetBuf[] bufs = new NetBuf[2];
        pool.allocate(bufs, 0, 2);
        NetBuf.free(bufs, 0, 2);
        assertEquals(1, recovered.get());
        assertFalse(pool.segment().scope().isAlive());
    }

    @Test
    void marksOutsideThePoolAreRefused() {
        NetBufPool.Builder builder = NetBufPool.builder().name("p").buffers(10);
        builder.lowWater(5, 11, teller);
        assertEquals("pool p: high water 11 asked, 1 to 10 allowed",
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
        builder.lowWater(5, 5, teller);
        assertEquals("pool p: low water 5 asked, 0 to 4 allowed",
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
        assertThrows(NullPointerException.class, () -> builder.lowWater(1, 2, null));
    }

    @Test
    void actionRunsAtOnceWhenEnoughIsFree() {
        try (NetBufPool pool = NetBufPool.builder().buffers(4).build()) {
            pool.whenAvailable(4, () -> told.add("four"));
            assertEquals(List.of("four"), told);
            assertThrows(IllegalArgumentException.class, () -> pool.whenAvailable(0, () -> {}));
            assertThrows(IllegalArgumentException.class, () -> pool.whenAvailable(5, () -> {}));
        }
    }

    @Test
    void actionRunsOnceWhenTheLastBufferAwaitedComesBack() {
        try (NetBufPool pool = NetBufPool.builder().buffers(64).cacheSize(8).build()) {
            NetBuf[] bufs = new NetBuf[64];
            pool.allocate(bufs, 0, 64);
            pool.whenAvailable(3, () -> told.add("three"));
            pool.whenAvailable(1, () -> told.add("one"));
            NetBuf.free(bufs, 0, 1);
            assertEquals(List.of("one"), told);
            NetBuf.free(bufs, 1, 1);
            assertEquals(List.of("one"), told);
            NetBuf.free(bufs, 2, 2);
            assertEquals(List.of("one", "three"), told);
            NetBuf.free(bufs, 4, 60);
            assertEquals(2, told.size());
            assertTrue(pool.statistics().cached() > 0, "caches are in use again");
        }
    }

    @Test
    void closedPoolForgetsWhoWaits() {
        NetBufPool pool = NetBufPool.builder().buffers(1).build();
        NetBuf buf = pool.allocate();
        pool.whenAvailable(1, () -> told.add("told by a closed pool"));
        pool.close();
        buf.free();
        assertEquals(List.of(), told);
        assertThrows(IllegalStateException.class, () -> pool.whenAvailable(1, () -> {}));
    }

    /** Regression 5: a receiver that once found no buffer, with none left in its ring, never received again. */
    @Test
    void stalledReceiverAllocatorRecoversWhenBuffersReturn() throws Exception {
        NetBufPool pool = NetBufPool.builder().buffers(64).cacheSize(8).build();
        Queue<NetBuf> toUser = new ConcurrentLinkedQueue<>();
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Void> user = new FutureTask<>(() -> {
            while (!done.get() || !toUser.isEmpty()) {
                NetBuf buf = toUser.poll();
                if (buf == null) {
                    Thread.onSpinWait();
                } else {
                    buf.free();
                }
            }
            return null;
        });
        NetBuf[] all = new NetBuf[64];
        assertEquals(64, pool.allocate(all, 0, 64));
        toUser.addAll(List.of(all));
        for (int i = 0; i < 20_000; i++) {
            NetBuf buf = pool.allocate();
            if (buf == null) {
                CountDownLatch back = new CountDownLatch(1);
                pool.whenAvailable(1, back::countDown);
                if (i == 0) {
                    new Thread(user).start();
                }
                back.await();
            } else {
                toUser.add(buf);
            }
        }
        done.set(true);
        user.get();
        assertEquals(64, pool.available());
        pool.close();
    }
}
