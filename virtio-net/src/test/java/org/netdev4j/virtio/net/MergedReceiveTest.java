package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.virtio.testing.Rule;

/** Packets that a device spreads over several buffers, or joined from several (virtio 1.4 §5.1.9.4). */
class MergedReceiveTest {
    private static final int HEADERS = 14 + 20 + 20;
    private static final int BUFFERS = 64;
    private static final int RING_SIZE = 16;

    private final ScriptedDevice device = new ScriptedDevice();

    private static byte[] header(int numBuffers) {
        byte[] header = new byte[NetHeader.LENGTH];
        header[NetHeader.NUM_BUFFERS] = (byte) numBuffers;
        header[NetHeader.NUM_BUFFERS + 1] = (byte) (numBuffers >> 8);
        return header;
    }

    /** Puts a frame in buffers of those lengths, the header in front of the first. */
    private void deliver(byte[] header, byte[] frame, int... lengths) {
        int at = 0;
        for (int i = 0; i < lengths.length; i++) {
            assertTrue(device.fill(i == 0 ? header : new byte[0], Arrays.copyOfRange(frame, at, at + lengths[i])));
            at += lengths[i];
        }
        device.publish(ScriptedDevice.RX);
    }

    private static void assertNothingLeaked(Bench bench) {
        assertNull(bench.receive());
        assertEquals(BUFFERS - RING_SIZE, bench.pool.available());
        assertEquals(RING_SIZE, bench.device.available(ScriptedDevice.RX));
    }

    @Test
    @Rule({"RX24", "RX2"})
    void onlyTheFirstBufferOfAPacketHasAHeader() {
        device.offers(NetFeature.MRG_RXBUF);
        try (Bench bench = Bench.running(device)) {
            assertTrue(device.nextReceivePieces().stream().mapToInt(Integer::intValue).sum() >= NetHeader.LENGTH);
            byte[] frame = Bench.frame(4000);
            deliver(header(3), frame, 2000, 1500, 500);
            deliver(header(1), Bench.frame(60), 60);

            NetBuf merged = bench.receive();

            assertArrayEquals(frame, Bench.bytes(merged));
            merged.free();
            NetBuf single = bench.receive();
            assertArrayEquals(Bench.frame(60), Bench.bytes(single));
            single.free();
            assertNothingLeaked(bench);
            assertEquals(4060, bench.rx.stats().bytes());
        }
    }

    @Test
    void aPacketIsWholeThoughOneWasAskedForAndItsBuffersAreMany() {
        device.offers(NetFeature.MRG_RXBUF);
        try (Bench bench = Bench.running(device)) {
            byte[] frame = Bench.frame(160);
            deliver(header(16), frame, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10);
            NetBuf merged = bench.receive();
            assertArrayEquals(frame, Bench.bytes(merged));
            merged.free();
            assertNothingLeaked(bench);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 17, 65535})
    void aPacketOfBuffersThatAreNotThereIsDropped(int numBuffers) {
        device.offers(NetFeature.MRG_RXBUF);
        try (Bench bench = Bench.running(device)) {
            deliver(header(numBuffers), Bench.frame(200), 100, 100);
            assertNull(bench.receive());
            bench.receive();
            assertTrue(bench.rx.stats().drops().get(DropReason.MALFORMED) >= 1);
            deliver(header(1), Bench.frame(60), 60);
            NetBuf good = bench.receive();
            assertArrayEquals(Bench.frame(60), Bench.bytes(good));
            good.free();
            assertNothingLeaked(bench);
        }
    }

    @Test
    void aFirstBufferWithoutAWholeHeaderIsDroppedWithTheOthers() {
        device.offers(NetFeature.MRG_RXBUF);
        try (Bench bench = Bench.running(device)) {
            device.deliver(header(1), Bench.frame(60));
            device.deliver(header(2), new byte[0], 11);
            device.deliver(new byte[0], Bench.frame(100), 100);
            NetBuf first = bench.receive();
            first.free();
            assertNull(bench.receive());
            assertFalse(bench.rx.stats().drops().isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource({"54", "0", "65535"})
    @Rule("RX21")
    void theLengthOfTheHeadersIsReadFromThePacket(int claimed) {
        device.offers(NetFeature.MRG_RXBUF, NetFeature.GUEST_CSUM, NetFeature.GUEST_TSO4);
        try (Bench bench = large(device).prepared(BUFFERS, RING_SIZE).started()) {
            byte[] frame = Bench.frame(3000);
            frame[HEADERS - 8] = 0x50;
            byte[] header = header(2);
            header[NetHeader.FLAGS] = NetHeader.FLAG_NEEDS_CSUM;
            header[NetHeader.GSO_TYPE] = NetHeader.GSO_TCPV4;
            header[NetHeader.HDR_LEN] = (byte) claimed;
            header[NetHeader.HDR_LEN + 1] = (byte) (claimed >> 8);
            header[NetHeader.GSO_SIZE] = 100;
            header[NetHeader.CSUM_START] = 34;
            header[NetHeader.CSUM_OFFSET] = 16;
            deliver(header, frame, 2000, 1000);

            NetBuf packet = bench.receive();

            assertEquals(GsoType.TCP_IPV4, packet.gsoType());
            assertEquals(100, packet.gsoSize());
            assertEquals(HEADERS, packet.headerLength());
            packet.free();
            assertNothingLeaked(bench);
        }
    }

    private static Bench large(ScriptedDevice device) {
        return new Bench(device, DriverOptions.parse(DeviceString.parse("loopback,features=+GUEST_TSO4"))).probed();
    }

    @Test
    @Rule("RX1.1")
    void withoutMergingABufferHoldsAFrame() {
        try (Bench _ = Bench.running(device)) {
            int bytes = device.nextReceivePieces().stream().mapToInt(Integer::intValue).sum();
            assertTrue(bytes >= 1526, bytes + " bytes");
        }
    }

    @Test
    @Rule("RX1.2")
    void segmentsAreAgreedToOnlyWithRoomForTheLargest() {
        device.offers(NetFeature.GUEST_CSUM, NetFeature.GUEST_TSO4);
        try (Bench bench = large(device).prepared(BUFFERS, RING_SIZE)) {
            assertThrows(NetDevException.class, bench::started, "buffers of 2048 bytes");
        }
        ScriptedDevice roomy = new ScriptedDevice().offers(NetFeature.GUEST_CSUM, NetFeature.GUEST_TSO4);
        try (Bench bench = large(roomy)) {
            bench.prepared(bench.pool("large", 32, 128, 65_589)).started();
            assertTrue(roomy.accepted.has(NetFeature.GUEST_TSO4));
            int bytes = roomy.nextReceivePieces().stream().mapToInt(Integer::intValue).sum();
            assertTrue(bytes >= 65_601, bytes + " bytes");
        }
    }

    @Test
    void everyBufferOfADroppedPacketComesBack() {
        device.offers(NetFeature.MRG_RXBUF);
        try (Bench bench = Bench.running(device)) {
            byte[] header = header(3);
            header[NetHeader.GSO_TYPE] = NetHeader.GSO_TCPV6;
            for (int i = 0; i < 100; i++) {
                deliver(header, Bench.frame(300), 100, 100, 100);
                assertNull(bench.receive());
            }
            assertEquals(Map.of(DropReason.MALFORMED, 100L), bench.rx.stats().drops());
            assertEquals(List.of(BUFFERS - RING_SIZE, RING_SIZE),
                    List.of(bench.pool.available(), device.available(ScriptedDevice.RX)));
        }
    }
}
