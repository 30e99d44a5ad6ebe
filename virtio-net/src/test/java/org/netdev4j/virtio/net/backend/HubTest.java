package org.netdev4j.virtio.net.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.DriverEnd;
import org.netdev4j.virtio.net.device.Frames;
import org.netdev4j.virtio.net.device.VirtioNetDevice;

/** Seed 4.15, 4.40: three devices on a hub, driven by hand. */
class HubTest {
    private final DeviceLoop loop = new DeviceLoop("test");
    private final Hub hub = new Hub("h", loop);
    private final Station a = new Station(DriverEnd.CHECKSUMS);
    private final Station b = new Station(DriverEnd.CHECKSUMS);
    private final Station c = new Station(DriverEnd.PLAIN);

    private final class Station {
        final VirtioNetDevice device;
        final DriverEnd driver;

        Station(Features features) {
            device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")), hub.newPort());
            driver = new DriverEnd(device, loop, features);
        }

        byte[] receivedFrame() {
            byte[] bytes = driver.received();
            return bytes == null ? null : Arrays.copyOfRange(bytes, NetHeader.LENGTH, bytes.length);
        }

        Long counted(String counter) {
            return device.counters().get(counter);
        }
    }

    @AfterEach
    void close() {
        a.driver.close();
        b.driver.close();
        c.driver.close();
        loop.close();
    }

    @Test
    void aFrameGoesToEveryPortButTheSource() {
        a.driver.postMany(1);
        b.driver.postMany(1);
        c.driver.postMany(1);
        byte[] frame = Frames.numbered(60);
        a.driver.send(frame);
        a.driver.run();
        assertNull(a.receivedFrame());
        assertArrayEquals(frame, b.receivedFrame());
        assertArrayEquals(frame, c.receivedFrame());
    }

    @Test
    void aPortWithoutBuffersHoldsNobodyUpAndGetsItsFramesLater() {
        b.driver.postMany(100);
        for (int i = 0; i < 100; i++) {
            a.driver.send(Frames.numbered(60 + i));
        }
        a.driver.run();
        assertEquals(100, a.driver.reclaim());
        assertEquals(100L, c.counted("back-end queued"));
        for (int i = 0; i < 100; i++) {
            assertArrayEquals(Frames.numbered(60 + i), b.receivedFrame());
        }
        for (int i = 0; i < 100; i++) {
            c.driver.postMany(1);
            c.driver.run();
            assertArrayEquals(Frames.numbered(60 + i), c.receivedFrame());
        }
        assertNull(c.receivedFrame());
    }

    @Test
    void framesBeyondWhatAPortKeepsAreDroppedAndCounted() {
        int sent = 0;
        while (c.counted("back-end drop queue full") == null) {
            a.driver.send(Frames.numbered(1514));
            a.driver.run();
            a.driver.reclaim();
            sent++;
        }
        assertTrue(sent > 600, "only " + sent + " frames of 1514 bytes were kept");
        assertEquals(sent - 1L, c.counted("back-end queued"));
        assertEquals((long) sent, a.counted("device tx frames"), "the sender does not see it");
    }

    /** c takes no partial checksums, b does. */
    @Test
    void eachPortGetsTheChecksumItsDriverTakes() {
        b.driver.postMany(1);
        c.driver.postMany(1);
        byte[] payload = Frames.numbered(51);
        a.driver.send(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, Frames.UDP, 6), Frames.partialUdp(payload));
        a.driver.run();
        assertArrayEquals(Frames.partialUdp(payload), b.receivedFrame());
        assertArrayEquals(Frames.completeUdp(payload), c.receivedFrame());
    }

    @Test
    void aPortThatIsClosedHearsNothingAndItsLastPartnerIsAlone() {
        b.driver.close();
        c.driver.close();
        a.driver.send(Frames.numbered(60));
        a.driver.run();
        assertEquals(1, a.driver.reclaim());
        assertEquals(1L, a.counted("back-end unheard"));
    }

    @Test
    void whatWaitsAtAPortIsForgottenWhenItsDriverResets() {
        a.driver.send(Frames.numbered(60));
        a.driver.run();
        c.driver.transport.reset();
        assertEquals(1L, c.counted("back-end drop reset"));
        a.driver.send(Frames.numbered(60));
        a.driver.run();
        assertEquals(1L, c.counted("device rx drop not ready"));
    }
}
