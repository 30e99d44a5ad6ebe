package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.virtio.testing.Rule;

/** A device that breaks a queue or gives up: nobody waits for it for ever, everyone is told, a restart cures it. */
@Timeout(30)
class BrokenDeviceTest {
    private static final int RX = ScriptedDevice.RX;
    private static final int TX = ScriptedDevice.TX;

    private final ScriptedDevice device = new ScriptedDevice();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

    /** Running, with listeners on both queues and on the device. */
    private Bench listening() {
        Bench bench = new Bench(device).probed();
        bench.pool = bench.pool("pool", 64, 128, 2048);
        bench.prepared(
                RxQueueConfig.polled(bench.pool).withSize(16).withInterrupt("waiter", index -> calls.add("rx")),
                TxQueueConfig.POLLED.withSize(16).withInterrupt("waiter", index -> calls.add("tx")));
        bench.dev.onEvent((event, detail) -> events.add(event + " " + detail));
        return bench.started();
    }

    @Test
    void whoArmsABrokenReceiveQueueIsCalledOnceMore() throws InterruptedException {
        try (Bench bench = listening()) {
            assertTrue(bench.rx.armInterrupt());
            device.cheat(RX, 0, 99, 72);
            device.interrupt(RX);
            assertEquals("rx", calls.take());

            assertNull(bench.receive());
            assertTrue(events.take().startsWith("QUEUE_BROKEN rx0: used element with id 99"));
            assertTrue(bench.rx.brokenReason().contains("id 99"));
            assertTrue(bench.rx.armInterrupt());
            assertEquals("rx", calls.take());

            assertTrue(bench.rx.armInterrupt());
            assertNull(bench.receive());
            assertNoMoreCalls();
        }
    }

    @Test
    void whoWaitsWhenASenderFindsTheQueueBrokenIsCalled() throws InterruptedException {
        try (Bench bench = listening()) {
            bench.tx.transmit(bench.packet(Bench.frame(60)));
            assertTrue(bench.tx.armInterrupt());
            device.cheat(TX, 0, 99, 0);

            assertEquals(0, bench.tx.reclaim());
            assertEquals("tx", calls.take());
            assertTrue(events.take().startsWith("QUEUE_BROKEN tx0: "));
            assertNull(bench.rx.brokenReason(), "the other queue is whole");
            assertNoMoreCalls();
        }
    }

    @Test
    @Rule("ST4")
    void aDeviceThatNeedsAResetCallsEveryoneWhoWaits() throws InterruptedException {
        try (Bench bench = listening()) {
            bench.tx.transmit(bench.packet(Bench.frame(60)));
            assertTrue(bench.rx.armInterrupt());
            device.needReset();
            assertEquals("NEEDS_RESET the device asked for it", events.take());
            assertEquals("rx", calls.take());
            assertTrue(bench.tx.armInterrupt());
            assertEquals("tx", calls.take());
            device.needReset();
            assertNoMoreCalls();
            assertNull(events.poll());

            bench.dev.stop();
            assertEquals(64, bench.pool.available());
            bench.dev.start();
            assertMoves(bench);
        }
    }

    @Test
    @DisplayName("regression 13: stop and start cure a broken queue, and its listener waits again")
    void restartCuresABrokenQueue() throws InterruptedException {
        try (Bench bench = listening()) {
            device.cheat(RX, 0, 99, 72);
            assertNull(bench.receive());
            events.take();

            bench.dev.stop();
            assertEquals(64, bench.pool.available());
            bench.dev.start();

            assertNull(bench.rx.brokenReason());
            assertTrue(bench.rx.armInterrupt());
            assertTrue(calls.isEmpty());
            assertMoves(bench);
            assertEquals("rx", calls.take());
        }
    }

    @Test
    void aBrokenQueueLeavesThePoolAlone() {
        try (Bench bench = listening()) {
            device.cheat(RX, 0, 99, 72);
            assertNull(bench.receive());
            long short0 = bench.dev.counters().get("rx0 short fills");
            NetBuf[] held = new NetBuf[48];
            assertEquals(48, bench.pool.allocate(held, 0, 48));
            assertNull(bench.receive());
            assertEquals(short0, bench.dev.counters().get("rx0 short fills"));
            NetBuf.free(held, 0, 48);
        }
    }

    @Test
    void anEmptyPoolIsToldOnceEachTimeItLeavesTheDeviceWithoutBuffers() throws InterruptedException {
        try (Bench bench = listening()) {
            for (int time = 0; time < 2; time++) {
                NetBuf[] held = new NetBuf[48];
                assertEquals(48, bench.pool.allocate(held, 0, 48));
                NetBuf[] burst = new NetBuf[16];
                for (int i = 0; i < 16; i++) {
                    device.deliver(Bench.frame(60));
                }
                assertEquals(16, bench.rx.receive(burst));
                assertEquals("QUEUE_STALLED rx0: the pool pool is empty", events.take());
                assertEquals(0, bench.rx.receive(new NetBuf[1]));
                NetBuf.free(burst, 0, 16);
                NetBuf.free(held, 0, 48);
                assertEquals(0, bench.rx.receive(burst), "filled again");
            }
            assertTrue(events.isEmpty());
        }
    }

    @Test
    void anUnreadableConfigurationIsCountedAndEndsNothing() throws InterruptedException {
        device.offers(NetFeature.STATUS).config16(NetConfigLayout.STATUS, NetConfigLayout.STATUS_LINK_UP);
        try (Bench bench = listening()) {
            device.onConfigRead = () -> device.generation++;
            device.changeConfig16(NetConfigLayout.STATUS, 0);
            device.needReset();
            assertEquals("NEEDS_RESET the device asked for it", events.take(),
                    "said by the status, not the configuration");
            assertTrue(bench.dev.counters().get("unreadable configurations") >= 1);

            device.onConfigRead = () -> {};
            device.changeConfig16(NetConfigLayout.STATUS, 0);
            assertEquals("LINK_CHANGED the link is DOWN", events.take());
        }
    }

    @Test
    void aChangeOfWhatIsNotTheLinkIsTold() throws InterruptedException {
        device.offers(NetFeature.MAC);
        device.config[5] = 1;
        try (Bench bench = listening()) {
            device.config[5] = 2;
            device.generation++;
            device.configInterrupt().signal();
            assertTrue(events.take().startsWith("CONFIG_CHANGED "));
            assertEquals("00:00:00:00:00:01", bench.dev.macAddress().toString(), "until it is opened again");
        }
    }

    /** The dispatcher calls in order: once it has called for something else, it has called for everything before. */
    private void assertNoMoreCalls() throws InterruptedException {
        BlockingQueue<String> marks = new LinkedBlockingQueue<>();
        try (Bench other = new Bench(new ScriptedDevice()).probed()) {
            other.pool = other.pool("other", 32, 128, 2048);
            other.prepared(
                    RxQueueConfig.polled(other.pool).withSize(16).withInterrupt("waiter", index -> marks.add("mark")),
                    TxQueueConfig.POLLED.withSize(16)).started();
            assertTrue(other.rx.armInterrupt());
            other.device.interrupt(RX);
            assertEquals("mark", marks.take());
            assertTrue(other.rx.armInterrupt());
            other.device.interrupt(RX);
            assertEquals("mark", marks.take());
        }
        assertTrue(calls.isEmpty(), calls.toString());
    }

    private void assertMoves(Bench bench) {
        assertTrue(bench.tx.transmit(bench.packet(Bench.frame(61))));
        assertArrayEquals(Bench.frame(61), device.transmitted().frame);
        assertTrue(device.deliver(Bench.frame(62)));
        NetBuf packet = bench.receive();
        assertArrayEquals(Bench.frame(62), Bench.bytes(packet));
        packet.free();
    }
}
