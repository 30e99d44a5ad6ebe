package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.offload.SampleFrame;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Frames larger than the MTU, from the back-end to the driver's receive queue. */
class SegmentReceiveTest {
    private static final Features SEGMENTS = DriverEnd.CHECKSUMS.with(NetFeature.GUEST_TSO4)
            .with(NetFeature.GUEST_TSO6).with(NetFeature.GUEST_ECN).with(NetFeature.GUEST_USO4)
            .with(NetFeature.GUEST_USO6);
    private static final int MSS = 1400;
    private static final int BUFFER = NetHeader.LENGTH + 1514;
    private static final int CWR = 0x80;

    private final FakeBackend backend = new FakeBackend();
    private DeviceLoop loop;
    private VirtioNetDevice device;
    private DriverEnd driver;

    private void start(Features features) {
        loop = new DeviceLoop("test");
        device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")), backend);
        driver = new DriverEnd(device, loop, features);
    }

    @AfterEach
    void close() {
        driver.close();
        loop.close();
    }

    private static int gsoType(SampleFrame frame) {
        if (frame.udp()) {
            return NetHeader.GSO_UDP_L4;
        }
        int tcp = frame.ipv6() ? NetHeader.GSO_TCPV6 : NetHeader.GSO_TCPV4;
        return (frame.tcpFlags() & CWR) != 0 ? tcp | NetHeader.GSO_ECN : tcp;
    }

    private static ContiguousFrame large(SampleFrame sample, int gsoSize) {
        ContiguousFrame frame = Frames.of(sample.partial());
        frame.offload().segments(gsoType(sample), 0, gsoSize, sample.transport(), sample.checksumOffset());
        return frame;
    }

    private Verdict arrives(Frame frame) {
        backend.arriving.add(frame);
        driver.run();
        return backend.delivered.getLast();
    }

    private static byte[] frame(byte[] received) {
        return Arrays.copyOfRange(received, NetHeader.LENGTH, received.length);
    }

    private static int field16(byte[] received, int offset) {
        return ByteBuffer.wrap(received).order(ByteOrder.LITTLE_ENDIAN).getShort(offset) & 0xffff;
    }

    private static SampleFrame tcp6() {
        return new SampleFrame(0, true, 0, false, 3, 0x10, 0, 1000, 3 * MSS);
    }

    private static SampleFrame udp6() {
        return new SampleFrame(0, true, 0, true, 0, 0, 0, 0, 3 * MSS);
    }

    /** Whatever header length came with the frame, the true one is written. */
    @Test
    @Rule({"RX11", "RX12", "RX14.1", "RX15"})
    void aDriverThatTakesSegmentsGetsTheFrameWhole() {
        start(SEGMENTS);
        SampleFrame[] samples = {SampleFrame.tcp4(3 * MSS), tcp6(), SampleFrame.udp4(3 * MSS), udp6(),
            SampleFrame.tcp4(3 * MSS).withFlags(CWR), tcp6().withFlags(CWR)};
        for (SampleFrame sample : samples) {
            driver.post(8192);
            assertEquals(Verdict.CONSUMED, arrives(large(sample, MSS)));
            byte[] received = driver.received();
            assertArrayEquals(sample.partial(), frame(received));
            assertEquals(NetHeader.FLAG_NEEDS_CSUM, received[NetHeader.FLAGS]);
            assertEquals(gsoType(sample), received[NetHeader.GSO_TYPE] & 0xff);
            assertEquals(sample.headers(), field16(received, NetHeader.HDR_LEN));
            assertEquals(MSS, field16(received, NetHeader.GSO_SIZE));
            assertEquals(sample.transport(), field16(received, NetHeader.CSUM_START));
            assertEquals(sample.checksumOffset(), field16(received, NetHeader.CSUM_OFFSET));
            assertEquals(1, field16(received, NetHeader.NUM_BUFFERS));
        }
    }

    /** Each kind has a feature of its own; without it, the frame is cut, and the segments ask for nothing but their checksum. */
    @Test
    @Rule({"RX11", "RX12"})
    void aKindOfSegmentThatTheDriverDoesNotTakeIsCut() {
        assertCut(SampleFrame.tcp4(3 * MSS), NetFeature.GUEST_TSO4);
        assertCut(tcp6(), NetFeature.GUEST_TSO6);
        assertCut(SampleFrame.udp4(3 * MSS), NetFeature.GUEST_USO4);
        assertCut(udp6(), NetFeature.GUEST_USO6);
        assertCut(SampleFrame.tcp4(3 * MSS).withFlags(CWR), NetFeature.GUEST_ECN);
    }

    private void assertCut(SampleFrame sample, NetFeature missing) {
        Features without = SEGMENTS.without(missing);
        start(missing == NetFeature.GUEST_TSO4
                ? without.without(NetFeature.GUEST_ECN).with(NetFeature.GUEST_TSO6)
                : without);
        driver.postMany(3);
        assertEquals(Verdict.CONSUMED, arrives(large(sample, MSS)));
        for (int i = 0; i < 3; i++) {
            byte[] received = driver.received();
            assertEquals(NetHeader.FLAG_NEEDS_CSUM, received[NetHeader.FLAGS]);
            assertEquals(NetHeader.GSO_NONE, received[NetHeader.GSO_TYPE]);
            ContiguousFrame segment = Frames.of(frame(received), field16(received, NetHeader.CSUM_START),
                    field16(received, NetHeader.CSUM_OFFSET));
            PartialChecksum.complete(segment);
            assertArrayEquals(sample.segment(i, MSS), Frames.bytes(segment));
        }
        assertNull(driver.received());
        close();
        device = null;
        start(SEGMENTS);
    }

    /** Seed rows 4.33, 4.34 in the other direction: what belongs on the wire is what arrives. */
    @Property(tries = 200)
    @Rule({"RX10", "RX11.2"})
    void aDriverThatTakesNothingGetsCompleteSegments(@ForAll @IntRange(max = 2) int vlans, @ForAll boolean ipv6,
            @ForAll boolean udp, @ForAll @IntRange(max = 3) int extras, @ForAll @IntRange(max = 255) int tcpFlags,
            @ForAll @IntRange(max = 9000) int payload, @ForAll @IntRange(min = 100, max = 1300) int gsoSize,
            @ForAll boolean mergeable) {
        start(mergeable ? DriverEnd.PLAIN.with(NetFeature.MRG_RXBUF) : DriverEnd.PLAIN);
        SampleFrame sample = new SampleFrame(vlans, ipv6, extras, udp, udp ? 0 : 3, tcpFlags, 7, 1000, payload);
        int segments = sample.segments(gsoSize);
        driver.postMany(segments);
        assertEquals(Verdict.CONSUMED, arrives(large(sample, gsoSize)));
        for (int i = 0; i < segments; i++) {
            byte[] received = driver.received();
            byte[] expected = sample.segment(i, gsoSize);
            assertArrayEquals(Arrays.copyOf(expected, Math.max(60, expected.length)), frame(received));
            assertArrayEquals(new byte[]{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0},
                    Arrays.copyOf(received, NetHeader.LENGTH));
        }
        assertNull(driver.received());
        close();
    }

    /** Seed row 4.24: room for two of three segments is room for none. */
    @Test
    void allSegmentsArriveOrNone() {
        start(DriverEnd.PLAIN);
        SampleFrame sample = SampleFrame.tcp4(3 * MSS);
        driver.postMany(2);
        assertEquals(Verdict.BUSY, arrives(large(sample, MSS)));
        assertNull(driver.received());
        driver.postMany(1);
        driver.run();
        assertEquals(Verdict.CONSUMED, backend.delivered.getLast());
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(sample.segment(i, MSS), frame(driver.received()));
        }
    }

    /** Seed row 4.20. */
    @Test
    void segmentsThatAreLargerThanTheMtuAreDropped() {
        start(DriverEnd.PLAIN);
        driver.postMany(8);
        assertEquals(Verdict.DROPPED, arrives(large(SampleFrame.tcp4(8000), 4000)));
        assertEquals(1L, device.counters().get("device rx drop oversize"));
    }

    @Test
    void aFrameThatWouldBeCutIntoMoreThanTheQueueHoldsIsDropped() {
        start(DriverEnd.PLAIN);
        driver.postMany(DriverEnd.QUEUE_SIZE);
        assertEquals(Verdict.DROPPED, arrives(large(SampleFrame.tcp4(DriverEnd.QUEUE_SIZE + 1), 1)));
        assertEquals(1L, device.counters().get("device rx drop buffer too small"));
        byte[] next = Frames.numbered(60);
        assertEquals(Verdict.CONSUMED, arrives(Frames.of(next)));
        assertArrayEquals(next, frame(driver.received()));
    }

    @Test
    void aFrameThatCannotBeCutAsItAsksIsDropped() {
        start(SEGMENTS);
        driver.post(8192);
        ContiguousFrame wrong = Frames.of(tcp6().partial());
        wrong.offload().segments(NetHeader.GSO_TCPV4, 0, MSS, 54, 16);
        assertEquals(Verdict.DROPPED, arrives(wrong));
        assertEquals(1L, device.counters().get("device rx drop offload"));
    }

    @Test
    @Rule("RX13")
    void aPartialChecksumComesWithItsFieldsAndTheSumOfThePseudoHeader() {
        start(DriverEnd.CHECKSUMS);
        driver.post(BUFFER);
        byte[] frame = Frames.partialUdp((byte) 1, (byte) 2, (byte) 3);
        assertEquals(Verdict.CONSUMED, arrives(Frames.of(frame, Frames.UDP, 6)));
        byte[] received = driver.received();
        assertEquals(NetHeader.FLAG_NEEDS_CSUM, received[NetHeader.FLAGS]);
        assertEquals(Frames.UDP, field16(received, NetHeader.CSUM_START));
        assertEquals(6, field16(received, NetHeader.CSUM_OFFSET));
        assertArrayEquals(Arrays.copyOf(frame, 60), frame(received));
    }

    /** A frame that fills a buffer of the driver's is lent no room: it may be larger. */
    @Test
    void nothingIsLentWhereFramesMayTakeSeveralBuffers() {
        start(SEGMENTS);
        assertFalse(backend.receiver.lends());
        close();
        start(DriverEnd.PLAIN.with(NetFeature.MRG_RXBUF));
        assertFalse(backend.receiver.lends());
        close();
        start(DriverEnd.CHECKSUMS);
        assertTrue(backend.receiver.lends());
        assertNotNull(device);
    }
}
