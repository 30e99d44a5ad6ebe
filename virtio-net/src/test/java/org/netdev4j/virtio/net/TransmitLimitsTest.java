package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.net.ScriptedDevice.Sent;
import org.netdev4j.virtio.testing.Rule;

/** Packets that are too long, too short, in too many pieces or out of reach. */
class TransmitLimitsTest {
    private final ScriptedDevice device = new ScriptedDevice();

    @ParameterizedTest
    @CsvSource({"15, 15", "16, 1", "30, 1"})
    @DisplayName("regression 9: a chain in more pieces than the ring has descriptors is copied")
    void chainLongerThanTheRingIsCopied(int pieces, int descriptors) {
        device.offers(NetFeature.CSUM);
        try (Bench bench = Bench.running(device)) {
            byte[] frame = Bench.frame(pieces * 10);
            NetBuf packet = Bench.chain(bench.pool, frame, 10);
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
    void withIndirectDescriptorsTheRingTakesAsManyChainsAsItHasDescriptors() {
        device.offers(VirtioFeature.INDIRECT_DESC);
        try (Bench bench = Bench.running(device)) {
            for (int i = 0; i < 16; i++) {
                assertTrue(bench.tx.transmit(Bench.chain(bench.pool, Bench.frame(60), 30)));
            }
            NetBuf oneMore = bench.packet(Bench.frame(60));
            assertFalse(bench.tx.transmit(oneMore), "the ring is full");
            oneMore.free();
        }
    }

    @Test
    void chainThatIsTooLongEvenAsACopyIsDropped() {
        try (Bench bench = Bench.running(device)) {
            NetBufPool small = bench.pool("small", 64, 64, 20);

            assertTrue(bench.tx.transmit(Bench.chain(small, Bench.frame(15 * 20 + 10), 10)));

            bench.assertDropped(DropReason.TOO_MANY_SEGMENTS);
            assertEquals(64, small.available());
        }
    }

    @Test
    void chainThatCannotBeCopiedForLackOfBuffersIsDropped() {
        try (Bench bench = Bench.running(device)) {
            NetBufPool small = bench.pool("small", 20, 64, 128);
            assertTrue(bench.tx.transmit(Bench.chain(small, Bench.frame(200), 10)), "20 pieces");

            bench.assertDropped(DropReason.NO_BUFFER);
            assertEquals(20, small.available());
        }
    }

    @Test
    void chainToBeCopiedWaitsForRoom() {
        try (Bench bench = Bench.running(device)) {
            for (int i = 0; i < 16; i++) {
                assertTrue(bench.tx.transmit(bench.packet(Bench.frame(60))));
            }
            NetBuf second = Bench.chain(bench.pool, Bench.frame(170), 10);
            assertFalse(bench.tx.transmit(second), "the ring is full");
            assertEquals(17, second.segmentCount());

            device.drain();

            assertTrue(bench.tx.transmit(second));
            assertArrayEquals(Bench.frame(170), device.transmitted().frame);
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
    @Rule("NC12.2")
    void frameBeyondTheMtuIsDropped(int mtu, int length, boolean tagged) {
        try (Bench bench = jumbo(mtu)) {
            NetBufPool jumbo = bench.pool("jumbo", 4, 64, 9216);
            byte[] frame = Bench.frame(length);
            tag(frame, tagged);

            assertTrue(bench.tx.transmit(Bench.packet(jumbo, frame)));

            bench.assertDropped(DropReason.OVERSIZE);
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

            bench.assertDropped(DropReason.RUNT);
        }
    }

    @Test
    void packetInMemoryTheDeviceCannotReachIsDropped() {
        try (Bench bench = Bench.running(device)) {
            NetBufPool stranger = NetBufPool.builder().buffers(4).dataSize(256).cacheSize(0).build();

            assertTrue(bench.tx.transmit(Bench.packet(stranger, Bench.frame(60))));

            bench.assertDropped(DropReason.UNREACHABLE_MEMORY);
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
            bench.assertDropped(DropReason.UNREACHABLE_MEMORY);
            assertEquals(4, stranger.available());
        }
    }
}
