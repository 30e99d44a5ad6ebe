package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;

/** When a queue lets its user in, and what it refuses. */
class QueueAccessTest {
    private final NetBufPool pool = NetBufPool.builder().name("test").buffers(64).build();
    private final NetDev dev = new NetDev("memory:0", new InMemoryDriver());
    private RxQueue rx;
    private TxQueue tx;

    @BeforeEach
    void prepareQueues() {
        dev.probe();
        dev.configure(NetDevConfig.ONE_PAIR);
        rx = dev.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(16));
        tx = dev.configureTxQueue(0, TxQueueConfig.POLLED.withSize(16));
    }

    @AfterEach
    void close() {
        dev.close();
        assertEquals(pool.capacity(), pool.available(), "every buffer is back");
        pool.close();
    }

    @Test
    void queueCallsAreIllegalUnlessRunning() {
        NetBuf packet = pool.allocate();
        List<Executable> calls = List.of(() -> rx.receive(new NetBuf[1]), () -> tx.transmit(packet),
                () -> tx.transmit(new NetBuf[]{packet}, 0, 1), () -> tx.reclaim(), () -> tx.space());
        String idle = "queue 0 is illegal while its device is not RUNNING";
        assertAllRefused(calls, idle);
        dev.start();
        assertEquals(0, rx.receive(new NetBuf[1]));
        dev.stop();
        assertAllRefused(calls, idle);
        dev.configure(NetDevConfig.ONE_PAIR);
        assertAllRefused(calls, "queue 0, which is void: its device was configured anew or closed since");
        assertNotSame(rx, dev.configureRxQueue(0, RxQueueConfig.polled(pool)));
        packet.free();
    }

    private static void assertAllRefused(List<Executable> calls, String message) {
        for (Executable call : calls) {
            IllegalStateException e = assertThrows(IllegalStateException.class, call);
            assertTrue(e.getMessage().contains(message), e.getMessage());
        }
    }

    @Test
    void queuesOfAClosedDeviceAreVoid() {
        dev.start();
        dev.close();
        assertAllRefused(List.of(() -> rx.receive(new NetBuf[1])), "void");
    }

    @Test
    void rangesBeyondTheArrayAreRefused() {
        dev.start();
        NetBuf[] bufs = new NetBuf[4];
        for (int[] range : new int[][]{{-1, 1}, {0, 5}, {4, 1}, {1, Integer.MAX_VALUE}, {0, -1}}) {
            assertThrows(IndexOutOfBoundsException.class, () -> rx.receive(bufs, range[0], range[1]));
            assertThrows(IndexOutOfBoundsException.class, () -> tx.transmit(bufs, range[0], range[1]));
        }
    }

    @Test
    void burstWithAnEmptySlotIsRefusedWhole() {
        dev.start();
        NetBuf[] bufs = {pool.allocate(), null};
        assertThrows(NullPointerException.class, () -> tx.transmit(bufs, 0, 2));
        assertThrows(NullPointerException.class, () -> tx.transmit(null));
        bufs[0].free();
    }

    @Test
    void armingWithoutAListenerIsRefused() {
        dev.start();
        assertAllRefused(List.of(() -> rx.armInterrupt(), () -> tx.armInterrupt(),
                () -> rx.disarmInterrupt(), () -> tx.disarmInterrupt()), "has no listener");
    }

    @Test
    void secondThreadInAQueueIsNoticed() throws InterruptedException {
        QueueGate gate = new QueueGate("receive", 7);
        gate.open();
        gate.enter("receive");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread other = Thread.ofPlatform().name("intruder").uncaughtExceptionHandler((t, e) -> thrown.set(e))
                .start(() -> gate.enter("receive"));
        other.join();
        assertEquals("receive on receive queue 7 by thread intruder while thread " + Thread.currentThread().getName()
                + " is in it; a queue takes one thread at a time", thrown.get().getMessage());
        gate.exit();
        gate.enter("receive");
    }

    @Test
    void listenerMayUseTheQueueBeforeArmHasReturned() {
        QueueListener listener = queue -> rx.receive(new NetBuf[1]);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        rx = new RxQueue(0) {
            @Override
            protected boolean arm() {
                Thread dispatcher = Thread.ofPlatform().uncaughtExceptionHandler((t, e) -> thrown.set(e))
                        .start(() -> listener.onInterrupt(0));
                try {
                    dispatcher.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                return true;
            }

            @Override
            protected void disarm() {}

            @Override
            protected int receiveBurst(NetBuf[] bufs, int from, int count) {
                return 0;
            }
        };
        rx.gate.listener(true);
        rx.gate.open();
        assertTrue(rx.armInterrupt());
        assertNull(thrown.get());
    }

    @Test
    void statsOutliveTheDevice() {
        dev.start();
        rx.receive(new NetBuf[1]);
        dev.close();
        assertEquals(1, dev.stats().rx().empty());
    }
}
