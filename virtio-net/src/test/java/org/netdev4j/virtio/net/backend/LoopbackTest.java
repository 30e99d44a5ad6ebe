package org.netdev4j.virtio.net.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.DriverEnd;
import org.netdev4j.virtio.net.device.Frames;
import org.netdev4j.virtio.net.device.VirtioNetDevice;

class LoopbackTest {
    private final DeviceLoop loop = new DeviceLoop("test");
    private final VirtioNetDevice device = new VirtioNetDevice(
            DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")), new Loopback());
    private final DriverEnd driver = new DriverEnd(device, loop, DriverEnd.CHECKSUMS);

    @AfterEach
    void close() {
        driver.close();
        loop.close();
    }

    private byte[] receivedFrame() {
        byte[] bytes = driver.received();
        return bytes == null ? null : Arrays.copyOfRange(bytes, NetHeader.LENGTH, bytes.length);
    }

    @Test
    void whatIsSentComesBackInOrder() {
        driver.postMany(100);
        for (int i = 0; i < 100; i++) {
            driver.send(Frames.numbered(60 + i));
        }
        driver.run();
        assertEquals(100, driver.reclaim());
        for (int i = 0; i < 100; i++) {
            assertArrayEquals(Frames.numbered(60 + i), receivedFrame());
        }
        assertNull(driver.received());
    }

    @Test
    void aPartialChecksumComesBackPartial() {
        driver.postMany(1);
        byte[] frame = Frames.partialUdp(Frames.numbered(18));
        driver.send(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, Frames.UDP, 6), frame);
        driver.run();
        byte[] bytes = driver.received();
        assertEquals(NetHeader.FLAG_NEEDS_CSUM, bytes[NetHeader.FLAGS]);
        assertEquals(Frames.UDP, bytes[NetHeader.CSUM_START]);
        assertArrayEquals(frame, Arrays.copyOfRange(bytes, NetHeader.LENGTH, bytes.length));
    }

    @Test
    void framesWithoutAReceiveBufferStayInTheTransmitQueue() {
        int sent = DriverEnd.QUEUE_SIZE;
        for (int i = 0; i < sent; i++) {
            driver.send(numbered(i));
        }
        driver.run();
        assertEquals(0, driver.reclaim());
        assertEquals(1L, device.counters().get("device tx busy"));

        for (int received = 0; received < sent; received++) {
            driver.postMany(1);
            driver.run();
            assertArrayEquals(numbered(received), receivedFrame());
            assertEquals(1, driver.reclaim());
        }
        assertEquals((long) sent, device.counters().get("device tx frames"));
    }

    private static byte[] numbered(int number) {
        byte[] frame = Frames.numbered(1514);
        frame[0] = (byte) number;
        frame[1] = (byte) (number >> 8);
        return frame;
    }
}
