package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.capture.MemoryCapture;
import org.netdev4j.netdev.fault.FaultInjection;
import org.netdev4j.netdev.fault.Faults;

/** Captures and faults leave nothing to collect on the thread that moves packets. */
class DecoratorAllocationTest {
    private static final int BURST = 16;
    private static final int WARM_UP = 5_000;
    private static final int ROUNDS = 5_000;

    @Test
    void capturesAndFaultsAllocateNothingPerPacket() {
        InMemoryDriver driver = new InMemoryDriver();
        Faults received = new Faults(0.1, 0.1, 0.1, 0.1, 0, null);
        // None that is held back: a timer would send it, and this driver is for one thread.
        Faults sent = received.withReorder(0);
        try (NetBufPool pool = NetBufPool.builder().name("packets").buffers(256).build();
                NetDev device = new NetDev("memory:0", driver, new MemoryCapture(128, 1 << 16, () -> 1),
                        new FaultInjection(received, sent, 1, System::nanoTime))) {
            device.probe();
            device.configure(NetDevConfig.ONE_PAIR);
            RxQueue rx = device.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(64));
            TxQueue tx = device.configureTxQueue(0, TxQueueConfig.POLLED.withSize(64));
            device.start();
            NetBuf[] burst = new NetBuf[2 * BURST];
            exchange(driver, pool, rx, tx, burst, WARM_UP);
            com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory
                    .getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            exchange(driver, pool, rx, tx, burst, ROUNDS);
            long perPacket = (threads.getCurrentThreadAllocatedBytes() - before) / ((long) ROUNDS * BURST);
            assertEquals(0, perPacket, "bytes for each packet");
            assertTrue(device.stats().rx().packets() > ROUNDS * BURST / 2, "packets flowed");
            device.stop();
            assertEquals(pool.capacity(), pool.available());
        }
    }

    private static void exchange(InMemoryDriver driver, NetBufPool pool, RxQueue rx, TxQueue tx, NetBuf[] burst,
            int rounds) {
        for (int round = 0; round < rounds; round++) {
            int count = pool.allocate(burst, 0, BURST);
            for (int i = 0; i < count; i++) {
                burst[i].append(60);
            }
            int taken = tx.transmit(burst, 0, count);
            NetBuf.free(burst, taken, count - taken);
            driver.settle();
            tx.reclaim();
            for (int received = rx.receive(burst); received > 0; received = rx.receive(burst)) {
                NetBuf.free(burst, 0, received);
            }
        }
    }
}
