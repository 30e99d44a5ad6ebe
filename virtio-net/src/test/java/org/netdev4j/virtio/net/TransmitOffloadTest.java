package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.net.ScriptedDevice.Sent;
import org.netdev4j.virtio.testing.Rule;

/** What packets ask for when they are sent: checksums and segmentation (virtio 1.4 §5.1.9.2.1). */
class TransmitOffloadTest {
    private final ScriptedDevice device = new ScriptedDevice();

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
    @Rule("TX10")
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

            bench.assertDropped(DropReason.MALFORMED);
        }
    }

    @Test
    @DisplayName("regression 11: the checksum is completed in software when the device did not negotiate CSUM")
    @Rule("TX3")
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

    @Test
    void aDeviceThatOffersLessAfterARestartIsHelped() {
        device.offers(NetFeature.CSUM);
        try (Bench bench = Bench.running(device)) {
            bench.dev.stop();
            device.offered = device.offered.without(NetFeature.CSUM);
            bench.dev.start();
            NetBuf packet = bench.packet(Bench.frame(60));
            packet.partialChecksum(34, 6);

            bench.tx.transmit(packet);

            assertArrayEquals(new byte[12], device.transmitted().header);
        }
    }

    @ParameterizedTest
    @EnumSource(value = GsoType.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    @DisplayName("TX4: the driver itself does not take segmentation that was not negotiated")
    @Rule("TX4")
    void gsoIsDroppedUnlessNegotiated(GsoType type) {
        device.offers(NetFeature.CSUM, NetFeature.HOST_TSO4, NetFeature.HOST_TSO6);
        try (Bench bench = new Bench(device).probed().prepared(64, 16)) {
            NetBuf packet = bench.packet(Bench.frame(1000));
            packet.partialChecksum(34, 16);
            packet.gso(type, 500, 54);
            TransmitHeader header = new TransmitHeader();
            header.negotiated(Features.of(VirtioFeature.VERSION_1, NetFeature.CSUM));

            assertEquals(DropReason.UNSUPPORTED_OFFLOAD, header.describe(packet, 1000));
            packet.free();
        }
    }
}
