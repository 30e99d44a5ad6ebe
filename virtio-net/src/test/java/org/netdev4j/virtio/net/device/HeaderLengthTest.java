package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;

/** The header is as long as the features say, in both directions (virtio 1.4 §5.1.9). */
class HeaderLengthTest {
    private static final Features HASH_REPORT = DriverEnd.PLAIN.with(NetFeature.CTRL_VQ).with(NetFeature.HASH_REPORT);

    private final FakeBackend backend = new FakeBackend();
    private final DeviceLoop loop = new DeviceLoop("test");
    private VirtioNetDevice device;
    private DriverEnd driver;

    private void start(Features features) {
        device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")), backend);
        driver = new DriverEnd(device, loop, features);
    }

    @AfterEach
    void close() {
        driver.close();
        loop.close();
    }

    @Test
    void aHeaderWithAHashIs20BytesFromTheDriver() {
        start(HASH_REPORT);
        byte[] frame = Frames.numbered(60);
        driver.send(new byte[NetHeader.HASH_LENGTH], frame);
        driver.send(new byte[NetHeader.HASH_LENGTH - 1], new byte[0]);
        driver.run();
        assertArrayEquals(frame, backend.transmitted.get(0));
        assertEquals(1L, device.counters().get("device tx drop no header"));
    }

    /** No type of hash is configured, so none is reported; what was in the buffer before does not show. */
    @Test
    void aHeaderWithAHashIs20BytesToTheDriver() {
        start(HASH_REPORT);
        driver.post(19, 1, 100);
        byte[] frame = Frames.numbered(60);
        backend.arriving.add(Frames.of(frame));
        driver.run();
        byte[] header = new byte[NetHeader.HASH_LENGTH];
        header[NetHeader.NUM_BUFFERS] = 1;
        assertArrayEquals(Frames.concat(header, frame), driver.received());
    }

    @Test
    void mergedBuffersBeginWithAHeaderOf20Bytes() {
        start(HASH_REPORT.with(NetFeature.MRG_RXBUF));
        driver.post(50);
        driver.post(50);
        byte[] frame = Frames.numbered(70);
        backend.arriving.add(Frames.of(frame));
        driver.run();
        byte[] first = driver.received();
        assertEquals(2, first[NetHeader.NUM_BUFFERS]);
        assertArrayEquals(Arrays.copyOf(frame, 30), Arrays.copyOfRange(first, NetHeader.HASH_LENGTH, 50));
        assertArrayEquals(Arrays.copyOfRange(frame, 30, 70), driver.received());
    }

    /** The hash is in front of the frame that it is made from. */
    @Test
    void nothingIsLentWhereHashesAreReported() {
        start(HASH_REPORT);
        assertFalse(backend.receiver.lends());
    }
}
