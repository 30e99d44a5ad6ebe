package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.offload.SampleFrame;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.testing.Rule;

/** Seed rows 4.28, 4.37: what is counted of the frames of a queue. */
class FrameStatisticsTest {
    private final FrameStatistics statistics = new FrameStatistics();

    private Map<String, Long> shown() {
        Map<String, Long> counters = new LinkedHashMap<>();
        statistics.putInto(counters, "q");
        return counters;
    }

    private static byte[] to(int firstByte, int length) {
        byte[] frame = new byte[length];
        Arrays.fill(frame, 0, 6, (byte) firstByte);
        return frame;
    }

    @Test
    void everyFrameIsInOneClassOfSizes() {
        int[] lengths = {14, 64, 65, 127, 128, 255, 256, 511, 512, 1023, 1024, 1518, 1519, 65553};
        for (int length : lengths) {
            statistics.add(Frames.of(to(2, length)));
        }
        statistics.counted();
        assertEquals(Map.of("q frames", 14L, "q bytes", (long) Arrays.stream(lengths).sum(),
                "q frames up to 64 bytes", 2L, "q frames up to 127 bytes", 2L, "q frames up to 255 bytes", 2L,
                "q frames up to 511 bytes", 2L, "q frames up to 1023 bytes", 2L, "q frames up to 1518 bytes", 2L,
                "q larger frames", 2L), shown());
    }

    /** One byte less than none are 2^64 - 1: no frame is so long, but a counter that saturates would stay there. */
    @Test
    @Rule("CQ23.5")
    void aCounterWrapsToZero() {
        Frame frame = Frames.of(to(2, 60));
        statistics.add(frame, -1);
        statistics.counted();
        assertEquals(0xffff_ffff_ffff_ffffL, statistics.bytes());
        statistics.add(frame, 1);
        statistics.counted();
        assertEquals(0, statistics.bytes());
    }

    @Test
    void broadcastsAreNoMulticasts() {
        statistics.add(Frames.of(to(2, 60)));
        statistics.add(Frames.of(to(0xff, 60)));
        byte[] almost = to(0xff, 60);
        almost[5] = 0;
        statistics.add(Frames.of(almost));
        statistics.add(Frames.of(to(1, 60)));
        statistics.counted();
        assertEquals(1L, shown().get("q broadcast frames"));
        assertEquals(2L, shown().get("q multicast frames"));
    }

    @Test
    void nothingShowsBeforeTheEndOfABatch() {
        statistics.add(Frames.of(to(2, 60)));
        assertEquals(Map.of(), shown());
        assertEquals(1, statistics.newFrames());
        statistics.counted();
        assertEquals(1, statistics.frames());
        assertEquals(60, statistics.bytes());
        assertEquals(0, statistics.newFrames());
    }

    /** The address may be split anywhere. */
    @Test
    void aSplitDestinationIsRead() {
        FakeBackend backend = new FakeBackend();
        VirtioNetDevice device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")), backend);
        try (DeviceLoop loop = new DeviceLoop("test");
                DriverEnd driver = new DriverEnd(device, loop, DriverEnd.PLAIN)) {
            driver.sendSplit(Frames.concat(Frames.header(), to(0xff, 60)), NetHeader.LENGTH, 1, 2, 1, 1, 55);
            driver.run();
            assertEquals(1L, device.counters().get("device tx0 broadcast frames"));
        }
    }

    /** What is cut counts as what it is cut into, on either way. */
    @Test
    void segmentsAreCountedOneByOne() {
        FakeBackend backend = new FakeBackend();
        VirtioNetDevice device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")), backend);
        SampleFrame sample = SampleFrame.tcp4(2500);
        try (DeviceLoop loop = new DeviceLoop("test");
                DriverEnd driver = new DriverEnd(device, loop, DriverEnd.CHECKSUMS.with(NetFeature.HOST_TSO4))) {
            ContiguousFrame large = Frames.of(sample.partial());
            large.offload().segments(NetHeader.GSO_TCPV4, sample.headers(), 1000, sample.transport(), 16);
            byte[] header = new byte[NetHeader.LENGTH];
            large.offload().write(MemorySegment.ofArray(header), 0, 0);
            driver.send(header, sample.partial());
            driver.postMany(3);
            backend.arriving.add(large);
            driver.run();
            long bytes = 2500 + 3L * sample.headers();
            for (String direction : new String[]{"tx", "rx"}) {
                assertEquals(3L, device.counters().get("device " + direction + " frames"));
                assertEquals(bytes, device.counters().get("device " + direction + " bytes"));
                assertEquals(2L, device.counters().get("device " + direction + "0 frames up to 1518 bytes"));
                assertEquals(1L, device.counters().get("device " + direction + "0 frames up to 1023 bytes"));
                assertEquals(1L, device.counters().get("device " + direction + " cut"));
            }
        }
    }
}
