package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;

/** Packets, who owns them, and how they are counted: part of {@link NetDevContract}. */
interface TrafficContract {
    LoopedDevice device();

    boolean worksByItself();

    @Test
    @DisplayName("regression 1: the length received is the length of the frame")
    default void framesOfEveryLengthComeBackUnchanged() {
        device().configure(1).start();
        int largest = Math.min(device().dev.mtu(), 1500) + 14;
        for (int length : new int[]{60, 61, 64, 127, 1024, largest - 1, largest}) {
            byte[] bytes = device().frameBytes(length, length);
            device().send(device().packet(bytes, length));
            device().assertReceives(device().rx(), bytes);
        }
    }

    @Test
    default void burstsKeepTheOrderOverManyTimesTheRing() {
        device().configure(1).start();
        int next = 0;
        for (int round = 0; round < 20; round++) {
            NetBuf[] burst = new NetBuf[5];
            byte[][] bytes = new byte[burst.length][];
            for (int i = 0; i < burst.length; i++) {
                bytes[i] = device().frameBytes(60, next++);
                burst[i] = device().packet(bytes[i], 60);
            }
            assertEquals(burst.length, device().tx().transmit(burst, 0, burst.length));
            device().assertReceives(device().rx(), bytes);
        }
    }

    @Test
    default void emptyQueueGivesNothingAndLeavesTheArrayAlone() {
        device().configure(1).start();
        NetBuf mine = device().frame(60, 0);
        NetBuf[] bufs = {mine, mine, mine};
        assertEquals(0, device().rx().receive(bufs));
        assertArrayEquals(new NetBuf[]{mine, mine, mine}, bufs);
        assertEquals(1, device().rx().stats().empty());
        mine.free();
    }

    @Test
    default void receiveFillsOnlyTheRangeAskedFor() {
        device().configure(1).start();
        for (int i = 0; i < 4; i++) {
            device().send(device().frame(60, i));
        }
        device().settle();
        NetBuf[] bufs = new NetBuf[6];
        assertEquals(3, device().rx().receive(bufs, 2, 3));
        assertNull(bufs[1]);
        assertNull(bufs[5]);
        NetBuf.free(bufs, 2, 3);
        device().assertReceives(device().rx(), device().frameBytes(60, 3));
    }

    @Test
    default void emptyBurstsAreFine() {
        device().configure(1).start();
        assertEquals(0, device().tx().transmit(new NetBuf[0], 0, 0));
        assertEquals(0, device().rx().receive(new NetBuf[0], 0, 0));
    }

    @Test
    default void slotsTakenAreNulledAndTheRestIsUntouched() {
        device().configure(1).start();
        int count = LoopedDevice.BUFFERS / 2;
        NetBuf[] bufs = new NetBuf[count];
        for (int i = 0; i < count; i++) {
            bufs[i] = device().frame(60, i);
        }
        NetBuf[] before = bufs.clone();
        long[] offsets = Arrays.stream(bufs).mapToLong(NetBuf::dataOffset).toArray();
        int taken = device().tx().transmit(bufs, 0, count);
        assumeTrue(taken < count, "the device never runs full");
        assertTrue(taken > 0, "taken " + taken);
        for (int i = 0; i < count; i++) {
            if (i < taken) {
                assertNull(bufs[i], "slot " + i);
            } else {
                assertSame(before[i], bufs[i], "slot " + i);
                assertEquals(offsets[i], bufs[i].dataOffset(), "data of slot " + i);
                assertEquals(60, bufs[i].length(), "length of slot " + i);
                assertEquals(0, bufs[i].flags(), "flags of slot " + i);
            }
        }
        NetBuf.free(bufs, taken, count - taken);
        assertEquals(taken, device().receiveBytes(device().rx(), count).size());
    }

    @Test
    @DisplayName("regression 27: the second holder of a sent packet sees it unchanged")
    default void sharedPacketStaysAsItWas() {
        device().configure(1).start();
        byte[] bytes = device().frameBytes(200, 1);
        NetBuf packet = device().packet(bytes, 200);
        long offset = packet.dataOffset();
        device().send(packet.retain());
        for (int phase = 0; phase < 2; phase++) {
            assertEquals(offset, packet.dataOffset());
            assertEquals(200, packet.length());
            assertArrayEquals(bytes, read(packet));
            device().assertReceives(device().rx(), phase == 0 ? new byte[][]{bytes} : new byte[0][]);
            device().tx().reclaim();
        }
        assertEquals(1, packet.refCount());
        packet.free();
    }

    private static byte[] read(NetBuf packet) {
        return LoopedDevice.takeBytes(packet.retain());
    }

    @Test
    default void packetWithoutHeadroomIsSent() {
        device().configure(1).start();
        byte[] bytes = device().frameBytes(100, 1);
        NetBuf packet = device().packet(bytes, 100);
        packet.place(0, 100);
        packet.copyFrom(0, MemorySegment.ofArray(bytes), 0, 100);
        device().send(packet);
        device().assertReceives(device().rx(), bytes);
    }

    @Test
    @DisplayName("regression 9: a chain of 20 pieces comes back whole")
    default void chainComesBackWhole() {
        NetDev dev = device().dev;
        dev.configure(NetDevConfig.ONE_PAIR);
        dev.configureRxQueue(0,
                RxQueueConfig.polled(device().rxPool).withSize(LoopedDevice.ringSize(dev.rxQueueInfo(0))));
        dev.configureTxQueue(0, TxQueueConfig.POLLED);
        dev.start();
        byte[] bytes = device().frameBytes(20 * 50, 1);
        device().send(device().packet(bytes, equalPieces(20, 50)));
        device().assertReceives(device().rx(), bytes);
    }

    @Test
    @DisplayName("a chain beyond the device's limit is sent or counted, never lost")
    default void longChainIsSentOrCounted() {
        device().configure(1).start();
        int pieces = LoopedDevice.BUFFERS - 1;
        byte[] bytes = device().frameBytes(pieces * 20, 1);
        device().send(device().packet(bytes, equalPieces(pieces, 20)));
        List<byte[]> received = device().receiveBytes(device().rx(), 1);
        QueueStats sent = device().tx().stats();
        assertEquals(1, sent.packets() + sent.dropped(), sent.toString());
        assertEquals(sent.packets(), received.size());
        device().tx().reclaim();
        device().assertTrafficFlows();
    }

    private static int[] equalPieces(int pieces, int bytes) {
        int[] lengths = new int[pieces];
        Arrays.fill(lengths, bytes);
        return lengths;
    }

    @Test
    @DisplayName("regression 6: a runt is dropped or delivered, and the queue goes on")
    default void runtDoesNoHarm() {
        device().configure(1).start();
        for (int i = 0; i < 2 * LoopedDevice.RING_SIZE; i++) {
            device().send(device().packet(new byte[i % 14], i % 14));
            device().receiveBytes(device().rx(), 1);
            device().tx().reclaim();
        }
        device().assertTrafficFlows();
    }

    @Test
    @DisplayName("regression 7: sent buffers come back without sending more")
    default void reclaimWithoutTransmit() {
        device().configure(1).start();
        device().send(device().frame(60, 1));
        device().receiveBytes(device().rx(), 1);
        device().tx().reclaim();
        assertEquals(device().txPool.capacity(), device().txPool.available());
        assertEquals(0, device().tx().reclaim(), "nothing is left to reclaim");
    }

    @Test
    @DisplayName("regression 8: a full queue has space again when the device has sent")
    default void fullThenSpace() {
        assumeFalse(worksByItself(), "the device empties its queue meanwhile");
        device().configure(1).start();
        int sent = device().fill(60);
        assumeTrue(sent < LoopedDevice.BUFFERS, "the device never runs full");
        assertEquals(0, device().tx().space());
        assertTrue(device().tx().stats().empty() > 0, "the refusal is counted");
        assertEquals(sent, device().receiveBytes(device().rx(), sent).size());
        device().tx().reclaim();
        assertTrue(device().tx().space() >= sent, "space for " + device().tx().space());
        assertEquals(sent, device().fill(60));
    }

    @Test
    @DisplayName("regression 5: a receive queue whose pool ran dry recovers")
    default void receiverRecoversFromAnEmptyPool() {
        device().configure(1).start();
        List<NetBuf> hoard = new ArrayList<>();
        for (int i = 0; i < 2 * LoopedDevice.BUFFERS; i++) {
            NetBuf frame = device().frame(60, i);
            if (!device().tx().transmit(frame)) {
                frame.free();
            }
            hoard.addAll(device().receive(device().rx(), 1));
            device().tx().reclaim();
        }
        assertEquals(0, device().rxPool.available(), "the pool is dry");
        assertEquals(device().rxPool.capacity(), hoard.stream().mapToInt(NetBuf::segmentCount).sum(),
                "so is the queue");

        hoard.forEach(NetBuf::free);
        device().receiveBytes(device().rx(), LoopedDevice.BUFFERS);
        device().tx().reclaim();
        device().assertTrafficFlows();
    }
}
