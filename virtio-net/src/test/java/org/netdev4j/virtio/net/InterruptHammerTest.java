package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetQueue;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;

/** A sender, a device and a receiver that sleep whenever they may: one lost wake-up and the test never ends. */
class InterruptHammerTest {
    private static final int PACKETS = 50_000;
    private static final int BURST = 16;
    private static final int RING = 32;
    private static final int LIMIT_SECONDS = 60;

    @Test
    void nobodySleepsOnAPacket() throws Exception {
        try (NetDev dev = NetDev.open("loopback");
                MemoryRegion memory = dev.allocateMemory("packets", 1 << 20);
                NetBufPool pool = NetBufPool.builder().region(memory).buffers(256).dataSize(1536).build()) {
            Semaphore packets = new Semaphore(0);
            Semaphore space = new Semaphore(0);
            dev.configure(NetDevConfig.ONE_PAIR);
            RxQueue rx = dev.configureRxQueue(0,
                    RxQueueConfig.polled(pool).withSize(RING).withInterrupt("hammer", queue -> packets.release()));
            TxQueue tx = dev.configureTxQueue(0,
                    TxQueueConfig.POLLED.withSize(RING).withInterrupt("hammer", queue -> space.release()));
            dev.start();
            ExecutorService threads = Executors
                    .newThreadPerTaskExecutor(Thread.ofPlatform().daemon().name("hammer-", 0).factory());
            Future<Long> received = threads.submit(() -> receive(rx, packets));
            Future<?> sent = threads.submit(() -> send(tx, pool, space));
            try {
                sent.get(LIMIT_SECONDS, TimeUnit.SECONDS);
                assertEquals((long) PACKETS * (PACKETS - 1) / 2, received.get(LIMIT_SECONDS, TimeUnit.SECONDS));
            } catch (TimeoutException e) {
                throw new AssertionError("a wake-up was lost: " + dev.stats() + " " + dev.counters(), e);
            }
        }
    }

    private static void send(TxQueue tx, NetBufPool pool, Semaphore space) {
        Random random = new Random(1);
        NetBuf[] burst = new NetBuf[BURST];
        int next = 0;
        while (next < PACKETS) {
            int count = Math.min(PACKETS - next, 1 + random.nextInt(BURST));
            int made = pool.allocate(burst, 0, count);
            for (int i = 0; i < made; i++) {
                burst[i].append(60);
                burst[i].setLong(0, -1);
                burst[i].setInt(20, next + i);
            }
            int taken = tx.transmit(burst, 0, made);
            next += taken;
            NetBuf.free(burst, taken, made - taken);
            if (taken < made) {
                waitFor(tx, space, random);
                tx.reclaim();
            } else if (made < count) {
                tx.reclaim();
                Thread.onSpinWait();
            }
        }
    }

    private static long receive(RxQueue rx, Semaphore packets) {
        Random random = new Random(2);
        NetBuf[] burst = new NetBuf[BURST];
        long sum = 0;
        for (int received = 0; received < PACKETS;) {
            int count = rx.receive(burst);
            for (int i = 0; i < count; i++) {
                sum += burst[i].getInt(20);
            }
            NetBuf.free(burst, 0, count);
            received += count;
            if (count == 0) {
                waitFor(rx, packets, random);
            }
        }
        return sum;
    }

    /** Sleeps until the listener was called; at times polls instead, armed or not. */
    private static void waitFor(NetQueue queue, Semaphore calls, Random random) {
        if (random.nextInt(8) == 0) {
            Thread.onSpinWait();
            return;
        }
        calls.drainPermits();
        if (queue.armInterrupt()) {
            if (random.nextInt(8) == 0) {
                queue.disarmInterrupt();
            } else {
                calls.acquireUninterruptibly();
            }
        }
    }
}
