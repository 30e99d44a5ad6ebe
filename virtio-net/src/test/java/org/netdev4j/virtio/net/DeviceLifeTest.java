package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.NetDevState;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.virtio.DeviceStatus;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.Rule;

/** From probe to close, and back from every step that fails (virtio 1.4 §3). */
class DeviceLifeTest {
    private final ScriptedDevice device = new ScriptedDevice();

    @Test
    @Rule({"ST1", "IN1.1", "IN1.2", "IN1.3", "IN1.4", "IN1.5", "IN1.7", "IN1.8", "IN6"})
    void startInitialisesTheDeviceInTheOrderOfTheSpecification() {
        try (Bench bench = new Bench(device).probed().prepared(64, 16)) {
            device.history.clear();
            bench.started();

            assertEquals(List.of("reset", "ACKNOWLEDGE", "DRIVER", "features", "FEATURES_OK", "enable 0", "enable 1",
                    "DRIVER_OK", "kick 0"), device.history);
            assertEquals(16, device.available(ScriptedDevice.RX), "receive buffers are there before DRIVER_OK");
            assertEquals(0, device.available(ScriptedDevice.TX));
        }
    }

    @Test
    @DisplayName("regression 3: bits that are not offered are never accepted, whatever depends on them")
    @Rule({"FT1", "FT2", "FT3"})
    void acceptsOnlyWhatIsOfferedAndImplemented() {
        device.offers(NetFeature.MAC, NetFeature.GUEST_ANNOUNCE, NetFeature.GUEST_TSO4, NetFeature.GUEST_UFO,
                VirtioFeature.SR_IOV);
        device.offered = device.offered.or(new Features(1L << 4 | 1L << 44, 1L << 63));
        try (Bench bench = Bench.running(device)) {
            assertEquals(Features.of(VirtioFeature.VERSION_1, NetFeature.MAC), device.accepted);
            assertEquals(NetDevState.RUNNING, bench.dev.state());
        }
    }

    @Test
    @Rule("FT15")
    void acceptsAPackedRingWhereOneIsOffered() {
        device.offers(VirtioFeature.RING_PACKED);
        try (Bench bench = Bench.running(device)) {
            assertTrue(device.accepted.has(VirtioFeature.RING_PACKED));
            assertTrue(bench.tx.transmit(bench.packet(Bench.frame(60))));
            assertArrayEquals(Bench.frame(60), device.transmitted().frame);
        }
    }

    @Test
    void aDeviceWithoutAFeatureSwitchedOnByNameIsRefusedByName() {
        DriverOptions options = DriverOptions.parse(DeviceString.parse("loopback,ring=packed"));
        try (Bench bench = new Bench(device, options)) {
            NetDevException refused = assertThrows(NetDevException.class, bench.dev::probe);

            assertTrue(refused.getMessage().contains("needs [RING_PACKED]"), refused.getMessage());
        }
    }

    @Test
    @DisplayName("regression 4: FEATURES_OK refused is an error, and status is FAILED")
    @Rule({"IN4", "IN5"})
    void refusedFeaturesFailTheDevice() {
        device.refusesFeatures = true;
        try (Bench bench = new Bench(device)) {
            assertThrows(NetDevException.class, bench.dev::probe);

            assertTrue((device.status & DeviceStatus.FAILED) != 0, DeviceStatus.describe(device.status));
            assertEquals(NetDevState.UNPROBED, bench.dev.state());
        }
    }

    @Test
    @DisplayName("regression 21: probe can be tried again")
    @Rule("ST3")
    void probeSucceedsAfterItFailed() {
        device.refusesFeatures = true;
        try (Bench bench = new Bench(device)) {
            assertThrows(NetDevException.class, bench.dev::probe);
            device.refusesFeatures = false;

            bench.dev.probe();

            assertEquals(NetDevState.UNCONFIGURED, bench.dev.state());
            assertFalse((device.status & DeviceStatus.FAILED) != 0);
        }
    }

    @Test
    @Rule({"FT4", "FT13.2"})
    void aLegacyDeviceIsRefusedWhereVersion1IsAskedFor() {
        device.offered = Features.of(NetFeature.MAC);
        DriverOptions modern = DriverOptions.parse(DeviceString.parse("loopback,features=+VERSION_1"));
        try (NetDev dev = new NetDev("modern", new VirtioNetDriver(modern).probe(device))) {
            NetDevException refused = assertThrows(NetDevException.class, dev::probe);

            assertTrue(refused.getMessage().contains("VERSION_1"), refused.getMessage());
        }
    }

    /** virtio 1.4 §3.1.2: without FEATURES_OK, with a header that ends before num_buffers. */
    @Test
    @Rule({"FT10", "IN7", "NC18.1"})
    void aLegacyDeviceIsDrivenWithAShortHeaderAndWithoutFeaturesOk() {
        device.offered = Features.of(NetFeature.MAC);
        try (Bench bench = Bench.running(device)) {
            assertEquals(0, device.status & DeviceStatus.FEATURES_OK);
            assertEquals(NetHeader.LEGACY_LENGTH, bench.dev.info().rxHeadroom());
            assertEquals(NetDevState.RUNNING, bench.dev.state());
        }
    }

    @Test
    @DisplayName("regression 21: a queue that cannot be enabled leaves the device reset and the buffers in their pool")
    void startSucceedsAfterAQueueCouldNotBeEnabled() {
        device.queueItCannotEnable = ScriptedDevice.TX;
        try (Bench bench = new Bench(device).probed().prepared(64, 16)) {
            int regions = device.regions();
            assertThrows(NetDevException.class, bench.dev::start);

            assertEquals(0, device.status, "reset");
            assertEquals(64, bench.pool.available());
            assertEquals(regions, device.regions(), "queue memory is detached");
            assertEquals(NetDevState.CONFIGURED, bench.dev.state());

            device.queueItCannotEnable = -1;
            bench.started();
            assertEquals(48, bench.pool.available());
        }
    }

    @Test
    void aStartThatFailsIsTakenBackThoughTheDeviceCannotBeToldThatItFailed() {
        device.queueItCannotEnable = ScriptedDevice.TX;
        device.cannotBeToldOfFailure = true;
        try (Bench bench = new Bench(device).probed().prepared(64, 16)) {
            assertThrows(NetDevException.class, bench.dev::start);
            assertEquals(64, bench.pool.available());
        }
    }

    @Test
    @DisplayName("regression 21: start without memory for the rings can be tried again")
    void startSucceedsAfterMemoryWasRefused() {
        try (Bench bench = new Bench(device).probed().prepared(64, 16)) {
            device.refusesMemory = true;
            assertThrows(NetDevException.class, bench.dev::start);
            device.refusesMemory = false;

            bench.started();

            assertEquals(NetDevState.RUNNING, bench.dev.state());
        }
    }

    @Test
    @DisplayName("regression 20 and 21: a receive queue without listener that cannot be prepared can be prepared again")
    void queueIsPreparedAfterItFailed() {
        try (Bench bench = new Bench(device).probed()) {
            bench.pool = bench.pool("pool", 64, 128, 2048);
            bench.dev.configure(NetDevConfig.ONE_PAIR);
            RxQueueConfig polled = RxQueueConfig.polled(bench.pool);
            assertThrows(NetDevException.class, () -> bench.dev.configureRxQueue(0, polled.withSize(17)));

            bench.dev.configureRxQueue(0, polled.withSize(16));
            bench.dev.configureTxQueue(0, TxQueueConfig.POLLED);
            bench.dev.start();

            assertEquals(16, device.placement(ScriptedDevice.RX).size());
        }
    }

    @Test
    @DisplayName("regression 22: virtqueues are numbered by queue index, not by the order of preparation")
    void transmitQueuePreparedFirstIsStillVirtqueueOne() {
        try (Bench bench = new Bench(device).probed()) {
            bench.pool = bench.pool("pool", 64, 128, 2048);
            bench.dev.configure(NetDevConfig.ONE_PAIR);
            bench.dev.configureTxQueue(0, TxQueueConfig.POLLED.withSize(32));
            bench.dev.configureRxQueue(0, RxQueueConfig.polled(bench.pool).withSize(16));
            bench.dev.start();

            assertEquals(16, device.placement(0).size(), "receiveq1");
            assertEquals(32, device.placement(1).size(), "transmitq1");
        }
    }

    @Test
    @DisplayName("regression 26: stop returns every buffer, start moves packets again")
    @Rule("CL2")
    void stopThenStart() {
        try (Bench bench = Bench.running(device)) {
            bench.tx.transmit(bench.packet(Bench.frame(60)));
            assertTrue(device.deliver(Bench.frame(60)));
            assertTrue(bench.pool.available() < 64);

            bench.dev.stop();
            assertEquals(0, device.status);
            assertEquals(64, bench.pool.available());
            assertEquals(1, bench.tx.stats().drops().get(DropReason.RESET), "was in the ring");
            assertEquals(1, bench.rx.stats().drops().get(DropReason.RESET), "had arrived, was not received");

            bench.dev.start();
            bench.tx.transmit(bench.packet(Bench.frame(99)));
            assertArrayEquals(Bench.frame(99), device.transmitted().frame);
            assertTrue(device.deliver(Bench.frame(77)));
            NetBuf received = bench.receive();
            assertArrayEquals(Bench.frame(77), Bench.bytes(received));
            received.free();
        }
        assertTrue(device.closed);
    }

    @Test
    @Rule("ST4")
    void whatADeviceThatNeedsAResetHeldIsNotTakenForSent() {
        try (Bench bench = Bench.running(device)) {
            bench.tx.transmit(bench.packet(Bench.frame(60)));
            device.take();
            device.needReset();

            assertEquals(0, bench.tx.reclaim());
            bench.dev.stop();

            assertEquals(1, bench.tx.stats().drops().get(DropReason.RESET));
            assertEquals(64, bench.pool.available());
            bench.dev.start();
            bench.tx.transmit(bench.packet(Bench.frame(61)));
            assertArrayEquals(Bench.frame(61), device.transmitted().frame);
        }
    }

    @Test
    void stoppedDeviceIsConfiguredAnewWithOtherQueues() {
        try (Bench bench = Bench.running(device)) {
            bench.dev.stop();
            bench.prepared(RxQueueConfig.polled(bench.pool).withSize(8), TxQueueConfig.POLLED.withSize(4));

            bench.started();

            assertEquals(8, device.placement(ScriptedDevice.RX).size());
            assertEquals(4, device.placement(ScriptedDevice.TX).size());
            assertEquals(56, bench.pool.available());
        }
    }

    @Test
    @DisplayName("buffers are not taken back from a device that did not reset (virtio 1.4 §3.3.1)")
    @Rule({"RS3", "CL2"})
    void buffersStayWithADeviceThatHangs() {
        try (Bench bench = Bench.running(device)) {
            device.hangsInReset = true;
            assertThrows(NetDevException.class, bench.dev::stop);
            assertEquals(48, bench.pool.available());

            device.hangsInReset = false;
            bench.dev.stop();
            assertEquals(64, bench.pool.available());
        }
    }

    @Test
    void closeReturnsBuffersEvenOfADeviceThatHangs() {
        Bench bench = Bench.running(device);
        device.hangsInReset = true;

        assertThrows(NetDevException.class, bench.dev::close);

        assertTrue(device.closed, "let go");
        assertEquals(64, bench.pool.available());
        bench.dev.close();
    }

    @Test
    void deviceWithoutATransmitQueueIsRefused() {
        device.maxQueueSize = 0;
        try (Bench bench = new Bench(device)) {
            NetDevException refused = assertThrows(NetDevException.class, bench.dev::probe);

            assertTrue(refused.getMessage().contains("virtqueue 0"), refused.getMessage());
        }
    }

    @Test
    @Rule("SQ2")
    void queuesAreNoLargerThanTheDeviceAllows() {
        device.maxQueueSize = 64;
        try (Bench bench = new Bench(device).probed()) {
            assertEquals(64, bench.dev.rxQueueInfo(0).defaultSize());
        }
    }

    @Test
    void driverMatchesNetworkDevicesOnlyAndClosesThemOnRemoval() {
        VirtioNetDriver driver = new VirtioNetDriver(DriverOptions.DEFAULT);
        assertEquals(1, driver.deviceType());

        driver.remove(driver.probe(device));

        assertTrue(device.closed);
        assertEquals(List.of("reset"), device.history);
    }

    @Test
    void probingADeviceOfAnotherTypeIsRefused() {
        VirtioNetDriver driver = new VirtioNetDriver(DriverOptions.DEFAULT);
        device.deviceType = 2;

        assertThrows(VirtioException.class, () -> driver.probe(device));
    }

    @Test
    void detailsNameWhatWasOfferedWantedAndAgreed() {
        device.offers(NetFeature.MAC, NetFeature.GUEST_UFO);
        try (Bench bench = Bench.running(device)) {
            assertEquals("MAC GUEST_UFO VERSION_1", bench.dev.details().get("features offered"));
            assertEquals(String.join(" ", NetFeatures.TABLE.names(NetFeatures.WANTED.minus(NetFeatures.LARGE_RECEIVE))),
                    bench.dev.details().get("features wanted"));
            assertEquals("MAC VERSION_1", bench.dev.details().get("features negotiated"));
            assertEquals("rx0=16 tx0=16", bench.dev.details().get("queue sizes"));
            assertTrue(bench.dev.details().get("device status").contains("DRIVER_OK"));
            assertEquals(1, bench.dev.counters().get("rx0 kicks"));
        }
    }
}
