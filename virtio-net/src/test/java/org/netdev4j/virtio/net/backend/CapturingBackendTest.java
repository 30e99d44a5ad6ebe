package org.netdev4j.virtio.net.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.capture.PcapngWriter;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.DriverEnd;
import org.netdev4j.virtio.net.device.FakeBackend;
import org.netdev4j.virtio.net.device.FrameMemory;
import org.netdev4j.virtio.net.device.Frames;
import org.netdev4j.virtio.net.device.OffloadRequest;
import org.netdev4j.virtio.net.device.Verdict;
import org.netdev4j.virtio.net.device.VirtioNetDevice;

class CapturingBackendTest {
    private static final long NOW = 1_700_000_000_123_456_789L;
    private static final int INBOUND = 1;
    private static final int OUTBOUND = 2;

    private final ByteArrayOutputStream file = new ByteArrayOutputStream();
    private final PcapngWriter capture = new PcapngWriter("test", Channels.newChannel(file), PcapngWriter.WHOLE_FRAMES);
    private final FakeBackend backend = new FakeBackend();
    private final DeviceLoop loop = new DeviceLoop("test");
    private final VirtioNetDevice device = new VirtioNetDevice(
            DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")),
            new CapturingBackend(backend, capture, () -> NOW));
    private DriverEnd driver;

    private void start(Features features) {
        driver = new DriverEnd(device, loop, features);
    }

    @AfterEach
    void close() {
        driver.close();
        capture.close();
        loop.close();
    }

    /** What a reader of the file sees once the loop sleeps. */
    private List<CapturedPacket> captured() {
        driver.run();
        assertTrue(device.armWakeUps());
        return CapturedPacket.read(file.toByteArray());
    }

    @Test
    void framesOfBothDirectionsAreRecordedWithTheirTime() {
        start(DriverEnd.PLAIN);
        driver.postMany(1);
        driver.sendSplit(Frames.concat(Frames.header(), Frames.numbered(60)), 20, 30, 22);
        driver.run();
        backend.arriving.add(Frames.of(Frames.numbered(61)));
        List<CapturedPacket> packets = captured();
        assertEquals(2, packets.size());
        assertArrayEquals(Frames.numbered(60), packets.get(0).bytes);
        assertEquals(OUTBOUND, packets.get(0).direction);
        assertEquals(NOW, packets.get(0).epochNanos);
        assertArrayEquals(Frames.numbered(61), packets.get(1).bytes);
        assertEquals(INBOUND, packets.get(1).direction);
    }

    @Test
    void whatIsNotTakenIsNotRecorded() {
        start(DriverEnd.PLAIN);
        backend.answer = Verdict.DROPPED;
        driver.send(Frames.numbered(60));
        driver.run();
        backend.room = 0;
        driver.send(Frames.numbered(60));
        driver.run();
        backend.arriving.add(Frames.of(Frames.numbered(13)));
        backend.arriving.add(Frames.of(Frames.numbered(60)));
        assertEquals(0, captured().size());
    }

    @Test
    void aPartialChecksumIsCompleteInTheCaptureAndStaysPartialOnTheWay() {
        start(DriverEnd.CHECKSUMS);
        driver.postMany(1);
        byte[] payload = Frames.numbered(77);
        byte[] all = Frames.concat(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, Frames.UDP, 6),
                Frames.partialUdp(payload));
        driver.sendSplit(all, 50, 3, all.length - 53);
        driver.run();
        backend.arriving.add(Frames.of(Frames.partialUdp(payload), Frames.UDP, 6));
        List<CapturedPacket> packets = captured();
        assertArrayEquals(Frames.completeUdp(payload), packets.get(0).bytes);
        assertArrayEquals(Frames.completeUdp(payload), packets.get(1).bytes);
        assertArrayEquals(Frames.partialUdp(payload), backend.transmitted.get(0));
        assertEquals(NetHeader.FLAG_NEEDS_CSUM, driver.received()[NetHeader.FLAGS]);
    }

    @Test
    void aBorrowedBufferIsRecordedWhenItIsCommitted() {
        for (Features features : List.of(DriverEnd.PLAIN, DriverEnd.CHECKSUMS)) {
            start(features);
            driver.postMany(2);
            byte[] payload = Frames.numbered(20);
            byte[] frame = Frames.partialUdp(payload);
            FrameMemory room = backend.receiver.borrow();
            MemorySegment.copy(frame, 0, room.segment(0), ValueLayout.JAVA_BYTE, room.offset(0), frame.length);
            OffloadRequest offload = new OffloadRequest();
            offload.partialChecksum(Frames.UDP, 6);
            assertEquals(Verdict.CONSUMED, backend.receiver.commit(frame.length, offload));
            backend.receiver.borrow();
            backend.receiver.giveBack();
            List<CapturedPacket> packets = captured();
            assertArrayEquals(Frames.completeUdp(payload), packets.getLast().bytes);
            driver.transport.reset();
        }
        assertEquals(2, capture.packets());
    }
}
