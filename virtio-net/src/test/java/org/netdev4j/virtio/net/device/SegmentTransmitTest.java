package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.offload.SampleFrame;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Frames larger than the MTU, from the driver's transmit queue to the back-end. */
class SegmentTransmitTest {
    private static final Features SEGMENTS = DriverEnd.CHECKSUMS.with(NetFeature.HOST_TSO4).with(NetFeature.HOST_TSO6)
            .with(NetFeature.HOST_ECN).with(NetFeature.HOST_USO);
    private static final int MSS = 1400;
    private static final int FIN_PSH_ACK = 0x19;
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
        backend.transmitted.clear();
        backend.requests.clear();
        backend.pieces.clear();
    }

    private static int gsoType(SampleFrame frame) {
        if (frame.udp()) {
            return NetHeader.GSO_UDP_L4;
        }
        int tcp = frame.ipv6() ? NetHeader.GSO_TCPV6 : NetHeader.GSO_TCPV4;
        return (frame.tcpFlags() & CWR) != 0 ? tcp | NetHeader.GSO_ECN : tcp;
    }

    /** A header that asks for segments of {@code gsoSize} bytes of payload. */
    private static byte[] header(int flags, int gsoType, int headerLength, int gsoSize, int start, int offset) {
        return ByteBuffer.allocate(NetHeader.LENGTH).order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) flags).put((byte) gsoType).putShort((short) headerLength).putShort((short) gsoSize)
                .putShort((short) start).putShort((short) offset).putShort((short) 0).array();
    }

    private static byte[] header(SampleFrame frame, int gsoSize) {
        return header(NetHeader.FLAG_NEEDS_CSUM, gsoType(frame), frame.headers(), gsoSize, frame.transport(),
                frame.checksumOffset());
    }

    private void send(SampleFrame frame, int gsoSize) {
        driver.send(header(frame, gsoSize), frame.partial());
    }

    private void assertOnTheWire(SampleFrame frame, int gsoSize) {
        assertEquals(frame.segments(gsoSize), backend.transmitted.size());
        for (int i = 0; i < frame.segments(gsoSize); i++) {
            assertArrayEquals(frame.segment(i, gsoSize), backend.transmitted.get(i), "segment " + i);
            assertEquals(0, backend.requests.get(i).flags(), "flags of segment " + i);
        }
    }

    private void assertDropped(String reason) {
        driver.run();
        assertEquals(List.of(), backend.transmitted);
        assertEquals(1L, device.counters().get("device tx drop " + reason), () -> device.counters().toString());
        assertEquals(1, driver.reclaim());
        driver.send(Frames.numbered(60));
        driver.run();
        assertEquals(1, backend.transmitted.size(), "the next frame passes");
    }

    /** Seed rows 4.33, 4.34, 4.35: each segment is the frame that a model builds from its fields, byte by byte. */
    @Property(tries = 200)
    void everySegmentIsTheFrameThatBelongsOnTheWire(@ForAll @IntRange(max = 2) int vlans, @ForAll boolean ipv6,
            @ForAll boolean udp, @ForAll @IntRange(max = 3) int extras, @ForAll @IntRange(max = 10) int tcpOptions,
            @ForAll @IntRange(max = 255) int tcpFlags, @ForAll int id, @ForAll int sequence,
            @ForAll @IntRange(max = 9000) int payload, @ForAll @IntRange(min = 100, max = 1300) int gsoSize) {
        backend.partialChecksum = false;
        start(SEGMENTS);
        SampleFrame frame = new SampleFrame(vlans, ipv6, extras, udp, udp ? 0 : tcpOptions, tcpFlags, id, sequence,
                payload);
        send(frame, gsoSize);
        driver.run();
        assertOnTheWire(frame, gsoSize);
        assertEquals(1, driver.reclaim());
        close();
    }

    /** virtio 1.4 §2.7.4.1: nothing may be assumed about how a frame is split, where it is cut neither. */
    @Property(tries = 200)
    void anySplitOfTheBufferGivesTheSameSegments(
            @ForAll @Size(max = 100) List<@IntRange(min = 1, max = 4000) Integer> cuts,
            @ForAll @IntRange(min = 64, max = 1300) int gsoSize) {
        backend.partialChecksum = false;
        start(SEGMENTS);
        SampleFrame frame = SampleFrame.tcp4(4000).withFlags(FIN_PSH_ACK | CWR);
        byte[] all = Frames.concat(header(frame, gsoSize), frame.partial());
        int[] ends = cuts.stream().mapToInt(Integer::intValue).sorted().distinct().toArray();
        int[] pieces = Arrays.copyOf(ends, ends.length + 1);
        pieces[ends.length] = all.length;
        for (int i = ends.length; i > 0; i--) {
            pieces[i] -= pieces[i - 1];
        }
        driver.sendSplit(all, pieces);
        driver.run();
        assertOnTheWire(frame, gsoSize);
        assertTrue(backend.pieces.stream().allMatch(count -> count <= Frame.MAX_PIECES));
        close();
    }

    @Test
    void aBackEndThatTakesPartialChecksumsCompletesThoseOfTheSegments() {
        start(SEGMENTS);
        SampleFrame frame = SampleFrame.tcp4(3 * MSS);
        send(frame, MSS);
        driver.run();
        assertEquals(3, backend.transmitted.size());
        for (int i = 0; i < 3; i++) {
            OffloadRequest request = backend.requests.get(i);
            assertEquals(NetHeader.GSO_NONE, request.gsoType());
            ContiguousFrame segment = Frames.of(backend.transmitted.get(i), request.checksumStart(),
                    request.checksumOffset());
            PartialChecksum.complete(segment);
            assertArrayEquals(frame.segment(i, MSS), Frames.bytes(segment));
        }
    }

    /** The header length that the driver gave is a lie here; the back-end learns the true one. */
    @Test
    @Rule("TX16")
    void aBackEndThatTakesSegmentsGetsTheFrameWholeWithItsTrueHeaderLength() {
        backend.segments = Offloads.ALL;
        start(SEGMENTS);
        SampleFrame frame = SampleFrame.tcp4(3 * MSS);
        driver.send(header(NetHeader.FLAG_NEEDS_CSUM, NetHeader.GSO_TCPV4, 0xffff, MSS, frame.transport(), 16),
                frame.partial());
        driver.run();
        assertArrayEquals(frame.partial(), backend.transmitted.get(0));
        OffloadRequest request = backend.requests.get(0);
        assertEquals(NetHeader.GSO_TCPV4, request.gsoType());
        assertEquals(MSS, request.gsoSize());
        assertEquals(frame.headers(), request.headerLength());
    }

    @Property(tries = 50)
    @Rule("TX16")
    void theHeaderLengthIsAHint(@ForAll @IntRange(max = 0xffff) int headerLength) {
        backend.partialChecksum = false;
        start(SEGMENTS);
        SampleFrame frame = SampleFrame.tcp4(2 * MSS);
        driver.send(header(NetHeader.FLAG_NEEDS_CSUM, NetHeader.GSO_TCPV4, headerLength, MSS, frame.transport(), 16),
                frame.partial());
        driver.run();
        assertOnTheWire(frame, MSS);
        close();
    }

    /** A back-end of one kind of segments takes that kind only. */
    @Test
    void whatTheBackEndDoesNotTakeIsCut() {
        backend.segments = new Offloads(Offloads.TSO6 | Offloads.USO4);
        start(SEGMENTS);
        send(SampleFrame.udp4(3 * MSS), MSS);
        driver.run();
        assertEquals(1, backend.transmitted.size());
        send(SampleFrame.tcp4(3 * MSS), MSS);
        driver.run();
        assertEquals(4, backend.transmitted.size());
    }

    /** Seed row 4.34: congestion was signalled once; the end of the data and its push are at its end. */
    @Test
    void onlyTheFirstSegmentHasCwrAndOnlyTheLastFinAndPush() {
        start(SEGMENTS);
        SampleFrame frame = SampleFrame.tcp4(3 * MSS).withFlags(FIN_PSH_ACK | CWR);
        send(frame, MSS);
        driver.run();
        int flags = frame.transport() + 13;
        assertEquals(List.of((byte) 0x90, (byte) 0x10, (byte) 0x19),
                backend.transmitted.stream().map(segment -> segment[flags]).toList());
    }

    /** The frame goes on where it stopped: no segment is sent twice. */
    @Test
    void aBackEndThatIsBusyInTheMiddleOfAFrameGetsTheRestOfIt() {
        backend.partialChecksum = false;
        start(SEGMENTS);
        SampleFrame frame = SampleFrame.tcp4(5 * MSS);
        send(frame, MSS);
        for (int taken = 0; taken < 5; taken += 2) {
            backend.room = 2;
            backend.receiver.resume();
            driver.run();
            assertEquals(Math.min(5, taken + 2), backend.transmitted.size());
            assertEquals(taken < 4 ? 0 : 1, driver.reclaim());
        }
        assertOnTheWire(frame, MSS);
    }

    @Test
    void aQueueThatIsResetInTheMiddleOfAFrameStartsAfresh() {
        start(SEGMENTS.with(VirtioFeature.RING_RESET));
        backend.room = 1;
        send(SampleFrame.tcp4(3 * MSS), MSS);
        driver.run();
        driver.resetQueue(VirtioNetDevice.TRANSMIT_QUEUE);
        driver.enableQueue(VirtioNetDevice.TRANSMIT_QUEUE);
        backend.room = 10;
        backend.receiver.resume();
        byte[] next = Frames.numbered(60);
        driver.send(next);
        driver.run();
        assertEquals(2, backend.transmitted.size());
        assertArrayEquals(next, backend.transmitted.get(1));
        assertFalse(driver.transmitQueue.isBroken());
    }

    /** Seed row 4.32. */
    @Test
    void segmentsThatWereNotNegotiatedAreDropped() {
        start(SEGMENTS.without(NetFeature.HOST_TSO6));
        send(new SampleFrame(0, true, 0, false, 0, 0, 0, 0, 3 * MSS), MSS);
        assertDropped("offload");
    }

    @Test
    void ecnThatWasNotNegotiatedIsDropped() {
        start(SEGMENTS.without(NetFeature.HOST_ECN));
        send(SampleFrame.tcp4(3 * MSS).withFlags(CWR), MSS);
        assertDropped("offload");
    }

    @Test
    @Rule("VU48")
    void segmentsOfNothingAreDropped() {
        start(SEGMENTS);
        send(SampleFrame.tcp4(3 * MSS), 0);
        assertDropped("offload");
    }

    @Test
    void segmentsWithoutAChecksumAreDropped() {
        start(SEGMENTS);
        SampleFrame frame = SampleFrame.tcp4(3 * MSS);
        driver.send(header(0, NetHeader.GSO_TCPV4, frame.headers(), MSS, frame.transport(), 16), frame.partial());
        assertDropped("offload");
    }

    @Test
    @Rule("VU48")
    void aTypeThatIsNotWhatTheFrameIsIsDropped() {
        start(SEGMENTS);
        SampleFrame frame = SampleFrame.tcp4(3 * MSS);
        driver.send(header(1, NetHeader.GSO_TCPV6, frame.headers(), MSS, frame.transport(), 16), frame.partial());
        assertDropped("offload");
    }

    @Test
    @Rule("VU48")
    void aFrameThatEndsInItsHeadersIsDropped() {
        start(SEGMENTS);
        SampleFrame frame = SampleFrame.tcp4(0);
        driver.send(header(frame, MSS), Arrays.copyOf(frame.partial(), frame.headers() - 1));
        assertDropped("offload");
    }

    /** Seed row 4.20. */
    @Test
    void segmentsLargerThanTheMtuAreDropped() {
        start(SEGMENTS);
        send(SampleFrame.tcp4(8000), 4000);
        assertDropped("oversize");
    }

    /** Seed rows 4.32, 4.39: whatever the header says, a frame passes or is counted as dropped, and its buffer comes back. */
    @Property(tries = 500)
    @Rule("VU48")
    void anyHeaderInFrontOfALargeFrameIsSurvived(@ForAll @IntRange(max = 255) int flags,
            @ForAll @IntRange(max = 255) int gsoType, @ForAll short headerLength, @ForAll short gsoSize,
            @ForAll @IntRange(max = 80) int start, @ForAll @IntRange(max = 20) int offset,
            @ForAll @IntRange(max = 200) int length) {
        start(SEGMENTS);
        driver.send(header(flags, gsoType, headerLength, gsoSize, start, offset),
                Arrays.copyOf(SampleFrame.tcp4(140).partial(), length));
        driver.run();
        assertEquals(1, driver.reclaim());
        assertFalse(driver.transmitQueue.isBroken(), driver.transmitQueue.brokenReason());
        long drops = device.counters().entrySet().stream().filter(e -> e.getKey().startsWith("device tx drop "))
                .mapToLong(Map.Entry::getValue).sum();
        assertEquals(backend.transmitted.isEmpty() ? 1 : 0, drops);
        close();
    }
}
