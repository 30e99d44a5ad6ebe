package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.virtio.testing.Rule;

/** The receive queue against what a device writes (virtio 1.4 §5.1.9.3, §5.1.9.4). */
class ReceiveTest {
    private static final int RX = ScriptedDevice.RX;

    private final ScriptedDevice device = new ScriptedDevice();

    @Test
    @DisplayName("regression 1: the length of the packet is the length of the frame")
    void lengthIsTheLengthOfTheFrame() {
        try (Bench bench = Bench.running(device)) {
            device.deliver(Bench.frame(60));

            NetBuf packet = bench.receive();

            assertEquals(60, packet.totalLength());
            assertArrayEquals(Bench.frame(60), Bench.bytes(packet));
            assertEquals(128, packet.headroom());
            assertEquals(1, bench.rx.stats().packets());
            assertEquals(60, bench.rx.stats().bytes());
            packet.free();
        }
    }

    @Test
    @DisplayName("seed 0.2: header and data in one descriptor when the headroom holds the header")
    @Rule("SQ8")
    void headerAndDataInOneDescriptor() {
        try (Bench bench = Bench.running(device)) {
            assertEquals(List.of(12 + 2048), device.nextReceivePieces());
            assertEquals(12, bench.dev.info().rxHeadroom());
        }
    }

    @Test
    void headerInADescriptorOfItsOwnWhenThereIsNoHeadroom() {
        try (Bench bench = new Bench(device).probed()) {
            NetBufPool pool = bench.pool("no headroom", 64, 0, 2048);
            bench.ops.configure(NetDevConfig.ONE_PAIR);
            VirtioRxQueue rx = (VirtioRxQueue) bench.ops.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(16));
            bench.ops.configureTxQueue(0, TxQueueConfig.POLLED);
            bench.ops.start();

            assertEquals(8, device.available(RX), "two descriptors each");
            assertEquals(List.of(12, 2048), device.nextReceivePieces());
            for (int length = 14; length < 300; length++) {
                assertTrue(device.deliver(Bench.frame(length)));
                NetBuf[] packets = new NetBuf[4];
                assertEquals(1, rx.receiveBurst(packets, 0, 4));
                assertArrayEquals(Bench.frame(length), Bench.bytes(packets[0]));
                assertEquals(0, packets[0].headroom());
                packets[0].free();
            }
            bench.ops.stop();
            assertEquals(64, pool.available());
        }
    }

    @Test
    void packetsComeInOrderAndNoMoreThanAsked() {
        try (Bench bench = Bench.running(device)) {
            for (int i = 0; i < 10; i++) {
                device.deliver(Bench.frame(60 + i));
            }
            NetBuf[] packets = new NetBuf[8];

            assertEquals(3, bench.rx.receive(packets, 2, 3));
            assertNull(packets[1]);
            assertEquals(60, packets[2].totalLength());
            assertEquals(62, packets[4].totalLength());
            assertNull(packets[5]);
            assertEquals(7, bench.rx.receive(packets, 0, 8));
            assertEquals(63, packets[0].totalLength());
            assertEquals(0, bench.rx.receive(packets));
            assertEquals(1, bench.rx.stats().empty());
        }
    }

    @Test
    void ringIsFilledAgainByTheReceiveThatEmptiesIt() {
        try (Bench bench = Bench.running(device)) {
            for (int i = 0; i < 16; i++) {
                device.deliver(Bench.frame(60));
            }
            assertEquals(0, device.available(RX));

            assertEquals(16, bench.rx.receive(new NetBuf[32]));

            assertEquals(16, device.available(RX));
            assertEquals(2, device.kicks(RX), "one at start, one for the whole refill");
        }
    }

    @Test
    @DisplayName("regression 5: receives again after the pool was empty and the ring with it")
    void recoversAfterThePoolRanDry() {
        try (Bench bench = new Bench(device).probed().prepared(16, 16).started()) {
            List<NetBuf> held = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                assertTrue(device.deliver(Bench.frame(60)));
                held.add(bench.receive());
            }
            assertEquals(0, device.available(RX), "the application holds every buffer");
            assertTrue(!device.deliver(Bench.frame(60)), "and the device has none to write to");
            assertNull(bench.receive());
            assertTrue(bench.dev.counters().get("rx0 short fills") > 0);

            held.forEach(NetBuf::free);
            assertNull(bench.receive(), "nothing has arrived, yet the ring is filled");

            assertEquals(16, device.available(RX));
            assertTrue(device.deliver(Bench.frame(61)));
            NetBuf packet = bench.receive();
            assertEquals(61, packet.totalLength());
            packet.free();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, MALFORMED", "11, MALFORMED", "12, RUNT", "25, RUNT"})
    @DisplayName("regression 6: a runt is counted and its place in the ring filled again")
    void runtIsCountedAndTheSlotRefilled(int written, DropReason reason) {
        try (Bench bench = Bench.running(device)) {
            device.deliverLength(written);

            assertNull(bench.receive());

            assertEquals(Map.of(reason, 1L), bench.rx.stats().drops());
            assertEquals(0, bench.rx.stats().packets());
            assertEquals(16, device.available(RX));
            assertEquals(48, bench.pool.available(), "no buffer leaked");
            device.deliver(Bench.frame(60));
            bench.receive().free();
        }
    }

    @Test
    @Rule("SQ24")
    void bytesBeyondTheLengthMeanNothing() {
        try (Bench bench = Bench.running(device)) {
            for (int length = 14; length < 64; length++) {
                device.deliver(ScriptedDevice.PLAIN_HEADER, Bench.frame(2000), NetHeader.LENGTH + length);

                NetBuf packet = bench.receive();

                assertArrayEquals(Bench.frame(length), Bench.bytes(packet));
                assertEquals(1, packet.segmentCount());
                packet.free();
            }
        }
    }

    @Test
    @DisplayName("regression 6: a good packet behind runts is received by the same call")
    void packetBehindRuntsIsReceived() {
        try (Bench bench = Bench.running(device)) {
            for (int i = 0; i < 5; i++) {
                device.deliverLength(12);
            }
            device.deliver(Bench.frame(60));

            NetBuf packet = bench.receive();

            assertEquals(60, packet.totalLength());
            assertEquals(5, bench.rx.stats().dropped());
            packet.free();
        }
    }

    @ParameterizedTest
    @CsvSource({"1514, 1500", "1518, 1500", "9014, 9000", "82, 68"})
    @DisplayName("regression 10: VLAN-tagged and jumbo frames are received as the MTU allows")
    void frameOfTheMtuIsReceived(int length, int mtu) {
        device.offers(NetFeature.MTU).config16(NetConfigLayout.MTU, mtu);
        try (Bench bench = jumbo()) {
            device.deliver(Bench.frame(length));

            NetBuf packet = bench.receive();

            assertArrayEquals(Bench.frame(length), Bench.bytes(packet));
            packet.free();
        }
    }

    @Test
    @DisplayName("regression 6: a frame beyond the MTU is counted and its place filled again")
    void frameBeyondTheMtuIsDropped() {
        device.offers(NetFeature.MTU).config16(NetConfigLayout.MTU, 1500);
        try (Bench bench = jumbo()) {
            device.deliver(Bench.frame(1519));

            assertNull(bench.receive());

            assertEquals(Map.of(DropReason.OVERSIZE, 1L), bench.rx.stats().drops());
            assertEquals(16, device.available(RX));
        }
    }

    private Bench jumbo() {
        Bench bench = new Bench(device).probed();
        bench.pool = bench.pool("jumbo", 64, 64, 9216);
        return bench.prepared(RxQueueConfig.polled(bench.pool).withSize(16), TxQueueConfig.POLLED).started();
    }

    @Test
    @Rule("NC12.2")
    void buffersTooSmallForTheMtuAreRefused() {
        device.offers(NetFeature.MTU).config16(NetConfigLayout.MTU, 9000);
        try (Bench bench = new Bench(device).probed()) {
            NetDevException refused = assertThrowsNetDevException(() -> bench.prepared(64, 16));

            assertTrue(refused.getMessage().contains("9014") && refused.getMessage().contains("2048"),
                    refused.getMessage());
        }
    }

    private static NetDevException assertThrowsNetDevException(Runnable call) {
        return assertThrows(NetDevException.class, call::run);
    }

    @Test
    void needsChecksumBecomesPartialWithItsPlace() {
        device.offers(NetFeature.GUEST_CSUM);
        try (Bench bench = Bench.running(device)) {
            device.deliver(header(NetHeader.FLAG_NEEDS_CSUM, NetHeader.GSO_NONE, 34, 16), Bench.frame(60));

            NetBuf packet = bench.receive();

            assertEquals(NetBuf.CHECKSUM_PARTIAL, packet.flags());
            assertEquals(34, packet.checksumStart());
            assertEquals(16, packet.checksumOffset());
            packet.free();
        }
    }

    @ParameterizedTest
    @CsvSource({"58, 0", "44, 14", "42, 16"})
    void checksumInTheLastTwoBytesIsAccepted(int start, int offset) {
        device.offers(NetFeature.GUEST_CSUM);
        try (Bench bench = Bench.running(device)) {
            device.deliver(header(NetHeader.FLAG_NEEDS_CSUM, NetHeader.GSO_NONE, start, offset), Bench.frame(60));

            NetBuf packet = bench.receive();

            assertEquals(start, packet.checksumStart());
            packet.free();
        }
    }

    @ParameterizedTest
    @CsvSource({"59, 0", "44, 15", "60, 0", "0, 59", "65535, 65535", "65535, 0", "0, 65535"})
    void checksumOutsideTheFrameIsMalformed(int start, int offset) {
        device.offers(NetFeature.GUEST_CSUM);
        try (Bench bench = Bench.running(device)) {
            device.deliver(header(NetHeader.FLAG_NEEDS_CSUM, NetHeader.GSO_NONE, start, offset), Bench.frame(60));

            assertNull(bench.receive());

            assertEquals(Map.of(DropReason.MALFORMED, 1L), bench.rx.stats().drops());
            assertEquals(16, device.available(RX));
        }
    }

    @Test
    @Rule("RX22")
    void dataValidVouchesForTheChecksum() {
        device.offers(NetFeature.GUEST_CSUM);
        try (Bench bench = Bench.running(device)) {
            device.deliver(header(NetHeader.FLAG_DATA_VALID, NetHeader.GSO_NONE, 34, 16), Bench.frame(60));

            NetBuf packet = bench.receive();

            assertEquals(NetBuf.CHECKSUM_VALID, packet.flags());
            packet.free();
        }
    }

    @Test
    @DisplayName("RX22: without GUEST_CSUM nobody vouches for a checksum")
    @Rule("RX22")
    void dataValidIsIgnoredUnlessNegotiated() {
        try (Bench bench = Bench.running(device)) {
            device.deliver(header(NetHeader.FLAG_DATA_VALID, NetHeader.GSO_NONE, 34, 16), Bench.frame(60));

            NetBuf packet = bench.receive();

            assertEquals(0, packet.flags());
            packet.free();
        }
    }

    @Test
    @DisplayName("RX10: a partial checksum that was not negotiated is malformed")
    void needsChecksumIsMalformedUnlessNegotiated() {
        try (Bench bench = Bench.running(device)) {
            device.deliver(header(NetHeader.FLAG_NEEDS_CSUM, NetHeader.GSO_NONE, 34, 16), Bench.frame(60));

            assertNull(bench.receive());

            assertEquals(Map.of(DropReason.MALFORMED, 1L), bench.rx.stats().drops());
        }
    }

    @Test
    @DisplayName("RX20: csum_start means something else with RSC_INFO")
    @Rule("RX20")
    void needsChecksumWithCoalescingInfoIsMalformed() {
        device.offers(NetFeature.GUEST_CSUM);
        try (Bench bench = Bench.running(device)) {
            device.deliver(header(NetHeader.FLAG_NEEDS_CSUM | NetHeader.FLAG_RSC_INFO, NetHeader.GSO_NONE, 34, 16),
                    Bench.frame(60));

            assertNull(bench.receive());

            assertEquals(Map.of(DropReason.MALFORMED, 1L), bench.rx.stats().drops());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 32, 64, 128, 0xf8})
    @DisplayName("RX19: unknown flag bits are ignored")
    @Rule({"RX19", "RX20"})
    void unknownFlagsAreIgnored(int flags) {
        device.offers(NetFeature.GUEST_CSUM);
        try (Bench bench = Bench.running(device)) {
            device.deliver(header(flags, NetHeader.GSO_NONE, 65535, 65535), Bench.frame(60));

            NetBuf packet = bench.receive();

            assertEquals(0, packet.flags());
            assertArrayEquals(Bench.frame(60), Bench.bytes(packet));
            packet.free();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 17, 65535})
    @DisplayName("regression 14: num_buffers means nothing without MRG_RXBUF, however large")
    void numBuffersIsNotLookedAtUnlessNegotiated(int numBuffers) {
        try (Bench bench = Bench.running(device)) {
            byte[] header = new byte[NetHeader.LENGTH];
            header[NetHeader.NUM_BUFFERS] = (byte) numBuffers;
            header[NetHeader.NUM_BUFFERS + 1] = (byte) (numBuffers >>> 8);
            device.deliver(header, Bench.frame(60));

            NetBuf packet = bench.receive();

            assertEquals(1, packet.segmentCount());
            assertArrayEquals(Bench.frame(60), Bench.bytes(packet));
            packet.free();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {NetHeader.GSO_TCPV4, NetHeader.GSO_UDP, NetHeader.GSO_TCPV6, NetHeader.GSO_UDP_L4,
        NetHeader.GSO_ECN, 2, 0x20, 0xff})
    @DisplayName("RX11, regression 15: a GSO type that was not negotiated is malformed")
    void gsoIsMalformedUnlessNegotiated(int gsoType) {
        device.offers(NetFeature.GUEST_CSUM, NetFeature.GUEST_TSO4);
        try (Bench bench = Bench.running(device)) {
            device.deliver(header(NetHeader.FLAG_NEEDS_CSUM, gsoType, 34, 16), Bench.frame(60));

            assertNull(bench.receive());

            assertEquals(Map.of(DropReason.MALFORMED, 1L), bench.rx.stats().drops());
        }
    }

    @Test
    void bufferOfADroppedPacketCarriesNothingIntoTheNext() {
        device.offers(NetFeature.GUEST_CSUM);
        try (Bench bench = new Bench(device).probed().prepared(2, 2).started()) {
            device.deliver(header(NetHeader.FLAG_NEEDS_CSUM, NetHeader.GSO_TCPV4, 34, 16), Bench.frame(60));
            assertNull(bench.receive());
            for (int i = 0; i < 4; i++) {
                device.deliver(Bench.frame(60 + i));
                NetBuf packet = bench.receive();
                assertEquals(0, packet.flags());
                assertEquals(128, packet.headroom());
                assertArrayEquals(Bench.frame(60 + i), Bench.bytes(packet));
                packet.free();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"16, 60", "-1, 60", "2147483647, 60", "0, 2061", "0, -1"})
    @DisplayName("regression 13: a used entry that cannot be breaks the queue; it corrupts nothing and is cured by a restart")
    void impossibleUsedEntryBreaksTheQueue(int id, int length) {
        try (Bench bench = Bench.running(device)) {
            device.cheat(RX, 0, id, length);

            assertNull(bench.receive());
            assertNull(bench.receive());

            assertEquals(Map.of(DropReason.RESET, 1L), bench.rx.stats().drops(), "counted once");
            assertTrue(bench.dev.details().containsKey("rx0 broken"));
            assertEquals(48, bench.pool.available());

            bench.dev.stop();
            assertEquals(64, bench.pool.available());
            bench.dev.start();
            device.deliver(Bench.frame(60));
            bench.receive().free();
        }
    }

    @Test
    @DisplayName("regression 13: a buffer returned twice breaks the queue")
    void bufferReturnedTwiceBreaksTheQueue() {
        try (Bench bench = Bench.running(device)) {
            device.cheat(RX, 0, 3, 72);
            device.cheat(RX, 1, 3, 72);

            NetBuf[] packets = new NetBuf[4];
            assertEquals(1, bench.rx.receive(packets));
            assertEquals(0, bench.rx.receive(packets));

            assertTrue(bench.dev.details().containsKey("rx0 broken"));
            packets[0].free();
            bench.dev.stop();
            assertEquals(64, bench.pool.available());
        }
    }

    /** A header with that content and num_buffers 1. */
    private static byte[] header(int flags, int gsoType, int checksumStart, int checksumOffset) {
        return new byte[]{(byte) flags, (byte) gsoType, 0, 0, 0, 0, (byte) checksumStart, (byte) (checksumStart >>> 8),
            (byte) checksumOffset, (byte) (checksumOffset >>> 8), 1, 0};
    }
}
