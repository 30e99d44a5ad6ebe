package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.LinkState;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.QueueListener;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.virtio.testing.Rule;

/** Interrupts of queues and of the configuration, as listeners on dispatcher threads. */
@Timeout(30)
class InterruptTest {
    private static final int RX = ScriptedDevice.RX;

    private final ScriptedDevice device = new ScriptedDevice();
    private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

    /** Notes the direction, the queue and the thread. */
    private QueueListener noting(String direction) {
        return index -> calls.add(direction + index + " on " + Thread.currentThread().getName());
    }

    private Bench bench(QueueListener rxListener, QueueListener txListener) {
        Bench bench = new Bench(device).probed();
        bench.pool = bench.pool("pool", 64, 128, 2048);
        return bench.prepared(
                RxQueueConfig.polled(bench.pool).withSize(16).withInterrupt("waiter", rxListener),
                TxQueueConfig.POLLED.withSize(16).withInterrupt("waiter", txListener)).started();
    }

    @Test
    void pollingDriverIsNotInterrupted() {
        try (Bench bench = bench(noting("rx"), noting("tx"))) {
            device.fill(ScriptedDevice.PLAIN_HEADER, Bench.frame(60));
            assertFalse(device.driverIsBeingInterrupted(RX));
            bench.tx.transmit(bench.packet(Bench.frame(60)));
            device.take();
            assertEquals(0, bench.rx.stats().interrupts());
        }
    }

    /** Regression 5: with no buffer in the ring and none in the pool, nothing ever arrived again. */
    @Test
    void armedReceiveQueueWithoutBuffersIsCalledWhenSomeComeBackToItsPool() throws InterruptedException {
        try (Bench bench = bench(noting("rx"), noting("tx"))) {
            NetBuf[] held = new NetBuf[48];
            assertEquals(48, bench.pool.allocate(held, 0, 48));
            NetBuf[] burst = new NetBuf[16];
            for (int i = 0; i < 16; i++) {
                device.deliver(Bench.frame(60));
            }
            assertEquals(16, bench.rx.receive(burst));
            for (int time = 0; time < 2; time++) {
                assertTrue(bench.rx.armInterrupt());
                assertTrue(calls.isEmpty());
                held[0].free();
                assertEquals("rx0 on waiter", calls.take());
                held[0] = bench.pool.allocate();
            }
            held[0].free();
            assertEquals(0, bench.rx.receive(new NetBuf[1]), "filled again");
            device.deliver(Bench.frame(60));
            held[0] = bench.receive();
            assertEquals(60, held[0].length());
            NetBuf.free(burst, 0, 16);
            NetBuf.free(held, 0, 48);
        }
    }

    @Test
    @Rule("SQ20")
    void armedReceiveQueueIsCalledOnceOnItsDispatcher() throws InterruptedException {
        try (Bench bench = bench(noting("rx"), noting("tx"))) {
            assertTrue(bench.rx.armInterrupt());
            assertTrue(bench.rx.armInterrupt(), "asking again changes nothing");
            device.deliver(Bench.frame(60));

            assertEquals("rx0 on waiter", calls.take());
            assertEquals(1, bench.rx.stats().interrupts());
            device.interrupt(RX);
            device.interrupt(RX);

            NetBuf packet = bench.receive();
            assertEquals(60, packet.totalLength());
            packet.free();
            assertTrue(bench.rx.armInterrupt());
            device.deliver(Bench.frame(61));
            assertEquals("rx0 on waiter", calls.take());
            assertEquals(2, bench.rx.stats().interrupts(), "spurious signals in between called nobody");
        }
    }

    @Test
    void packetsThatWaitAlreadyRefuseTheInterrupt() {
        try (Bench bench = bench(noting("rx"), noting("tx"))) {
            device.deliver(Bench.frame(60));

            assertFalse(bench.rx.armInterrupt());

            bench.receive().free();
            assertTrue(bench.rx.armInterrupt());
        }
    }

    @Test
    void armingRefillsTheRingThatAnEmptyPoolLeftEmpty() throws InterruptedException {
        try (Bench bench = bench(noting("rx"), noting("tx"))) {
            NetBuf[] held = new NetBuf[64];
            int elsewhere = bench.pool.allocate(held, 0, held.length);
            NetBuf[] burst = new NetBuf[16];
            for (int i = 0; i < burst.length; i++) {
                device.deliver(Bench.frame(60));
            }
            assertEquals(burst.length, bench.rx.receive(burst));
            assertEquals(0, device.available(RX));
            NetBuf.free(burst, 0, burst.length);

            assertTrue(bench.rx.armInterrupt());
            assertTrue(device.deliver(Bench.frame(60)), "a buffer was there");
            assertEquals("rx0 on waiter", calls.take());
            NetBuf.free(held, 0, elsewhere);
        }
    }

    @Test
    void receivingAfterTheCallStopsFurtherNotifications() throws InterruptedException {
        try (Bench bench = bench(noting("rx"), noting("tx"))) {
            bench.rx.armInterrupt();
            device.deliver(Bench.frame(60));
            calls.take();
            bench.receive().free();

            device.fill(ScriptedDevice.PLAIN_HEADER, Bench.frame(60));
            assertFalse(device.driverIsBeingInterrupted(RX));
        }
    }

    @Test
    void armedQueueIsStillCalledAfterTheDeviceCouldNotBeStopped() throws InterruptedException {
        try (Bench bench = bench(noting("rx"), noting("tx"))) {
            assertTrue(bench.rx.armInterrupt());
            device.hangsInReset = true;
            assertThrows(NetDevException.class, bench.dev::stop);
            device.hangsInReset = false;

            device.deliver(Bench.frame(60));
            assertEquals("rx0 on waiter", calls.take());
        }
    }

    @Test
    void disarmedQueueIsNotCalled() {
        try (Bench bench = bench(noting("rx"), noting("tx"))) {
            bench.rx.armInterrupt();
            bench.rx.disarmInterrupt();

            device.fill(ScriptedDevice.PLAIN_HEADER, Bench.frame(60));
            assertFalse(device.driverIsBeingInterrupted(RX));
            assertNull(calls.poll());
        }
    }

    @Test
    @DisplayName("regression 8: a sender that found the queue full is called when there is room, and need not spin")
    void fullTransmitQueueIsCalledWhenSpaceComesBack() throws InterruptedException {
        try (Bench bench = bench(noting("rx"), noting("tx"))) {
            for (int i = 0; i < 16; i++) {
                assertTrue(bench.tx.transmit(bench.packet(Bench.frame(60))));
            }
            NetBuf last = bench.packet(Bench.frame(60));
            assertFalse(bench.tx.transmit(last));
            assertTrue(bench.tx.armInterrupt());

            device.transmitted();

            assertEquals("tx0 on waiter", calls.take());
            assertTrue(bench.tx.transmit(last));
            device.transmitted();
            assertFalse(bench.tx.armInterrupt(), "finished packets wait");
            bench.tx.reclaim();
            assertTrue(bench.tx.armInterrupt());
        }
    }

    @Test
    void listenerMayUseItsQueue() throws InterruptedException {
        BlockingQueue<Integer> lengths = new LinkedBlockingQueue<>();
        Bench[] bench = new Bench[1];
        QueueListener receiver = index -> {
            do {
                for (NetBuf packet = bench[0].receive(); packet != null; packet = bench[0].receive()) {
                    lengths.add(packet.totalLength());
                    packet.free();
                }
            } while (!bench[0].rx.armInterrupt());
        };
        try (Bench running = bench(receiver, noting("tx"))) {
            bench[0] = running;
            assertTrue(running.rx.armInterrupt());
            for (int i = 0; i < 100; i++) {
                assertTrue(device.deliver(Bench.frame(60 + i)));
                assertEquals(60 + i, lengths.take());
            }
            CountDownLatch idle = new CountDownLatch(1);
            try (var _ = InterruptDispatcher.watch("waiter", device.queueInterrupt(99), idle::countDown)) {
                device.interrupt(99);
                idle.await();
            }
        }
    }

    @Test
    void listenerThatThrowsIsCalledAgain() throws InterruptedException {
        AtomicBoolean first = new AtomicBoolean(true);
        QueueListener thrower = index -> {
            calls.add("called");
            if (first.getAndSet(false)) {
                throw new IllegalStateException("on purpose, to be logged");
            }
        };
        try (Bench bench = bench(thrower, noting("tx"))) {
            for (int i = 0; i < 3; i++) {
                assertTrue(bench.rx.armInterrupt());
                device.deliver(Bench.frame(60));
                assertEquals("called", calls.take());
                bench.receive().free();
            }
        }
    }

    @Test
    void stoppedDeviceCallsNobodyAndRestartedOneDoes() throws InterruptedException {
        try (Bench bench = bench(noting("rx"), noting("tx"))) {
            assertTrue(bench.rx.armInterrupt());
            bench.dev.stop();
            device.interrupt(RX);
            bench.dev.start();
            assertNull(calls.poll());

            assertTrue(bench.rx.armInterrupt());
            device.deliver(Bench.frame(60));
            assertEquals("rx0 on waiter", calls.take());
        }
    }

    @Test
    @DisplayName("regression 25: link down and up come through STATUS and the configuration interrupt")
    void linkChangesAreTold() throws InterruptedException {
        device.offers(NetFeature.STATUS).config16(NetConfigLayout.STATUS, NetConfigLayout.STATUS_LINK_UP);
        try (Bench bench = Bench.running(device)) {
            assertEquals(LinkState.UP, bench.dev.linkState());
            bench.dev.onEvent((event, detail) -> calls.add(bench.dev.linkState().toString()));

            device.changeConfig16(NetConfigLayout.STATUS, 0);
            assertEquals("DOWN", calls.take());
            device.changeConfig16(NetConfigLayout.STATUS, NetConfigLayout.STATUS_LINK_UP);
            assertEquals("UP", calls.take());

            device.changeConfig16(NetConfigLayout.MTU, 9000);
            device.changeConfig16(NetConfigLayout.STATUS, 0);
            assertEquals("DOWN", calls.take(), "a notification without a change tells nobody");
        }
    }

    @Test
    @DisplayName("regression 25: a link that changed while the device was stopped is told after start")
    void linkChangeWhileStoppedIsToldAfterStart() throws InterruptedException {
        device.offers(NetFeature.STATUS).config16(NetConfigLayout.STATUS, NetConfigLayout.STATUS_LINK_UP);
        try (Bench bench = Bench.running(device)) {
            bench.dev.onEvent((event, detail) -> calls.add(bench.dev.linkState().toString()));
            bench.dev.stop();
            device.config16(NetConfigLayout.STATUS, 0);

            bench.dev.start();

            assertEquals(LinkState.DOWN, bench.dev.linkState());
            assertEquals("DOWN", calls.take());
        }
    }

    @Test
    void linkListenerMayCloseTheDevice() throws InterruptedException {
        device.offers(NetFeature.STATUS).config16(NetConfigLayout.STATUS, NetConfigLayout.STATUS_LINK_UP);
        Bench bench = Bench.running(device);
        bench.dev.onEvent((event, detail) -> {
            bench.close();
            calls.add("closed");
        });

        device.changeConfig16(NetConfigLayout.STATUS, 0);

        assertEquals("closed", calls.poll(20, TimeUnit.SECONDS));
        assertTrue(device.closed);
    }

    @Test
    void deviceThatNeedsAResetSaysSo() throws InterruptedException {
        device.offers(NetFeature.STATUS);
        try (Bench bench = Bench.running(device)) {
            assertFalse(bench.dev.details().containsKey("needs reset"));
            bench.dev.onEvent((event, detail) -> calls.add("link"));
            device.needReset();
            device.changeConfig16(NetConfigLayout.STATUS, NetConfigLayout.STATUS_LINK_UP);
            calls.take();

            assertTrue(bench.dev.details().containsKey("needs reset"));
            bench.dev.stop();
            bench.dev.start();
            assertFalse(bench.dev.details().containsKey("needs reset"));
        }
    }
}
