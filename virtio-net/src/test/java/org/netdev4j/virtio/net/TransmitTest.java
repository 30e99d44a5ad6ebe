package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.virtio.net.ScriptedDevice.Sent;
import org.netdev4j.virtio.testing.Rule;

/** The transmit queue as the device finds it in the ring (virtio 1.4 §5.1.9.2). */
class TransmitTest {
    private final ScriptedDevice device = new ScriptedDevice();

    @Test
    @DisplayName("seed 1.5: the header stands in the headroom, in the descriptor of the data")
    @Rule({"TX2", "SQ8"})
    void headerAndDataInOneDescriptor() {
        try (Bench bench = Bench.running(device)) {
            assertTrue(bench.tx.transmit(bench.packet(Bench.frame(60))));

            Sent sent = device.transmitted();

            assertEquals(1, sent.descriptors);
            assertArrayEquals(new byte[12], sent.header, "num_buffers 0 too (TX2)");
            assertArrayEquals(Bench.frame(60), sent.frame);
            assertEquals(1, bench.tx.stats().packets());
            assertEquals(60, bench.tx.stats().bytes());
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 2", "11, 2", "12, 1", "13, 1"})
    @DisplayName("seed 0.3: header and data in two descriptors when the headroom is too small for the header")
    void headerInADescriptorOfItsOwnWithoutHeadroom(int headroom, int descriptors) {
        try (Bench bench = Bench.running(device)) {
            NetBufPool tight = bench.pool("tight", 4, headroom, 256);
            bench.tx.transmit(Bench.packet(tight, Bench.frame(60)));

            Sent sent = device.transmitted();

            assertEquals(descriptors, sent.descriptors);
            assertArrayEquals(new byte[12], sent.header);
            assertArrayEquals(Bench.frame(60), sent.frame);
        }
    }

    @Test
    @DisplayName("regression 27: who shares a packet sees the same data and length before, during and after it is sent")
    void sharedPacketIsNotTouched() {
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = bench.packet(Bench.frame(60));
            // The bytes in front are another protocol layer's: they were trimmed and may be wanted back.
            byte[] whole = Bench.bytes(packet);
            packet.trimFront(20);
            packet.retain();
            assertTrue(bench.tx.transmit(packet));

            Sent sent = device.take();
            assertEquals(2, sent.descriptors, "the header is not in the shared headroom");
            assertArrayEquals(Arrays.copyOfRange(whole, 20, 60), sent.frame);
            assertEquals(40, packet.totalLength());
            assertEquals(148, packet.headroom());
            assertEquals(2, packet.refCount());

            device.complete();
            assertEquals(1, bench.tx.reclaim());
            assertEquals(1, packet.refCount());
            packet.prepend(20);
            assertArrayEquals(whole, Bench.bytes(packet));
            packet.free();
        }
    }

    @Test
    @DisplayName("regression 27: one packet sent to the queue several times at once")
    void samePacketIsInFlightSeveralTimes() {
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = bench.packet(Bench.frame(60));
            for (int i = 0; i < 4; i++) {
                packet.retain();
                assertTrue(bench.tx.transmit(packet));
            }
            assertEquals(5, packet.refCount());

            for (Sent sent : device.drain()) {
                assertArrayEquals(Bench.frame(60), sent.frame);
            }
            assertEquals(4, bench.tx.reclaim());
            assertEquals(1, packet.refCount());
            packet.free();
        }
    }

    @Test
    void headerAreaIsUsedOverAndOver() {
        try (Bench bench = Bench.running(device)) {
            NetBufPool tight = bench.pool("tight", 64, 0, 256);
            for (int i = 0; i < 200; i++) {
                assertTrue(bench.tx.transmit(Bench.packet(tight, Bench.frame(60 + i % 50))), "packet " + i);
                assertArrayEquals(Bench.frame(60 + i % 50), device.transmitted().frame);
            }
            bench.tx.reclaim();
            assertEquals(64, tight.available());
        }
    }

    @Test
    @DisplayName("regression 9: a chain of 18 pieces is sent as it is")
    void chainOfEighteenPieces() {
        try (Bench bench = new Bench(device).probed().prepared(64, 32).started()) {
            byte[] frame = Bench.frame(18 * 40);
            bench.tx.transmit(Bench.chain(bench.pool, frame, 40));

            Sent sent = device.transmitted();

            assertEquals(18, sent.descriptors);
            assertArrayEquals(frame, sent.frame);
            assertEquals(1, bench.tx.reclaim());
            assertEquals(64, bench.pool.available() + 32);
        }
    }

    @Test
    @DisplayName("regression 16: bytes of a packet in three pieces are the bytes of all three, without any header")
    void bytesOfAChainAreCounted() {
        try (Bench bench = Bench.running(device)) {
            bench.tx.transmit(Bench.chain(bench.pool, Bench.frame(100), 40));

            assertEquals(1, bench.tx.stats().packets());
            assertEquals(100, bench.tx.stats().bytes());
            assertEquals(3, device.transmitted().descriptors);
        }
    }

    @Test
    void sharedChainHasItsHeaderInADescriptorOfItsOwn() {
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = Bench.chain(bench.pool, Bench.frame(100), 40);
            packet.retain();
            bench.tx.transmit(packet);

            Sent sent = device.transmitted();

            assertEquals(4, sent.descriptors);
            assertArrayEquals(Bench.frame(100), sent.frame);
            packet.free();
        }
    }

    @Test
    void chainWithoutRoomStaysTheCallersUnchanged() {
        try (Bench bench = Bench.running(device)) {
            NetBuf big = Bench.chain(bench.pool, Bench.frame(100), 10);
            NetBuf second = Bench.chain(bench.pool, Bench.frame(100), 10);
            second.partialChecksum(34, 6);
            NetBuf[] packets = {big, second};

            assertEquals(1, bench.tx.transmit(packets, 0, 2));

            assertNull(packets[0]);
            assertSame(second, packets[1]);
            assertArrayEquals(Bench.frame(100), Bench.bytes(second), "no checksum was completed in it");
            assertEquals(NetBuf.CHECKSUM_PARTIAL, second.flags());
            device.drain();
            assertEquals(1, bench.tx.transmit(packets, 1, 1), "there is room as soon as the device is done");
        }
    }

    @Test
    void packetsOfManyPoolsAreInFlightTogether() {
        try (Bench bench = Bench.running(device)) {
            NetBufPool[] pools = new NetBufPool[10];
            for (int i = 0; i < 10; i++) {
                pools[i] = bench.pool("pool " + i, 2, 64, 256);
                assertTrue(bench.tx.transmit(Bench.packet(pools[i], Bench.frame(60 + i))));
            }
            for (int i = 0; i < 10; i++) {
                assertArrayEquals(Bench.frame(60 + i), device.transmitted().frame);
            }
            assertEquals(10, bench.tx.reclaim());
            for (NetBufPool pool : pools) {
                assertEquals(2, pool.available());
            }
        }
    }

    @Test
    void aBurstIsKickedOnce() {
        try (Bench bench = Bench.running(device)) {
            NetBuf[] burst = new NetBuf[8];
            Arrays.setAll(burst, i -> bench.packet(Bench.frame(60)));

            assertEquals(8, bench.tx.transmit(burst, 0, 8));

            assertArrayEquals(new NetBuf[8], burst, "slots are nulled");
            assertEquals(1, device.kicks(ScriptedDevice.TX));
            assertEquals(8, device.drain().size());
        }
    }

    @Test
    void fullQueueTakesWhatFitsAndLeavesTheRest() {
        try (Bench bench = Bench.running(device)) {
            NetBuf[] burst = new NetBuf[20];
            Arrays.setAll(burst, i -> bench.packet(Bench.frame(60 + i)));

            assertEquals(16, bench.tx.transmit(burst, 0, 20));

            assertEquals(0, bench.tx.space());
            assertNull(burst[15]);
            assertArrayEquals(Bench.frame(76), Bench.bytes(burst[16]));
            assertEquals(0, bench.tx.transmit(burst, 16, 4));
            assertEquals(2, bench.tx.stats().empty());
            assertEquals(16, bench.tx.stats().packets());

            assertEquals(16, device.drain().size());
            assertEquals(4, bench.tx.transmit(burst, 16, 4));
            assertEquals(4, device.drain().size());
        }
    }

    @Test
    @DisplayName("regression 7: packets come back to their pool without another transmit")
    @Rule("TX19")
    void finishedPacketsAreReclaimedWithoutTransmitting() {
        try (Bench bench = Bench.running(device)) {
            int before = bench.pool.available();
            for (int i = 0; i < 3; i++) {
                bench.tx.transmit(bench.packet(Bench.frame(60)));
            }
            assertEquals(0, bench.tx.reclaim(), "the device is not done with them");
            device.drain();

            assertEquals(3, bench.tx.reclaim());

            assertEquals(before, bench.pool.available());
            assertEquals(16, bench.tx.space());
        }
    }

    @Test
    @Rule("TX19")
    void aSteadySenderReclaimsByItself() {
        try (Bench bench = Bench.running(device)) {
            for (int i = 0; i < 1000; i++) {
                NetBuf packet = bench.pool.allocate();
                assertNotNull(packet, "packet " + i);
                packet.append(60);
                assertTrue(bench.tx.transmit(packet));
                device.drain();
            }
        }
    }

    @Test
    @Rule("NC18.2")
    void theLengthThatADeviceReportsForAPacketItSentIsIgnoredAndCounted() {
        try (Bench bench = Bench.running(device)) {
            bench.tx.transmit(bench.packet(Bench.frame(60)));
            device.cheat(ScriptedDevice.TX, 0, 0, 72);

            assertEquals(1, bench.tx.reclaim());

            assertNull(bench.tx.brokenReason());
            assertEquals(1, bench.dev.counters().get("tx0 ignored lengths"));
            bench.dev.stop();
            assertEquals(1, bench.dev.counters().get("tx0 ignored lengths"));
        }
    }

    @Test
    @DisplayName("regression 13: a used entry that cannot be breaks the queue; its packets come back with stop")
    void impossibleUsedEntryBreaksTheQueue() {
        try (Bench bench = Bench.running(device)) {
            bench.tx.transmit(bench.packet(Bench.frame(60)));
            device.cheat(ScriptedDevice.TX, 0, 99, 0);
            assertEquals(0, bench.tx.reclaim());

            NetBuf packet = bench.packet(Bench.frame(60));
            assertFalse(bench.tx.transmit(packet), "stays the caller's");

            assertEquals(0, bench.tx.space());
            assertTrue(bench.dev.details().containsKey("tx0 broken"));
            packet.free();
            bench.dev.stop();
            assertEquals(64, bench.pool.available());
            assertEquals(Map.of(DropReason.RESET, 1L), bench.tx.stats().drops());
            bench.dev.start();
            assertTrue(bench.tx.transmit(bench.packet(Bench.frame(60))));
            assertArrayEquals(Bench.frame(60), device.transmitted().frame);
        }
    }
}
