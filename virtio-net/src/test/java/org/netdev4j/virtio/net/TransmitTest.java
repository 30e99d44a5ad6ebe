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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.virtio.net.ScriptedDevice.Sent;

/** The transmit queue as the device finds it in the ring (virtio 1.4 §5.1.9.2). */
class TransmitTest {
    private static final int TX = ScriptedDevice.TX;

    private final ScriptedDevice device = new ScriptedDevice();

    @Test
    @DisplayName("seed 1.5: the header stands in the headroom, in the descriptor of the data")
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
    @DisplayName("seed 1.4: a partial checksum asks the device")
    void partialChecksumAsksTheDevice() {
        device.offers(NetFeature.CSUM);
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = bench.packet(Bench.frame(60));
            packet.partialChecksum(34, 6);
            bench.tx.transmit(packet);

            Sent sent = device.transmitted();

            assertArrayEquals(new byte[]{NetHeader.FLAG_NEEDS_CSUM, 0, 0, 0, 0, 0, 34, 0, 6, 0, 0, 0}, sent.header);
            assertArrayEquals(Bench.frame(60), sent.frame, "the device sums, not the driver");
        }
    }

    @Test
    @DisplayName("TX10: DATA_VALID is never sent")
    void validChecksumIsNotToldTheDevice() {
        device.offers(NetFeature.CSUM, NetFeature.GUEST_CSUM);
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = bench.packet(Bench.frame(60));
            packet.flags(NetBuf.CHECKSUM_VALID);
            bench.tx.transmit(packet);

            assertArrayEquals(new byte[12], device.transmitted().header);
        }
    }

    @Test
    void headerOfOnePacketIsNotSeenInTheNext() {
        device.offers(NetFeature.CSUM);
        try (Bench bench = Bench.running(device)) {
            NetBuf partial = bench.packet(Bench.frame(60));
            partial.partialChecksum(34, 6);
            bench.tx.transmit(new NetBuf[]{partial, bench.packet(Bench.frame(60))}, 0, 2);

            assertEquals(NetHeader.FLAG_NEEDS_CSUM, device.transmitted().header[NetHeader.FLAGS]);
            assertArrayEquals(new byte[12], device.transmitted().header);
        }
    }

    @ParameterizedTest
    @CsvSource({"59, 0", "44, 15", "65536, 0", "0, 65536", "2147483647, 2147483647"})
    void checksumOutsideThePacketIsDropped(int start, int offset) {
        device.offers(NetFeature.CSUM);
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = bench.packet(Bench.frame(60));
            packet.partialChecksum(start, offset);

            assertTrue(bench.tx.transmit(packet));

            assertDropped(bench, DropReason.MALFORMED);
        }
    }

    @Test
    @DisplayName("regression 11: the driver completes the checksum when the device did not negotiate CSUM")
    void checksumIsCompletedInSoftware() {
        try (Bench bench = Bench.running(device)) {
            byte[] frame = Bench.frame(61);
            NetBuf packet = bench.packet(frame);
            packet.partialChecksum(34, 6);
            bench.tx.transmit(packet);

            Sent sent = device.transmitted();

            assertArrayEquals(new byte[12], sent.header, "TX3: no flags");
            byte[] expected = frame.clone();
            int checksum = NaiveChecksum.of(frame, 34, frame.length);
            expected[40] = (byte) (checksum >>> 8);
            expected[41] = (byte) checksum;
            assertArrayEquals(expected, sent.frame);
        }
    }

    @Test
    @DisplayName("regression 11 and 27: a shared packet is copied before its checksum is completed")
    void checksumOfASharedPacketIsCompletedInACopy() {
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = bench.packet(Bench.frame(60));
            packet.partialChecksum(34, 6);
            packet.retain();

            assertTrue(bench.tx.transmit(packet));

            byte[] expected = Bench.frame(60);
            int checksum = NaiveChecksum.of(expected, 34, 60);
            expected[40] = (byte) (checksum >>> 8);
            expected[41] = (byte) checksum;
            assertArrayEquals(expected, device.transmitted().frame);
            assertArrayEquals(Bench.frame(60), Bench.bytes(packet));
            assertEquals(1, packet.refCount());
            packet.free();
            bench.tx.reclaim();
            assertEquals(48, bench.pool.available());
        }
    }

    @ParameterizedTest
    @EnumSource(value = GsoType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    @DisplayName("regression 12: segmentation that was not negotiated is a counted drop (TX4)")
    void gsoIsDroppedUnlessNegotiated(GsoType type) {
        device.offers(NetFeature.CSUM, NetFeature.HOST_TSO4, NetFeature.HOST_TSO6);
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = bench.packet(Bench.frame(1000));
            packet.partialChecksum(34, 16);
            packet.gso(type, 500, 54);

            assertTrue(bench.tx.transmit(packet));

            assertDropped(bench, DropReason.UNSUPPORTED_OFFLOAD);
        }
    }

    @Test
    @DisplayName("regression 9: a chain of 18 pieces is sent as it is")
    void chainOfEighteenPieces() {
        try (Bench bench = new Bench(device).probed().prepared(64, 32).started()) {
            byte[] frame = Bench.frame(18 * 40);
            bench.tx.transmit(chain(bench.pool, frame, 40));

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
            bench.tx.transmit(chain(bench.pool, Bench.frame(100), 40));

            assertEquals(1, bench.tx.stats().packets());
            assertEquals(100, bench.tx.stats().bytes());
            assertEquals(3, device.transmitted().descriptors);
        }
    }

    @ParameterizedTest
    @CsvSource({"16, 16", "17, 1", "30, 1"})
    @DisplayName("regression 9: a chain in more pieces than the ring has descriptors is copied")
    void chainLongerThanTheRingIsCopied(int pieces, int descriptors) {
        device.offers(NetFeature.CSUM);
        try (Bench bench = Bench.running(device)) {
            byte[] frame = Bench.frame(pieces * 10);
            NetBuf packet = chain(bench.pool, frame, 10);
            packet.partialChecksum(34, 6);
            assertTrue(bench.tx.transmit(packet));

            Sent sent = device.transmitted();

            assertEquals(descriptors, sent.descriptors);
            assertArrayEquals(frame, sent.frame);
            assertArrayEquals(new byte[]{NetHeader.FLAG_NEEDS_CSUM, 0, 0, 0, 0, 0, 34, 0, 6, 0, 0, 0}, sent.header);
            bench.tx.reclaim();
            assertEquals(48, bench.pool.available());
        }
    }

    @Test
    void chainThatIsTooLongEvenAsACopyIsDropped() {
        try (Bench bench = Bench.running(device)) {
            NetBufPool small = bench.pool("small", 64, 64, 20);

            assertTrue(bench.tx.transmit(chain(small, Bench.frame(15 * 20 + 10), 10)));

            assertDropped(bench, DropReason.TOO_MANY_SEGMENTS);
            assertEquals(64, small.available());
        }
    }

    @Test
    void chainThatCannotBeCopiedForLackOfBuffersIsDropped() {
        try (Bench bench = Bench.running(device)) {
            NetBufPool small = bench.pool("small", 20, 64, 128);
            assertTrue(bench.tx.transmit(chain(small, Bench.frame(200), 10)), "20 pieces");

            assertDropped(bench, DropReason.NO_BUFFER);
            assertEquals(20, small.available());
        }
    }

    @Test
    void chainToBeCopiedWaitsForRoom() {
        try (Bench bench = Bench.running(device)) {
            assertTrue(bench.tx.transmit(chain(bench.pool, Bench.frame(160), 10)));
            NetBuf second = chain(bench.pool, Bench.frame(170), 10);
            assertFalse(bench.tx.transmit(second), "the ring is full");
            assertEquals(17, second.segmentCount());

            device.drain();

            assertTrue(bench.tx.transmit(second));
            assertArrayEquals(Bench.frame(170), device.transmitted().frame);
        }
    }

    @Test
    void sharedChainHasItsHeaderInADescriptorOfItsOwn() {
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = chain(bench.pool, Bench.frame(100), 40);
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
            NetBuf big = chain(bench.pool, Bench.frame(100), 10);
            NetBuf second = chain(bench.pool, Bench.frame(100), 10);
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

    @ParameterizedTest
    @CsvSource({"1500, 1514, false", "1500, 1518, true", "9000, 9014, false", "9000, 9018, true", "68, 82, false"})
    @DisplayName("regression 10: 1518 bytes with a VLAN tag and jumbo frames are sent as the MTU allows")
    void frameOfTheMtuIsSent(int mtu, int length, boolean tagged) {
        try (Bench bench = jumbo(mtu)) {
            NetBufPool jumbo = bench.pool("jumbo", 4, 64, 9216);
            byte[] frame = Bench.frame(length);
            tag(frame, tagged);

            assertTrue(bench.tx.transmit(Bench.packet(jumbo, frame)));

            assertArrayEquals(frame, device.transmitted().frame);
        }
    }

    @ParameterizedTest
    @CsvSource({"1500, 1515, false", "1500, 1519, true", "9000, 9015, false", "68, 83, false"})
    @DisplayName("NC12: nothing larger than the MTU is sent")
    void frameBeyondTheMtuIsDropped(int mtu, int length, boolean tagged) {
        try (Bench bench = jumbo(mtu)) {
            NetBufPool jumbo = bench.pool("jumbo", 4, 64, 9216);
            byte[] frame = Bench.frame(length);
            tag(frame, tagged);

            assertTrue(bench.tx.transmit(Bench.packet(jumbo, frame)));

            assertDropped(bench, DropReason.OVERSIZE);
            assertEquals(4, jumbo.available());
        }
    }

    private Bench jumbo(int mtu) {
        Bench bench = Bench.running(device);
        bench.dev.mtu(mtu);
        return bench;
    }

    private static void tag(byte[] frame, boolean tagged) {
        frame[12] = (byte) (tagged ? 0x81 : 0x08);
        frame[13] = 0;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 13})
    void runtIsDropped(int length) {
        try (Bench bench = Bench.running(device)) {
            assertTrue(bench.tx.transmit(bench.packet(Bench.frame(length))));

            assertDropped(bench, DropReason.RUNT);
        }
    }

    @Test
    void packetInMemoryTheDeviceCannotReachIsDropped() {
        try (Bench bench = Bench.running(device)) {
            NetBufPool stranger = NetBufPool.builder().buffers(4).dataSize(256).cacheSize(0).build();

            assertTrue(bench.tx.transmit(Bench.packet(stranger, Bench.frame(60))));

            assertDropped(bench, DropReason.UNREACHABLE_MEMORY);
            assertEquals(4, stranger.available());

            bench.dev.attachMemory(stranger.region());
            assertTrue(bench.tx.transmit(Bench.packet(stranger, Bench.frame(60))));
            assertArrayEquals(Bench.frame(60), device.transmitted().frame);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void chainWithAPieceTheDeviceCannotReachIsDropped(boolean shared) {
        try (Bench bench = Bench.running(device)) {
            NetBufPool stranger = NetBufPool.builder().buffers(4).dataSize(256).cacheSize(0).build();
            NetBuf packet = bench.packet(Bench.frame(60));
            packet.chain(Bench.packet(stranger, Bench.frame(60)));
            if (shared) {
                packet.retain();
            }

            assertTrue(bench.tx.transmit(packet));

            if (shared) {
                packet.free();
            }
            assertDropped(bench, DropReason.UNREACHABLE_MEMORY);
            assertEquals(4, stranger.available());
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
            assertEquals(1, device.kicks(TX));
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
    @DisplayName("regression 13: a used entry that cannot be breaks the queue; its packets come back with stop")
    void impossibleUsedEntryBreaksTheQueue() {
        try (Bench bench = Bench.running(device)) {
            bench.tx.transmit(bench.packet(Bench.frame(60)));
            device.cheat(TX, 0, 99, 0);
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

    private void assertDropped(Bench bench, DropReason reason) {
        assertEquals(Map.of(reason, 1L), bench.tx.stats().drops());
        assertNull(device.transmitted() == null ? null : "something was sent");
        assertEquals(48, bench.pool.available(), "freed");
    }

    /** A packet of those bytes in pieces of {@code pieceLength}. */
    private static NetBuf chain(NetBufPool pool, byte[] frame, int pieceLength) {
        NetBuf head = Bench.packet(pool, Arrays.copyOf(frame, pieceLength));
        for (int at = pieceLength; at < frame.length; at += pieceLength) {
            head.chain(Bench.packet(pool, Arrays.copyOfRange(frame, at, Math.min(at + pieceLength, frame.length))));
        }
        return head;
    }
}
