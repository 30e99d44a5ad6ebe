package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.net.ScriptedDevice.Sent;
import org.netdev4j.virtio.testing.Rule;

/** Packets that the device is to cut, as the driver describes them (virtio 1.4 §5.1.9.2.1). */
class LargeTransmitTest {
    private static final int HEADERS = 14 + 20 + 20;
    private static final int CHECKSUM_START = 34;
    private static final int TCP_CHECKSUM = 16;

    private final ScriptedDevice device = new ScriptedDevice()
            .offers(NetFeature.CSUM, NetFeature.HOST_TSO4, NetFeature.HOST_TSO6, NetFeature.HOST_USO);

    private static NetBuf large(Bench bench, GsoType type) {
        NetBuf packet = bench.packet(Bench.frame(1800));
        packet.partialChecksum(CHECKSUM_START, TCP_CHECKSUM);
        packet.gso(type, 500, HEADERS);
        return packet;
    }

    private static int field16(Sent sent, int offset) {
        return ByteBuffer.wrap(sent.header).order(ByteOrder.LITTLE_ENDIAN).getShort(offset) & 0xffff;
    }

    @ParameterizedTest
    @CsvSource({"TCP_IPV4, 1", "TCP_IPV6, 4", "UDP, 5"})
    @Rule("TX7")
    void segmentationComesWithAChecksumAndASize(GsoType type, int gsoType) {
        try (Bench bench = Bench.running(device)) {
            assertTrue(bench.tx.transmit(large(bench, type)));

            Sent sent = device.transmitted();

            assertEquals(NetHeader.FLAG_NEEDS_CSUM, sent.header[NetHeader.FLAGS]);
            assertEquals(gsoType, sent.header[NetHeader.GSO_TYPE]);
            assertEquals(500, field16(sent, NetHeader.GSO_SIZE));
            assertEquals(CHECKSUM_START, field16(sent, NetHeader.CSUM_START));
            assertEquals(TCP_CHECKSUM, field16(sent, NetHeader.CSUM_OFFSET));
            assertArrayEquals(Bench.frame(1800), sent.frame, "whole");
        }
    }

    @Test
    @Rule("TX7")
    void segmentationWithoutAChecksumIsMalformed() {
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = large(bench, GsoType.TCP_IPV4);
            packet.flags(0);

            assertTrue(bench.tx.transmit(packet));

            bench.assertDropped(DropReason.MALFORMED);
        }
    }

    @ParameterizedTest
    @CsvSource({"TCP_IPV4_ECN, 0x81", "TCP_IPV6_ECN, 0x84"})
    @Rule("TX5")
    void segmentsWithCongestionMarksNeedHostEcnAndSaySo(GsoType type, String gsoType) {
        device.offers(NetFeature.HOST_ECN);
        try (Bench bench = Bench.running(device)) {
            assertTrue(bench.tx.transmit(large(bench, type)));
            assertEquals(Integer.decode(gsoType), device.transmitted().header[NetHeader.GSO_TYPE] & 0xff);

            bench.dev.stop();
            device.offered = device.offered.without(NetFeature.HOST_ECN);
            bench.dev.start();
            assertTrue(bench.tx.transmit(large(bench, type)));
            for (Sent sent : device.drain()) {
                assertEquals(0, sent.header[NetHeader.GSO_TYPE] & 0x80, "without HOST_ECN");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    @Rule({"TX8.1", "TX8.2", "TX9"})
    void theLengthOfTheHeadersIsExact(boolean offered) {
        if (offered) {
            device.offers(NetFeature.GUEST_HDRLEN);
        }
        try (Bench bench = Bench.running(device)) {
            assertEquals(offered, device.accepted.has(NetFeature.GUEST_HDRLEN));
            assertTrue(bench.tx.transmit(large(bench, GsoType.TCP_IPV4)));
            assertEquals(HEADERS, field16(device.transmitted(), NetHeader.HDR_LEN));
        }
    }

    /** In front of the data, by whatever else was agreed on: 10, 12 or 20 bytes. */
    @ParameterizedTest
    @CsvSource({"10", "12", "20"})
    @Rule({"TX1", "RX3"})
    void theHeaderIsAsLongAsOnReceive(int length) {
        DriverOptions options = DriverOptions.DEFAULT;
        if (length == 10) {
            device.offered = device.offered.without(VirtioFeature.VERSION_1);
        } else if (length == 20) {
            device.offers(NetFeature.CTRL_VQ, NetFeature.HASH_REPORT);
            options = DriverOptions.parse(DeviceString.parse("loopback,features=+HASH_REPORT"));
        }
        try (Bench bench = new Bench(device, options).probed().prepared(64, 16).started()) {
            assertTrue(bench.tx.transmit(bench.packet(Bench.frame(60))));
            Sent sent = device.transmitted();
            assertEquals(length + 60, sent.header.length + sent.frame.length);

            device.deliver(new byte[length], Bench.frame(61));
            assertArrayEquals(Bench.frame(61), Bench.bytes(bench.receive()));
        }
    }

    /** A UDP datagram over IPv4 whose IP checksum is valid and whose own is the sum of the pseudo header. */
    @Test
    @Rule({"TX6.1", "TX6.2", "TX6.3"})
    void aPartialChecksumCanBeCompletedByWhoKnowsNoProtocol() {
        byte[] frame = Bench.frame(80);
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        bytes.putShort(12, (short) 0x0800).put(14, (byte) 0x45).putShort(16, (short) 66).put(23, (byte) 17);
        bytes.putShort(24, (short) 0).putShort(24, (short) NaiveChecksum.of(frame, 14, 34));
        bytes.putShort(38, (short) 46).putShort(40, (short) ~pseudoHeaderSum(frame, 46));
        byte[] valid = frame.clone();
        ByteBuffer.wrap(valid).putShort(40, (short) 0);
        ByteBuffer.wrap(valid).putShort(40, (short) udpChecksum(valid));
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = bench.packet(frame);
            packet.partialChecksum(34, 6);
            assertTrue(bench.tx.transmit(packet));

            Sent sent = device.transmitted();

            assertEquals(0, NaiveChecksum.of(sent.frame, 14, 34), "the checksum before it is valid");
            int start = field16(sent, NetHeader.CSUM_START);
            int at = start + field16(sent, NetHeader.CSUM_OFFSET);
            ByteBuffer.wrap(sent.frame).putShort(at, (short) NaiveChecksum.of(sent.frame, start, sent.frame.length));
            assertArrayEquals(valid, sent.frame);
        }
    }

    /** Complement of the sum over addresses, protocol and length. */
    private static int pseudoHeaderSum(byte[] frame, int length) {
        byte[] pseudo = new byte[12];
        System.arraycopy(frame, 26, pseudo, 0, 8);
        pseudo[9] = 17;
        pseudo[10] = (byte) (length >> 8);
        pseudo[11] = (byte) length;
        return NaiveChecksum.of(pseudo, 0, 12);
    }

    private static int udpChecksum(byte[] frame) {
        byte[] all = new byte[12 + frame.length - 34];
        System.arraycopy(frame, 26, all, 0, 8);
        all[9] = 17;
        int length = frame.length - 34;
        all[10] = (byte) (length >> 8);
        all[11] = (byte) length;
        System.arraycopy(frame, 34, all, 12, frame.length - 34);
        return NaiveChecksum.of(all, 0, all.length);
    }

    @ParameterizedTest
    @CsvSource({"49, 16", "1801, 16", "65536, 16"})
    void headersThatDoNotHoldTheChecksumOrArePastTheEndAreMalformed(int headers, int offset) {
        try (Bench bench = Bench.running(device)) {
            NetBuf packet = bench.packet(Bench.frame(1800));
            packet.partialChecksum(CHECKSUM_START, offset);
            packet.gso(GsoType.TCP_IPV4, 500, headers);

            assertTrue(bench.tx.transmit(packet));

            assertEquals(Map.of(DropReason.MALFORMED, 1L), bench.tx.stats().drops());
            assertFalse(device.available(ScriptedDevice.TX) > 0);
        }
    }
}
