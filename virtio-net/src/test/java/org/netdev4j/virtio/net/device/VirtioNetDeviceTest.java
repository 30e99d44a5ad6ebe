package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.DeviceStatus;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetConfigLayout;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetFeatures;
import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What the device says about itself, and its life from DRIVER_OK to reset. */
class VirtioNetDeviceTest {
    private static final DeviceSettings SETTINGS = DeviceSettings.of(MacAddress.parse("02:11:22:33:44:55"));
    private final FakeBackend backend = new FakeBackend();
    private final VirtioNetDevice device = new VirtioNetDevice(SETTINGS.withMtu(9000), backend);

    @Test
    void configurationHasAddressLinkOnePairAndMtu() {
        byte[] upToMtu = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 1, 0, 1, 0, 0x28, 0x23};
        assertArrayEquals(upToMtu, Arrays.copyOf(device.config(), upToMtu.length));
        backend.linkUp = false;
        assertEquals(0, device.config()[6]);
    }

    @Test
    void hasOneReceiveOneTransmitAndOneControlQueue() {
        assertEquals(1024, device.maxQueueSize(0));
        assertEquals(1024, device.maxQueueSize(1));
        assertEquals(1024, device.maxQueueSize(2));
        assertEquals(0, device.maxQueueSize(3));
        assertEquals(1, device.deviceType());
    }

    @Property(tries = 200)
    @Rule({"FT7", "FT19.2"})
    void acceptsEveryCompleteSubsetThatHasVersion1(@ForAll long bits) {
        Features subset = NetFeatures.TABLE.close(new Features(bits, 0).and(SETTINGS.offered()));
        assertTrue(device.acceptFeatures(subset.with(VirtioFeature.VERSION_1)));
        assertFalse(device.acceptFeatures(subset.without(VirtioFeature.VERSION_1)));
        assertFalse(device.acceptFeatures(subset.with(VirtioFeature.VERSION_1).with(NetFeature.MQ)));
    }

    @Test
    @Rule("FT7.2")
    void offersOnlyWhatItWasToldTo() {
        Features offered = Features.of(VirtioFeature.VERSION_1, NetFeature.MAC);
        VirtioNetDevice plain = new VirtioNetDevice(SETTINGS.withOffered(offered), new FakeBackend());
        assertEquals(offered, plain.offeredFeatures());
        assertFalse(plain.acceptFeatures(offered.with(NetFeature.CSUM)));
    }

    @Property(tries = 200)
    @Rule("FT6")
    void offersNoFeatureWithoutWhatItNeeds(@ForAll long bits) {
        Features offered = new Features(bits, 0).and(SETTINGS.offered()).with(VirtioFeature.VERSION_1);
        Features complete = NetFeatures.TABLE.close(offered);
        if (offered.equals(complete)) {
            assertEquals(offered, SETTINGS.withOffered(offered).offered());
        } else {
            assertThrows(IllegalArgumentException.class, () -> SETTINGS.withOffered(offered));
        }
    }

    @Test
    @Rule({"NC2.1", "NC8"})
    void settingsAgainstTheRulesOfTheConfigurationAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> SETTINGS.withMtu(67));
        assertThrows(IllegalArgumentException.class, () -> SETTINGS.withMtu(65536));
        for (NetFeature needsControlQueue : List.of(NetFeature.HASH_REPORT, NetFeature.CTRL_RX_EXTRA)) {
            Features offered = Features.of(VirtioFeature.VERSION_1, needsControlQueue);
            assertThrows(IllegalArgumentException.class, () -> SETTINGS.withOffered(offered));
        }
    }

    @Test
    @Rule({"NC5", "NC6"})
    void configurationHasSpeedDuplexAndWhatCanBeHashed() {
        assertEquals(-1, config(SETTINGS).getInt(NetConfigLayout.SPEED), "unknown");
        ByteBuffer config = config(SETTINGS.withMaxPairs(2).withSpeed(Integer.MAX_VALUE));
        assertEquals(Integer.MAX_VALUE, config.getInt(NetConfigLayout.SPEED));
        assertEquals(1, config.get(NetConfigLayout.DUPLEX), "full");
        assertEquals(40, config.get(NetConfigLayout.RSS_MAX_KEY_SIZE));
        assertEquals(128, config.getShort(NetConfigLayout.RSS_MAX_INDIRECTION_TABLE_LENGTH));
        assertThrows(IllegalArgumentException.class, () -> SETTINGS.withSpeed(-2));
    }

    private static ByteBuffer config(DeviceSettings settings) {
        try (VirtioNetDevice other = new VirtioNetDevice(settings, new FakeBackend())) {
            return ByteBuffer.wrap(other.config()).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    @Test
    @Rule({"NC2.2", "NC7"})
    void configurationStandsStillWhileTheLinkIsUp() {
        byte[] before = device.config();
        try (DeviceLoop loop = new DeviceLoop("test")) {
            try (DriverEnd driver = new DriverEnd(device, loop, DriverEnd.PLAIN)) {
                driver.send(Frames.numbered(60));
                driver.run();
                assertArrayEquals(before, device.config());
                driver.transport.reset();
                assertArrayEquals(before, device.config());
            }
        }
    }

    @Test
    @Rule({"FT8", "FT19.1"})
    void settingsThatNoDeviceCanHaveAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> SETTINGS.withMtu(67));
        assertThrows(IllegalArgumentException.class, () -> SETTINGS.withMtu(65536));
        assertThrows(IllegalArgumentException.class, () -> SETTINGS.withMaxQueueSize(300));
        assertThrows(IllegalArgumentException.class, () -> DeviceSettings.of(MacAddress.BROADCAST));
        assertThrows(IllegalArgumentException.class, () -> SETTINGS.withOffered(Features.of(NetFeature.MAC)));
        assertThrows(IllegalArgumentException.class,
                () -> SETTINGS.withOffered(Features.of(VirtioFeature.VERSION_1, NetFeature.MQ)));
    }

    @Test
    @Rule("OP1")
    void aLinkChangeIsANewConfigurationAndANotification() {
        try (DeviceLoop loop = new DeviceLoop("test");
                DriverEnd driver = new DriverEnd(device, loop, DriverEnd.PLAIN.with(NetFeature.STATUS))) {
            int generation = driver.transport.configGeneration();
            backend.linkUp = false;
            backend.receiver.linkChanged();
            assertEquals(1, driver.transport.configInterrupt().drain());
            assertNotEquals(generation, driver.transport.configGeneration());
            assertEquals(0, driver.transport.readConfig16(6));
        }
    }

    @Test
    void theBackendIsStartedWithTheDriverStoppedByAResetAndClosedWithTheDevice() {
        try (DeviceLoop loop = new DeviceLoop("test")) {
            DriverEnd driver = new DriverEnd(device, loop, DriverEnd.PLAIN);
            assertEquals(List.of("start"), backend.events);
            driver.transport.reset();
            assertEquals(List.of("start", "stop"), backend.events);
            driver.close();
            assertEquals(List.of("start", "stop", "close"), backend.events);
        }
    }

    @Test
    void whatArrivesWhileTheDriverIsNotReadyIsDropped() {
        assertEquals(Verdict.DROPPED, backend.receiver.receive(Frames.of(Frames.numbered(60))));
        assertEquals(null, backend.receiver.borrow());
        assertEquals(Map.of("device rx drop not ready", 1L), device.counters());
    }

    @Test
    @Rule("ST6")
    void aBrokenQueueAsksForAResetAndNothingMovesUntilThen() {
        try (DeviceLoop loop = new DeviceLoop("test");
                DriverEnd driver = new DriverEnd(device, loop, DriverEnd.PLAIN)) {
            driver.postMany(4);
            driver.send(Frames.numbered(60));
            driver.breakQueue(driver.transmitQueue);
            driver.run();
            assertTrue((driver.transport.status() & DeviceStatus.DEVICE_NEEDS_RESET) != 0);
            assertEquals(1L, device.counters().get("device broken queues"));
            backend.arriving.add(Frames.of(Frames.numbered(60)));
            driver.run();
            assertEquals(List.of(Verdict.DROPPED), backend.delivered);
            assertEquals(List.of(), backend.transmitted);
            driver.transport.reset();
            assertEquals(0, driver.transport.status());
        }
    }

    @Test
    @Rule({"ST6", "ST7", "SQ7"})
    void aMalformedBufferIsHandedBackUnwrittenAndTheDeviceAsksForAReset() {
        try (DeviceLoop loop = new DeviceLoop("test");
                DriverEnd driver = new DriverEnd(device, loop, DriverEnd.PLAIN)) {
            driver.send(Frames.numbered(60));
            driver.sendNowhere();
            driver.run();
            assertEquals(2, driver.reclaim(), "the good one and the malformed one");
            assertEquals(1, backend.transmitted.size());
            assertTrue((driver.transport.status() & DeviceStatus.DEVICE_NEEDS_RESET) != 0);
            assertEquals(1, driver.transport.configInterrupt().drain());
        }
    }

    @Test
    @Rule("QR1")
    void aTransmitQueueThatIsResetComesBackWhileFramesArrive() {
        try (DeviceLoop loop = new DeviceLoop("test");
                DriverEnd driver = new DriverEnd(device, loop, DriverEnd.RESETTABLE)) {
            driver.postMany(4);
            driver.send(Frames.numbered(60));
            driver.resetQueue(VirtioNetDevice.TRANSMIT_QUEUE);
            backend.arriving.add(Frames.of(Frames.numbered(61)));
            driver.run();
            assertEquals(List.of(), backend.transmitted);
            assertEquals(73, driver.received().length);

            driver.enableQueue(VirtioNetDevice.TRANSMIT_QUEUE);
            driver.send(Frames.numbered(62));
            driver.run();
            assertEquals(62, backend.transmitted.get(0).length);
            assertEquals(List.of("start"), backend.events, "the back-end did not notice");
        }
    }

    @Test
    @Rule("QR1")
    void whatArrivesWhileTheReceiveQueueIsResetIsDropped() {
        try (DeviceLoop loop = new DeviceLoop("test");
                DriverEnd driver = new DriverEnd(device, loop, DriverEnd.RESETTABLE)) {
            driver.postMany(4);
            driver.resetQueue(VirtioNetDevice.RECEIVE_QUEUE);
            backend.arriving.add(Frames.of(Frames.numbered(60)));
            driver.run();
            assertEquals(List.of(Verdict.DROPPED), backend.delivered);
            assertNull(driver.received());

            driver.enableQueue(VirtioNetDevice.RECEIVE_QUEUE);
            driver.postMany(1);
            backend.arriving.add(Frames.of(Frames.numbered(61)));
            driver.run();
            assertEquals(73, driver.received().length);
        }
    }

    @Test
    void aBackendThatWaitsForBuffersIsResumedByTheQueueThatComesBack() {
        try (DeviceLoop loop = new DeviceLoop("test");
                DriverEnd driver = new DriverEnd(device, loop, DriverEnd.RESETTABLE)) {
            backend.arriving.add(Frames.of(Frames.numbered(60)));
            driver.run();
            assertEquals(List.of(Verdict.BUSY), backend.delivered);
            driver.resetQueue(VirtioNetDevice.RECEIVE_QUEUE);
            driver.enableQueue(VirtioNetDevice.RECEIVE_QUEUE);
            driver.postMany(1);
            driver.run();
            assertEquals(72, driver.received().length);
        }
    }

    @Test
    @Rule("ST6")
    void aBrokenReceiveQueueAsksForAResetToo() {
        try (DeviceLoop loop = new DeviceLoop("test");
                DriverEnd driver = new DriverEnd(device, loop, DriverEnd.PLAIN)) {
            driver.breakQueue(driver.receiveQueue);
            backend.arriving.add(Frames.of(Frames.numbered(60)));
            driver.run();
            assertTrue((driver.transport.status() & DeviceStatus.DEVICE_NEEDS_RESET) != 0);
            assertEquals(1L, device.counters().get("device broken queues"));
        }
    }

    @Test
    void aDriverThatComesAfterAResetFindsAFreshDevice() {
        try (DeviceLoop loop = new DeviceLoop("test")) {
            DriverEnd first = new DriverEnd(device, loop, DriverEnd.CHECKSUMS);
            backend.room = 0;
            first.send(Frames.numbered(60));
            first.run();
            first.transport.reset();
            backend.room = 1;
            try (DriverEnd second = new DriverEnd(device, loop, DriverEnd.PLAIN)) {
                assertFalse(backend.receiver.accepts().has(Offloads.CHECKSUM));
                second.send(Frames.numbered(61));
                second.run();
                assertEquals(1, backend.transmitted.size());
                assertEquals(61, backend.transmitted.get(0).length);
            }
            first.close();
        }
    }
}
