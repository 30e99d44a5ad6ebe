package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;

/** Every packet is counted once, under the right name: part of {@link NetDevContract}. What uk_netdev gets wrong is tested by name. */
interface StatisticsContract {
    LoopedDevice device();

    @Test
    @DisplayName("regression 16: packets and bytes are counted once per packet, chains too")
    default void chainsCountOnceWithAllTheirBytes() {
        device().configure(1).start();
        byte[] chain = device().frameBytes(600, 1);
        device().send(device().packet(chain, 100, 200, 300));
        device().send(device().frame(60, 2));
        device().receiveBytes(device().rx(), 2);
        for (QueueStats stats : List.of(device().tx().stats(), device().rx().stats(), device().dev.stats().tx(),
                device().dev.stats().rx())) {
            assertEquals(2, stats.packets(), stats.toString());
            assertEquals(660, stats.bytes(), stats.toString());
            assertEquals(0, stats.dropped(), stats.toString());
        }
    }

    @Test
    @DisplayName("a transmit burst that finds the queue full is counted")
    default void fullQueueIsCounted() {
        device().configure(1).start();
        int sent = device().fill(60);
        assumeTrue(sent < LoopedDevice.BUFFERS, "the device never runs full");
        QueueStats stats = device().tx().stats();
        assertEquals(sent, stats.packets());
        assertEquals(60L * sent, stats.bytes(), "of frames, without a header of the driver's");
        assertTrue(stats.empty() >= 1, stats.toString());
        assertEquals(0, stats.dropped(), "what was not taken is not dropped");
    }

    @Test
    @DisplayName("a packet that is still held by its sender counts as what was sent")
    default void sharedPacketCountsWhatWasSent() {
        device().configure(1).start();
        NetBuf packet = device().frame(200, 1);
        device().send(packet.retain());
        device().receiveBytes(device().rx(), 1);
        device().tx().reclaim();
        packet.trimBack(packet.length());
        assertEquals(200, device().tx().stats().bytes());
        packet.free();
    }

    @Test
    @DisplayName("drops are counted by reason, apart from packets")
    default void dropsAreCountedByReason() {
        device().configure(1).start();
        device().send(device().frame(60, 1));
        device().send(device().packet(new byte[10], 10));
        device().receiveBytes(device().rx(), 1);
        QueueStats tx = device().tx().stats();
        QueueStats rx = device().rx().stats();
        assertEquals(1, tx.drops().getOrDefault(DropReason.RUNT, 0L) + rx.drops().getOrDefault(DropReason.RUNT, 0L));
        assertEquals(1, rx.packets());
    }

    @Test
    @DisplayName("a device counts what its queues count, also after stop; a new configuration begins at zero")
    default void deviceCountsWhatItsQueuesCount() {
        device().configure(1).start();
        device().assertTrafficFlows();
        QueueStats tx = device().tx().stats();
        device().dev.stop();
        assertEquals(tx.packets(), device().dev.stats().tx().packets());
        assertEquals(tx.bytes(), device().dev.stats().tx().bytes());
        device().configure(1);
        assertEquals(new NetDevStats(QueueStats.ZERO, QueueStats.ZERO), device().dev.stats());
    }

    @Test
    @DisplayName("packets that a stop finds in the queues are counted as reset, or were never counted")
    default void whatStopFindsIsCounted() {
        device().configure(1).start();
        int sent = device().fill(60);
        device().settle();
        device().dev.stop();
        NetDevStats stats = device().dev.stats();
        assertEquals(sent, stats.tx().packets());
        long lost = stats.tx().drops().getOrDefault(DropReason.RESET, 0L)
                + stats.rx().drops().getOrDefault(DropReason.RESET, 0L);
        assertTrue(lost >= 1 && lost <= sent, lost + " of " + sent);
    }
}
