package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.netdev4j.netbuf.NetBuf;

/** What the device says of itself, and its way from probe to close: part of {@link NetDevContract}. */
interface LifeCycleContract {
    LoopedDevice device();

    @Test
    default void infoIsPlausibleBeforeConfigure() {
        NetDevInfo info = device().dev.info();
        assertTrue(info.maxRxQueues() >= 1 && info.maxTxQueues() >= 1, info.toString());
        assertTrue(info.maxMtu() >= NetDevInfo.MIN_MTU, info.toString());
        assertTrue(info.rxHeadroom() >= 0 && info.txHeadroom() >= 0, info.toString());
        assertEquals(1, Integer.bitCount(info.bufferAlignment()), info.toString());
        assertEquals(device().dev.rxQueueInfo(0).defaultSize(), device().dev.rxQueueInfo(0).check(0));
        assertEquals(device().dev.txQueueInfo(0).defaultSize(), device().dev.txQueueInfo(0).check(0));
    }

    @Test
    @DisplayName("regression 22: queues are prepared in any order")
    default void queuesArePreparedInAnyOrder() {
        assumeTwoPairs();
        device().dev.configure(NetDevConfig.pairs(2));
        TxQueueConfig tx = TxQueueConfig.POLLED.withSize(LoopedDevice.ringSize(device().dev.txQueueInfo(0)));
        RxQueueConfig rx = RxQueueConfig.polled(device().rxPool)
                .withSize(LoopedDevice.ringSize(device().dev.rxQueueInfo(0)));
        assertEquals(1, device().dev.configureTxQueue(1, tx).index());
        assertEquals(1, device().dev.configureRxQueue(1, rx).index());
        assertEquals(0, device().dev.configureRxQueue(0, rx).index());
        assertEquals(0, device().dev.configureTxQueue(0, tx).index());
        device().start();
        device().assertTrafficFlows();
    }

    @Test
    @DisplayName("regression 24: traffic on all pairs")
    default void trafficOnAllPairs() {
        assumeTwoPairs();
        device().configure(2).start();
        for (int i = 0; i < 2; i++) {
            byte[] bytes = device().frameBytes(100 + i, i);
            assertTrue(device().dev.txQueue(i).transmit(device().packet(bytes, bytes.length)));
            device().assertReceives(device().dev.rxQueue(i), bytes);
        }
    }

    private void assumeTwoPairs() {
        assumeTrue(device().dev.info().maxRxQueues() >= 2 && device().dev.info().maxTxQueues() >= 2,
                "the device has one queue pair");
    }

    @Test
    @DisplayName("regression 26: stop returns every buffer, start resumes with the same queues")
    default void stopAndRestart() {
        device().configure(1).start();
        RxQueue rx = device().rx();
        TxQueue tx = device().tx();
        for (int round = 0; round < 3; round++) {
            device().assertTrafficFlows();
            device().send(device().frame(60, 1));
            device().settle();
            device().send(device().frame(60, 2));
            device().dev.stop();
            device().assertEveryBufferIsBack();
            assertThrows(IllegalStateException.class, () -> rx.receive(new NetBuf[1]));
            assertThrows(IllegalStateException.class, () -> tx.reclaim());
            device().dev.start();
            assertSame(rx, device().rx());
            assertSame(tx, device().tx());
            assertEquals(0, device().receive(rx, 1).size(), "what was in the queues before is gone");
        }
        device().assertTrafficFlows();
    }

    @Test
    default void reconfigureStartsAfresh() {
        device().configure(1).start();
        device().assertTrafficFlows();
        RxQueue old = device().rx();
        device().dev.stop();
        device().configure(1).start();
        assertThrows(IllegalStateException.class, () -> old.receive(new NetBuf[1]));
        assertEquals(QueueStats.ZERO, device().dev.stats().tx());
        device().assertTrafficFlows();
    }

    @Test
    default void reconfigureBeforeTheFirstStart() {
        device().configure(1);
        device().configure(1).start();
        device().assertTrafficFlows();
    }

    @ParameterizedTest
    @EnumSource(names = {"UNCONFIGURED", "CONFIGURED", "RUNNING", "STOPPED"})
    default void closeFromAnyStateReturnsEveryBuffer(NetDevState state) {
        if (state != NetDevState.UNCONFIGURED) {
            device().configure(1);
        }
        if (state == NetDevState.RUNNING || state == NetDevState.STOPPED) {
            device().start();
            device().sendWhatCanReturn(60);
            device().settle();
            device().send(device().frame(60, 1));
        }
        if (state == NetDevState.STOPPED) {
            device().dev.stop();
        }
        assertEquals(state, device().dev.state());
        device().dev.close();
        device().dev.close();
        assertEquals(NetDevState.CLOSED, device().dev.state());
        device().assertEveryBufferIsBack();
    }
}
