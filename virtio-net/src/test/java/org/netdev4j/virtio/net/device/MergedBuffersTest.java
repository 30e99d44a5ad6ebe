package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

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

/** Seed row 4.23: frames in as many receive buffers as they need (virtio 1.4 §5.1.9.4). */
class MergedBuffersTest {
    private static final Features MERGEABLE = DriverEnd.PLAIN.with(NetFeature.MRG_RXBUF);
    private static final int JUMBO_MTU = 9000;
    private static final int JUMBO = JUMBO_MTU + 18;

    private FakeBackend backend;
    private DeviceLoop loop;
    private VirtioNetDevice device;
    private DriverEnd driver;

    private void start(Features features) {
        backend = new FakeBackend();
        loop = new DeviceLoop("test");
        device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")).withMtu(JUMBO_MTU),
                backend);
        driver = new DriverEnd(device, loop, features);
    }

    @AfterEach
    void close() {
        driver.close();
        loop.close();
    }

    private Verdict arrives(Frame frame) {
        backend.arriving.add(frame);
        driver.run();
        return backend.delivered.getLast();
    }

    private Verdict arrives(byte[] frame) {
        return arrives(Frames.of(frame));
    }

    private static int numBuffers(byte[] first) {
        return (first[NetHeader.NUM_BUFFERS] & 0xff) | ((first[NetHeader.NUM_BUFFERS + 1] & 0xff) << 8);
    }

    @Test
    @Rule({"RX5", "RX8", "RX6"})
    void aFrameFillsEveryBufferButTheLast() {
        start(MERGEABLE);
        for (int i = 0; i < 4; i++) {
            driver.post(100);
        }
        byte[] frame = Frames.numbered(250);
        assertEquals(Verdict.CONSUMED, arrives(frame));
        byte[] first = driver.received();
        assertEquals(3, numBuffers(first));
        assertEquals(100, first.length);
        assertArrayEquals(Arrays.copyOf(frame, 88), Arrays.copyOfRange(first, NetHeader.LENGTH, 100));
        assertArrayEquals(Arrays.copyOfRange(frame, 88, 188), driver.received());
        assertArrayEquals(Arrays.copyOfRange(frame, 188, 250), driver.received());
        assertNull(driver.received());
    }

    @Property(tries = 300)
    @Rule({"RX5", "RX8"})
    void anyBuffersHoldAnyFrame(@ForAll @IntRange(min = 60, max = JUMBO) int length,
            @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 1, max = 3000) Integer> sizes,
            @ForAll @IntRange(min = 1, max = 4) int pieces) {
        start(MERGEABLE);
        int[] posted = new int[200];
        int room = 0;
        int count = 0;
        while (room < NetHeader.LENGTH + length && count < DriverEnd.QUEUE_SIZE / pieces) {
            int size = sizes.get(count % sizes.size()) + (count == 0 ? NetHeader.LENGTH : 60);
            post(size, pieces);
            posted[count++] = size;
            room += size;
        }
        byte[] frame = Frames.numbered(length);
        boolean fits = room >= NetHeader.LENGTH + length;
        assertEquals(fits, arrives(frame) == Verdict.CONSUMED);
        if (fits) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            byte[] buffer = driver.received();
            assertEquals(count, numBuffers(buffer));
            for (int i = 0; i < count; i++) {
                all.writeBytes(buffer);
                assertTrue(i == count - 1 || buffer.length == posted[i], "buffer " + i + " is full");
                buffer = driver.received();
            }
            assertArrayEquals(frame, Arrays.copyOfRange(all.toByteArray(), NetHeader.LENGTH, all.size()));
        }
        assertNull(driver.received());
        close();
    }

    /** Posts a buffer of {@code size} bytes in up to so many pieces. */
    private void post(int size, int pieces) {
        int count = Math.min(size, pieces);
        int[] lengths = new int[count];
        Arrays.fill(lengths, size / count);
        lengths[count - 1] += size % count;
        driver.post(lengths);
    }

    /** Seed rows 4.25, 4.26: nothing shows before everything is there, and each header is written whole. */
    @Test
    @Rule("RX9")
    void theBuffersOfAFrameBecomeVisibleTogether() {
        start(MERGEABLE);
        for (int i = 0; i < 3; i++) {
            driver.post(100);
        }
        assertEquals(Verdict.CONSUMED, backend.receiver.receive(Frames.of(Frames.numbered(250))));
        assertNull(driver.received());
        loop.doWork();
        for (int i = 0; i < 3; i++) {
            assertNotNull(driver.received());
        }
    }

    /** Seed row 4.24: room is made sure of before anything is written. */
    @Test
    void tooFewBuffersTakeNothing() {
        start(MERGEABLE);
        driver.post(100);
        driver.post(100);
        byte[] frame = Frames.numbered(250);
        assertEquals(Verdict.BUSY, arrives(frame));
        assertNull(driver.received());
        byte[] small = Frames.numbered(60);
        assertEquals(Verdict.CONSUMED, backend.receiver.receive(Frames.of(small)), "the buffers are still there");
        loop.doWork();
        assertArrayEquals(small, Arrays.copyOfRange(driver.received(), NetHeader.LENGTH, NetHeader.LENGTH + 60));
    }

    /** A driver that has some buffers, but too few, is waited for, not asked again and again. */
    @Test
    void aBackEndThatWaitsForMoreBuffersSleepsUntilThereAreMore() {
        start(MERGEABLE);
        driver.post(100);
        driver.post(100);
        assertEquals(Verdict.BUSY, arrives(Frames.numbered(250)));
        backend.events.clear();
        assertTrue(device.armWakeUps(), "nothing to do: the loop sleeps");
        assertEquals(0, device.poll());
        assertEquals(List.of(), backend.events);
        driver.post(100);
        driver.run();
        assertEquals(List.of("resume"), backend.events);
        assertEquals(3, numBuffers(driver.received()));
    }

    @Test
    void aFrameThatTheWholeQueueDoesNotHoldIsDropped() {
        start(MERGEABLE);
        for (int i = 0; i < DriverEnd.QUEUE_SIZE; i++) {
            driver.post(20);
        }
        assertEquals(Verdict.DROPPED, arrives(Frames.numbered(JUMBO)));
        assertEquals(1L, device.counters().get("device rx drop buffer too small"));
        assertEquals(Verdict.CONSUMED, arrives(Frames.numbered(60)));
    }

    /** A buffer of several descriptors leaves room for fewer of them. */
    @Test
    void aFrameThatTheQueueDoesNotHoldInBuffersOfSeveralDescriptorsIsDropped() {
        start(MERGEABLE);
        for (int i = 0; i < DriverEnd.QUEUE_SIZE / 2; i++) {
            driver.post(10, 10);
        }
        assertEquals(Verdict.DROPPED, arrives(Frames.numbered(JUMBO)));
        assertEquals(1L, device.counters().get("device rx drop buffer too small"));
        assertEquals(Verdict.CONSUMED, arrives(Frames.numbered(60)));
    }

    @Test
    void aBufferThatHoldsNoHeaderTakesNoFrame() {
        start(MERGEABLE);
        driver.post(NetHeader.LENGTH - 1);
        assertEquals(Verdict.DROPPED, arrives(Frames.numbered(60)));
        assertEquals(1L, device.counters().get("device rx drop buffer too small"));
    }

    /** Seed row 4.23: the largest frame there is, in buffers for one of the MTU. */
    @Test
    @Rule({"RX5", "RX8"})
    void aFrameOf64KiBArrivesWhole() {
        start(DriverEnd.CHECKSUMS.with(NetFeature.MRG_RXBUF).with(NetFeature.GUEST_TSO4));
        driver.postMany(50);
        SampleFrame sample = SampleFrame.tcp4(65535 - 20 - 32);
        ContiguousFrame large = Frames.of(sample.partial());
        large.offload().segments(NetHeader.GSO_TCPV4, 0, 1400, sample.transport(), 16);
        assertEquals(Verdict.CONSUMED, arrives(large));
        byte[] buffer = driver.received();
        int count = numBuffers(buffer);
        assertEquals((NetHeader.LENGTH + large.length() + 1525) / 1526, count);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            all.writeBytes(buffer);
            buffer = driver.received();
        }
        assertArrayEquals(sample.partial(), Arrays.copyOfRange(all.toByteArray(), NetHeader.LENGTH, all.size()));
        assertEquals(1L, device.counters().get("device rx frames"));
        assertEquals(1L, device.counters().get("device rx0 larger frames"));
    }

    @Test
    void mergedBuffersWorkInAPackedRingInOrder() {
        start(MERGEABLE.with(VirtioFeature.RING_PACKED).with(VirtioFeature.IN_ORDER));
        for (int round = 0; round < 200; round++) {
            for (int i = 0; i < 3; i++) {
                driver.post(100);
            }
            assertEquals(Verdict.CONSUMED, arrives(Frames.numbered(250)));
            assertEquals(3, numBuffers(driver.received()));
            assertNotNull(driver.received());
            assertNotNull(driver.received());
        }
    }
}
