package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.LinkState;
import org.netdev4j.netdev.NetDevState;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.virtio.DeviceStatus;

/** The other end of a device dies and comes back, as a vhost-user back-end does: the application does nothing about it. */
@Timeout(30)
class PeerChangeTest {
    private static final int RX = ScriptedDevice.RX;
    private static final int TX = ScriptedDevice.TX;

    private final ScriptedDevice device = new ScriptedDevice();
    private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

    @Test
    void whatMovedGoesOnWhenThePeerIsBack() {
        try (Bench bench = Bench.running(device)) {
            assertMoves(bench);
            device.leave();
            device.comeBack();
            assertMoves(bench);
            device.leave();
            device.comeBack();
            assertMoves(bench);
            bench.dev.stop();
            assertEquals(64, bench.pool.available());
        }
    }

    @Test
    void aQueueWithoutItsPeerGivesAndTakesNothingAndSpinsNobody() {
        try (Bench bench = listening()) {
            assertTrue(bench.tx.transmit(bench.packet(Bench.frame(60))));
            device.leave();

            NetBuf packet = bench.packet(Bench.frame(61));
            assertFalse(bench.tx.transmit(packet), "stays the caller's");
            packet.free();
            assertEquals(0, bench.tx.space());
            assertEquals(0, bench.tx.reclaim());
            assertNull(bench.receive());
            assertTrue(bench.rx.armInterrupt());
            assertTrue(bench.tx.armInterrupt());
            assertEquals(64 - 16 - 1, bench.pool.available(), "what was in the rings is kept");
            assertEquals("gone", bench.dev.details().get("other end"));
            assertEquals(NetDevState.RUNNING, bench.dev.state());
        }
    }

    @Test
    void theLinkIsDownMeanwhile() throws InterruptedException {
        device.offers(NetFeature.STATUS).config16(NetConfigLayout.STATUS, NetConfigLayout.STATUS_LINK_UP);
        try (Bench bench = Bench.running(device)) {
            bench.dev.onEvent((event, detail) -> calls.add(event + " " + detail));
            device.leave();
            assertEquals(LinkState.DOWN, bench.dev.linkState());
            assertEquals("LINK_CHANGED the link is DOWN: the other end of the device is gone", calls.take());
            device.comeBack();
            assertEquals(LinkState.UP, bench.dev.linkState());
            assertEquals("LINK_CHANGED the link is UP: the other end of the device is back", calls.take());
        }
    }

    @Test
    void whoWaitsIsCalledWhenThePeerIsBack() throws InterruptedException {
        try (Bench bench = listening()) {
            assertTrue(bench.rx.armInterrupt());
            device.leave();
            assertTrue(bench.tx.armInterrupt(), "armed while it is gone");
            assertTrue(calls.isEmpty());
            device.comeBack();
            assertEquals("rx", calls.take());
            assertEquals("tx", calls.take());

            assertTrue(bench.rx.armInterrupt(), "which also hands the buffers over");
            assertTrue(device.deliver(Bench.frame(60)));
            assertEquals("rx", calls.take());
            bench.receive().free();
        }
    }

    @Test
    void packetsUnderWayAreCountedAsDropped() {
        try (Bench bench = Bench.running(device)) {
            assertTrue(bench.tx.transmit(bench.packet(Bench.frame(60))));
            assertTrue(bench.tx.transmit(bench.packet(Bench.frame(61))));
            device.transmitted();
            assertTrue(device.deliver(Bench.frame(62)));
            device.leave();
            device.comeBack();
            assertNull(bench.receive());
            assertEquals(0, bench.tx.reclaim());

            assertEquals(Map.of(DropReason.RESET, 1L), bench.tx.stats().drops(), "the other was sent");
            assertEquals(Map.of(DropReason.RESET, 1L), bench.rx.stats().drops());
            assertEquals(48, bench.pool.available());
        }
    }

    @Test
    void aQueueIsHandedOverByItsOwnThread() {
        try (Bench bench = Bench.running(device)) {
            device.leave();
            device.comeBack();
            assertFalse(device.has(RX));
            assertNull(bench.receive());
            assertTrue(device.has(RX));
            assertEquals(16, device.available(RX));
            assertFalse(device.has(TX));
            assertEquals(16, bench.tx.space());
            assertTrue(device.has(TX));
        }
    }

    @Test
    void aPeerThatGoesAgainBeforeItHasTheQueueIsWaitedForOnceMore() {
        try (Bench bench = Bench.running(device)) {
            device.leave();
            device.comeBack();
            device.queueItCannotEnable = RX;
            assertNull(bench.receive());
            assertNull(bench.receive());
            device.queueItCannotEnable = -1;
            device.leave();
            device.comeBack();
            assertMoves(bench);
        }
    }

    @Test
    void whatThePeerBrokeBeforeItWentIsForgotten() {
        try (Bench bench = Bench.running(device)) {
            for (int time = 0; time < 2; time++) {
                device.cheat(RX, time, 99, 72);
                assertNull(bench.receive());
                assertTrue(bench.rx.brokenReason().contains("id 99"));
                device.needReset();
                device.leave();
                device.status &= ~DeviceStatus.DEVICE_NEEDS_RESET;
                device.comeBack();
                assertMoves(bench);
                assertNull(bench.rx.brokenReason());
                assertFalse(bench.dev.details().containsKey("needs reset"));
            }
        }
    }

    @Test
    void aDeviceIsStoppedAndClosedWithoutItsPeer() {
        try (Bench bench = Bench.running(device)) {
            assertTrue(bench.tx.transmit(bench.packet(Bench.frame(60))));
            device.leave();
            bench.dev.stop();
            assertEquals(64, bench.pool.available());
            device.comeBack();
            bench.dev.start();
            assertMoves(bench);
        }
    }

    @Test
    void aTransportMayTellOfItsPeerWhileItIsClosed() {
        Bench bench = Bench.running(device);
        device.onClose = () -> {
            Thread watch = Thread.ofPlatform().start(device::leave);
            try {
                watch.join();
            } catch (InterruptedException e) {
                throw new AssertionError("the transport waits for its thread, which waits for the driver", e);
            }
        };
        bench.close();
        assertTrue(device.closed);
        assertEquals(64, bench.pool.available());
    }

    private Bench listening() {
        Bench bench = new Bench(device).probed();
        bench.pool = bench.pool("pool", 64, 128, 2048);
        return bench.prepared(
                RxQueueConfig.polled(bench.pool).withSize(16).withInterrupt("waiter", index -> calls.add("rx")),
                TxQueueConfig.POLLED.withSize(16).withInterrupt("waiter", index -> calls.add("tx"))).started();
    }

    private void assertMoves(Bench bench) {
        assertTrue(bench.tx.transmit(bench.packet(Bench.frame(61))));
        assertArrayEquals(Bench.frame(61), device.transmitted().frame);
        assertNull(bench.receive());
        assertTrue(device.deliver(Bench.frame(62)));
        NetBuf packet = bench.receive();
        assertArrayEquals(Bench.frame(62), Bench.bytes(packet));
        packet.free();
    }
}
