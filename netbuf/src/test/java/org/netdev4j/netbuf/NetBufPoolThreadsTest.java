package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NetBufPoolThreadsTest {
    private static final int BUFFERS = 256;

    private final NetBufPool pool = NetBufPool.builder().buffers(BUFFERS).dataSize(64).cacheSize(32).build();

    /** Who holds each buffer, by index; 0 nobody. */
    private final AtomicIntegerArray holders = new AtomicIntegerArray(BUFFERS);

    private static <T> FutureTask<T> start(Thread.Builder builder, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        builder.start(task);
        return task;
    }

    private void claim(NetBuf buf, int thread) {
        assertTrue(holders.compareAndSet(buf.index(), 0, thread), "a buffer was handed out twice");
    }

    private void release(NetBuf buf, int thread) {
        assertTrue(holders.compareAndSet(buf.index(), thread, 0), "a buffer was held by two");
    }

    @Test
    void eightThreadsLoseAndDoubleNothing() throws Exception {
        Queue<NetBuf> passedOn = new ConcurrentLinkedQueue<>();
        List<FutureTask<Void>> tasks = new ArrayList<>();
        for (int thread = 1; thread <= 8; thread++) {
            int id = thread;
            Thread.Builder builder = id <= 6 ? Thread.ofPlatform() : Thread.ofVirtual();
            tasks.add(start(builder, () -> hammer(id, passedOn)));
        }
        for (FutureTask<Void> task : tasks) {
            task.get();
        }
        passedOn.forEach(NetBuf::free);
        assertEquals(BUFFERS, pool.available());
        assertTrue(pool.exhausted() > 0, "the pool never ran dry: nothing was stolen");
        NetBuf[] all = new NetBuf[BUFFERS];
        assertEquals(BUFFERS, pool.allocate(all, 0, BUFFERS));
        NetBuf.free(all, 0, BUFFERS);
        pool.close();
        assertFalse(pool.segment().scope().isAlive());
    }

    private Void hammer(int id, Queue<NetBuf> passedOn) {
        Random random = new Random(id);
        NetBuf[] bufs = new NetBuf[64];
        for (int round = 0; round < 10_000; round++) {
            int count = pool.allocate(bufs, 0, 1 + random.nextInt(64));
            for (int i = 0; i < count; i++) {
                claim(bufs[i], id);
            }
            int kept = count == 0 ? 0 : random.nextInt(count + 1);
            for (int i = 0; i < count; i++) {
                release(bufs[i], id);
                if (i >= kept) {
                    passedOn.add(bufs[i]);
                }
            }
            if (kept > 0) {
                // A second user of the bytes, gone before or after the first.
                NetBuf duplicate = bufs[0].duplicate();
                if (round % 2 == 0) {
                    NetBuf.free(bufs, 0, 1);
                    bufs[0] = duplicate;
                } else {
                    duplicate.free();
                }
            }
            NetBuf.free(bufs, 0, kept);
            NetBuf other;
            for (int i = random.nextInt(64); i > 0 && (other = passedOn.poll()) != null; i--) {
                claim(other, id);
                release(other, id);
                other.free();
            }
        }
        return null;
    }

    @Test
    void referencesTakenAndDroppedByTwoThreadsAreAllCounted() throws Exception {
        NetBuf packet = pool.allocate();
        packet.chain(pool.allocate());
        packet.retain();
        AtomicInteger arrived = new AtomicInteger();
        Callable<Void> retainAndFree = () -> {
            meet(arrived);
            for (int i = 0; i < 200_000; i++) {
                packet.retain();
                packet.free();
            }
            packet.free();
            return null;
        };
        FutureTask<Void> other = start(Thread.ofPlatform(), retainAndFree);
        retainAndFree.call();
        other.get();
        assertEquals(0, packet.refCount());
        assertEquals(BUFFERS, pool.available());
        pool.close();
    }

    /** Both callers leave at the same moment, without being woken up. */
    private static void meet(AtomicInteger arrived) {
        arrived.incrementAndGet();
        while (arrived.get() < 2) {
            Thread.onSpinWait();
        }
    }

    @Test
    void deadThreadsGiveBackWhatTheyKept() throws Exception {
        for (int i = 0; i < 20; i++) {
            start(Thread.ofPlatform(), () -> {
                pool.allocate().free();
                return null;
            }).get();
        }
        assertEquals(BUFFERS, pool.available());
        NetBuf[] all = new NetBuf[BUFFERS];
        assertEquals(BUFFERS, pool.allocate(all, 0, BUFFERS));
        assertEquals(0, pool.exhausted());
        NetBuf.free(all, 0, BUFFERS);
        pool.close();
    }

    @Test
    void whatIdleThreadsKeepIsUsedBeforeARequestIsRefused() throws Exception {
        CountDownLatch kept = new CountDownLatch(3);
        CountDownLatch done = new CountDownLatch(1);
        List<FutureTask<Void>> idle = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            idle.add(start(Thread.ofPlatform(), () -> {
                pool.allocate().free();
                kept.countDown();
                done.await();
                pool.allocate().free();
                return null;
            }));
        }
        kept.await();
        NetBuf[] all = new NetBuf[BUFFERS];
        assertEquals(BUFFERS - 1, pool.allocate(all, 0, BUFFERS - 1));
        NetBuf last = pool.allocate();
        assertNotNull(last);
        assertNull(pool.allocate());
        assertEquals(1, pool.exhausted());
        last.free();
        NetBuf.free(all, 0, BUFFERS - 1);
        done.countDown();
        for (FutureTask<Void> task : idle) {
            task.get();
        }
        assertEquals(BUFFERS, pool.available());
        pool.close();
    }

    @Test
    void virtualThreadKeepsNothingForItself() throws Exception {
        NetBuf[] none = {};
        ThreadCaches caches = new ThreadCaches(new Depot(none, 4), none, 4);
        assertNull(start(Thread.ofVirtual(), caches::lockCurrent).get());
        assertNotNull(start(Thread.ofPlatform(), caches::lockCurrent).get());
    }

    @Test
    void closingWhileAnotherThreadFreesUnmapsInTheEnd() throws Exception {
        for (int round = 0; round < 300; round++) {
            NetBufPool closing = NetBufPool.builder().buffers(64).dataSize(64).cacheSize(8).build();
            AtomicInteger arrived = new AtomicInteger();
            FutureTask<Void> other = start(Thread.ofPlatform(), () -> {
                NetBuf[] held = new NetBuf[40];
                closing.allocate(held, 0, 40);
                meet(arrived);
                for (NetBuf buf : held) {
                    buf.free();
                }
                return null;
            });
            meet(arrived);
            closing.close();
            other.get();
            assertEquals(64, closing.available());
            assertFalse(closing.segment().scope().isAlive());
        }
    }

    @Test
    void closingWhileAnotherThreadAllocatesUnmapsInTheEnd() throws Exception {
        for (int round = 0; round < 1000; round++) {
            NetBufPool closing = NetBufPool.builder().buffers(64).dataSize(64).cacheSize(8).build();
            AtomicInteger arrived = new AtomicInteger();
            Thread.Builder builder = round % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
            FutureTask<Void> other = start(builder, () -> {
                NetBuf[] held = new NetBuf[64];
                int count = 0;
                meet(arrived);
                try {
                    while (count < 64) {
                        count += closing.allocate(held, count, 4);
                    }
                } catch (IllegalStateException closed) {
                    assertEquals("pool netbufs is closed", closed.getMessage());
                } finally {
                    NetBuf.free(held, 0, count);
                }
                return null;
            });
            meet(arrived);
            closing.close();
            other.get();
            assertEquals(64, closing.available());
            assertFalse(closing.segment().scope().isAlive());
        }
    }
}
