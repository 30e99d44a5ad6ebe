package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetHeader;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Whatever a driver writes into legal descriptors: a frame that passes or a drop that is counted, and nothing else. */
class HostileDriverTest {
    private static final DeviceSettings SETTINGS = DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01"));

    @Property(tries = 100)
    void everyBufferComesBackAsAFrameOrADrop(@ForAll @Size(min = 1, max = 40) List<Long> seeds,
            @ForAll boolean negotiated, @ForAll boolean partialChecksum) {
        FakeBackend backend = new FakeBackend();
        backend.partialChecksum = partialChecksum;
        VirtioNetDevice device = new VirtioNetDevice(SETTINGS, backend);
        try (DeviceLoop loop = new DeviceLoop("test");
                DriverEnd driver = new DriverEnd(device, loop,
                        negotiated ? DriverEnd.CHECKSUMS : DriverEnd.PLAIN)) {
            for (long seed : seeds) {
                Random random = new Random(seed);
                byte[] bytes = new byte[1 + random.nextInt(random.nextBoolean() ? 80 : 1700)];
                random.nextBytes(bytes);
                bytes[NetHeader.GSO_TYPE % bytes.length] &= (byte) -random.nextInt(2);
                driver.sendSplit(bytes, split(bytes.length, random));
                driver.run();
                assertEquals(1, driver.reclaim());
            }
            assertFalse(driver.transmitQueue.isBroken(), driver.transmitQueue.brokenReason());
            assertEquals(seeds.size(), framesAndDrops(device.counters(), "tx"));
            backend.requests.forEach(request -> assertTrue((negotiated && partialChecksum) || request.flags() == 0));
        }
    }

    @Property(tries = 100)
    void everyFrameThatArrivesIsDeliveredOrDropped(@ForAll @Size(min = 1, max = 40) List<Long> seeds,
            @ForAll boolean negotiated) {
        FakeBackend backend = new FakeBackend();
        VirtioNetDevice device = new VirtioNetDevice(SETTINGS, backend);
        try (DeviceLoop loop = new DeviceLoop("test");
                DriverEnd driver = new DriverEnd(device, loop,
                        negotiated ? DriverEnd.CHECKSUMS : DriverEnd.PLAIN)) {
            for (long seed : seeds) {
                Random random = new Random(seed);
                driver.post(split(1 + random.nextInt(1700), random));
                byte[] header = new byte[NetHeader.LENGTH];
                random.nextBytes(header);
                header[NetHeader.GSO_TYPE] &= (byte) -random.nextInt(2);
                ContiguousFrame frame = Frames.of(Frames.numbered(random.nextInt(1600)));
                frame.offload().read(MemorySegment.ofArray(header), 0);
                backend.arriving.add(frame);
                driver.run();
                byte[] received = driver.received();
                if (received != null) {
                    assertTrue(received.length >= NetHeader.LENGTH + frame.length());
                    assertTrue(received.length <= NetHeader.LENGTH + Math.max(60, frame.length()));
                    assertEquals(1, received[NetHeader.NUM_BUFFERS]);
                    assertTrue(negotiated || received[NetHeader.FLAGS] == 0);
                }
            }
            assertFalse(driver.receiveQueue.isBroken(), driver.receiveQueue.brokenReason());
            assertEquals(seeds.size(), framesAndDrops(device.counters(), "rx"));
        }
    }

    private static long framesAndDrops(Map<String, Long> counters, String direction) {
        return counters.entrySet().stream()
                .filter(e -> e.getKey().equals("device " + direction + " frames")
                        || e.getKey().startsWith("device " + direction + " drop "))
                .mapToLong(Map.Entry::getValue).sum();
    }

    /** Up to eight pieces that add up to {@code length}. */
    private static int[] split(int length, Random random) {
        int[] ends = random.ints(random.nextInt(8), 0, length).filter(end -> end > 0).sorted().distinct().toArray();
        int[] pieces = Arrays.copyOf(ends, ends.length + 1);
        pieces[ends.length] = length;
        for (int i = pieces.length - 1; i > 0; i--) {
            pieces[i] -= pieces[i - 1];
        }
        return pieces;
    }
}
