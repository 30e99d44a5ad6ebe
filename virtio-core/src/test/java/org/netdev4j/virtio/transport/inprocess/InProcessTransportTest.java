package org.netdev4j.virtio.transport.inprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.DeviceStatus.ACKNOWLEDGE;
import static org.netdev4j.virtio.DeviceStatus.DEVICE_NEEDS_RESET;
import static org.netdev4j.virtio.DeviceStatus.DRIVER;
import static org.netdev4j.virtio.DeviceStatus.DRIVER_OK;
import static org.netdev4j.virtio.DeviceStatus.FAILED;
import static org.netdev4j.virtio.DeviceStatus.FEATURES_OK;

import java.lang.foreign.Arena;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.DeviceConfig;
import org.netdev4j.virtio.DriverHandshake;
import org.netdev4j.virtio.FeatureTable;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.device.ExpectedFailure;
import org.netdev4j.virtio.linux.OpenFds;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.netdev4j.virtio.queue.Virtqueue;
import org.netdev4j.virtio.testing.Rule;

/** The registers as the device keeps them, on a loop that is driven by hand. */
class InProcessTransportTest {
    private static final int ACCEPTING = ACKNOWLEDGE | DRIVER;
    private static final Features VERSION_1 = Features.of(VirtioFeature.VERSION_1);

    private final OpenFds before = OpenFds.now();
    private final DeviceLoop loop = new DeviceLoop("test-loop");
    private final EchoModel model = new EchoModel();
    private final InProcessTransport device = new InProcessTransport("echo", model, loop);
    private final MemoryRegion region = device.allocateMemory("test", 64 * 1024);
    private final Virtqueue queue = Virtqueue.create(region, 8, VERSION_1);

    @AfterEach
    void nothingLeaks() {
        device.close();
        loop.close();
        queue.close();
        region.close();
        before.assertNoneLeaked();
    }

    @Test
    void theDeviceIsWhatItsModelSays() {
        assertEquals("echo", device.name());
        assertEquals(42, device.deviceType());
        assertEquals(EchoModel.OFFERED, device.deviceFeatures());
        assertEquals(8, device.maxQueueSize(1));
        assertEquals(0, device.maxQueueSize(2));
        assertEquals(0, device.maxQueueSize(-1));
        assertEquals(0, device.status());
    }

    @Test
    @Rule("FT7.1")
    void aSubsetOfWhatIsOfferedIsAccepted() {
        device.driverFeatures(VERSION_1);
        device.status(ACCEPTING | FEATURES_OK);
        assertEquals(ACCEPTING | FEATURES_OK, device.status());
        assertEquals(List.of("accept {32}"), model.log);
    }

    @Test
    @Rule("FT7.2")
    void featuresThatAreNotOfferedLeaveFeaturesOkClear() {
        device.driverFeatures(VERSION_1.with(1));
        device.status(ACCEPTING | FEATURES_OK);
        assertEquals(ACCEPTING, device.status());
        assertEquals(List.of(), model.log, "the model is not even asked");
    }

    @Test
    @Rule("FT7.2")
    void aSubsetTheModelRefusesLeavesFeaturesOkClear() {
        model.refusesFeatures = true;
        device.driverFeatures(VERSION_1);
        device.status(ACCEPTING | FEATURES_OK);
        assertEquals(ACCEPTING, device.status());
    }

    @Test
    @Rule("FT9")
    void featuresAcceptedOnceAreAcceptedAfterAReset() {
        for (int round = 0; round < 3; round++) {
            device.driverFeatures(EchoModel.OFFERED);
            device.status(ACCEPTING | FEATURES_OK | DRIVER_OK);
            assertEquals(ACCEPTING | FEATURES_OK | DRIVER_OK, device.status());
            device.reset();
        }
    }

    @Test
    @Rule("IN3")
    void featuresAreFixedByFeaturesOk() {
        negotiate();
        device.driverFeatures(Features.NONE);
        device.status(ACCEPTING | FEATURES_OK | DRIVER_OK);
        assertEquals(VERSION_1, model.context.features());
    }

    @Test
    void driverOkWithoutFeaturesOkDoesNotStartTheDevice() {
        device.status(ACCEPTING | DRIVER_OK);
        assertEquals(ACCEPTING, device.status());
        assertEquals(List.of(), model.log);
    }

    @Test
    void aStatusWriteNeverClearsABit() {
        negotiate();
        device.status(DRIVER);
        assertEquals(ACCEPTING | FEATURES_OK, device.status());
    }

    @Test
    void bitsOfTheDeviceCannotBeWritten() {
        device.status(ACKNOWLEDGE | DEVICE_NEEDS_RESET | 0x100);
        assertEquals(ACKNOWLEDGE, device.status());
        assertThrows(IllegalArgumentException.class, () -> device.status(0));
    }

    @Test
    @Rule("RS1")
    void afterFailedOnlyAResetHelps() {
        device.status(FAILED);
        device.driverFeatures(VERSION_1);
        device.status(ACCEPTING | FEATURES_OK | DRIVER_OK);
        assertEquals(FAILED, device.status());
        device.reset();
        assertEquals(0, device.status());
        negotiate();
        assertEquals(ACCEPTING | FEATURES_OK, device.status());
    }

    @Test
    @Rule({"ST5", "RS1", "RS2"})
    void theModelIsPolledFromDriverOkToReset() {
        negotiate();
        enable(0);
        loop.doWork();
        assertNull(model.context, "not before DRIVER_OK");
        ready();
        assertNotNull(model.context.queue(0));
        assertNull(model.context.queue(1), "not enabled");
        assertNull(model.context.queue(7), "no such queue");
        DeviceContext old = model.context;
        device.reset();
        model.onPoll = new IllegalStateException("polled after reset");
        assertEquals(0, loop.doWork());
        assertEquals(List.of("accept {32}", "start", "stop"), model.log);
        assertNull(old.queue(0));
        assertEquals(0, device.status());
    }

    @Test
    @Rule("RS2")
    void aContextThatWasKeptIsDeadAfterReset() {
        start();
        DeviceContext old = model.context;
        device.reset();
        start();
        old.interrupt(0);
        old.configChanged();
        old.needsReset("too late");
        assertNull(old.queue(0));
        assertEquals(0, device.queueInterrupt(0).drain());
        assertEquals(0, device.configInterrupt().drain());
        assertEquals(ACCEPTING | FEATURES_OK | DRIVER_OK, device.status());
    }

    @Test
    void resetForgetsFeaturesQueuesAndPendingInterrupts() {
        start();
        model.context.interrupt(0);
        model.context.configChanged();
        device.reset();
        device.reset();
        assertEquals(0, device.queueInterrupt(0).drain());
        assertEquals(0, device.configInterrupt().drain());
        device.status(ACCEPTING | FEATURES_OK);
        device.status(ACCEPTING | FEATURES_OK | DRIVER_OK);
        assertEquals(Features.NONE, model.context.features());
        assertNull(model.context.queue(0));
        assertEquals(1, model.log.stream().filter("stop"::equals).count(), "stopped once, however often it is reset");
    }

    @Test
    void aModelThatThrowsWhenItStopsIsResetAllTheSame() {
        start();
        model.onStop = new ExpectedFailure();
        device.reset();
        assertEquals(0, device.status());
        model.onStop = null;
        start();
    }

    @Test
    @DisplayName("regression 21: a device that cannot start tells the driver why, and starts after a reset")
    void aModelThatCannotStartTellsTheDriverWhyAndMayBeRetried() {
        negotiate();
        model.onStart = new IllegalStateException("the TAP is gone");
        VirtioException e = assertThrows(VirtioException.class, () -> DriverHandshake.ready(device));
        assertEquals("echo: the device does not start: the TAP is gone", e.getMessage());
        assertEquals(ACCEPTING | FEATURES_OK | DRIVER_OK | DEVICE_NEEDS_RESET | FAILED, device.status());
        assertEquals(1, device.configInterrupt().drain());
        assertEquals(0, loop.doWork());
        model.onStart = null;
        device.reset();
        start();
        assertEquals(ACCEPTING | FEATURES_OK | DRIVER_OK, device.status());
    }

    @Test
    @Rule({"ST6", "ST7"})
    void aModelThatThrowsWhileItRunsNeedsAResetAndRecoversByIt() {
        start();
        model.onPoll = new ExpectedFailure();
        loop.doWork();
        assertEquals(DEVICE_NEEDS_RESET, device.status() & DEVICE_NEEDS_RESET);
        assertEquals(1, device.configInterrupt().drain());
        assertEquals(List.of("accept {32}", "start", "stop"), model.log, "what it watches would keep the loop awake");
        model.onPoll = null;
        assertEquals(0, loop.doWork());
        device.reset();
        assertEquals(List.of("accept {32}", "start", "stop"), model.log, "stopped once");
        start();
        assertEchoes("again");
    }

    @Test
    @Rule({"ST7", "OP1"})
    void needsResetNotifiesOnce() {
        start();
        model.context.needsReset("first");
        model.context.needsReset("second");
        assertEquals(ACCEPTING | FEATURES_OK | DRIVER_OK | DEVICE_NEEDS_RESET, device.status());
        assertEquals(1, device.configInterrupt().drain());
    }

    @Test
    void queuesAreEnabledBetweenFeaturesOkAndDriverOk() {
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> enable(0));
        assertEquals(
                "echo: queue 0 enabled when status is RESET; allowed between FEATURES_OK and DRIVER_OK, and later with"
                        + " RING_RESET",
                e.getMessage());
        start();
        assertThrows(IllegalStateException.class, () -> enable(1));
    }

    @Test
    void aQueueIsEnabledOnce() {
        negotiate();
        enable(0);
        assertThrows(IllegalStateException.class, () -> enable(0));
    }

    @Test
    void aQueueTheDeviceDoesNotHaveIsRefused() {
        negotiate();
        for (int index : new int[]{-1, 2, Integer.MAX_VALUE}) {
            assertEquals("echo: the device has no queue " + index,
                    assertThrows(VirtioException.class, () -> enable(index)).getMessage());
            assertThrows(VirtioException.class, () -> device.queueInterrupt(index));
        }
    }

    @Test
    void aSizeTheDeviceDoesNotAllowIsRefused() {
        negotiate();
        for (int size : new int[]{16, 6, 0, -8, Integer.MIN_VALUE}) {
            QueuePlacement right = queue.placement();
            QueuePlacement wrong = new QueuePlacement(size, right.descriptorAddress(), right.driverAddress(),
                    right.deviceAddress());
            assertEquals("echo: queue 0 of " + size + " descriptors, allowed are powers of two up to 8",
                    assertThrows(VirtioException.class, () -> device.enableQueue(0, wrong)).getMessage());
        }
    }

    @Test
    void ringsOutsideAttachedMemoryAreRefused() {
        negotiate();
        device.detachMemory(region);
        assertFalse(device.isAttached(region));
        assertThrows(VirtioException.class, () -> enable(0));
        device.attachMemory(region);
        device.attachMemory(region);
        assertTrue(device.isAttached(region));
        enable(0);
    }

    @Test
    void memoryThatWasUnmappedDoesNotHoldItsAddresses() {
        MemoryRegion first = atTheSamePlace();
        device.attachMemory(first);
        first.close();
        try (MemoryRegion second = atTheSamePlace()) {
            device.attachMemory(second);
            assertTrue(device.isAttached(second));
            assertFalse(device.isAttached(first));
            assertTrue(device.isAttached(region));
        }
    }

    private static MemoryRegion atTheSamePlace() {
        Arena arena = Arena.ofShared();
        return MemoryRegion.of("pool", arena.allocate(4096, 4096), 0x7000_0000_0000_0000L, null, arena::close);
    }

    @Test
    @Rule("CF5")
    void configurationIsReadLittleEndianAndUnsigned() {
        assertEquals(8, device.configSize());
        assertEquals(0x88, device.readConfig8(7));
        assertEquals(0x8807, device.readConfig16(6));
        assertEquals(0x88070605, device.readConfig32(4));
    }

    @Test
    void aConfigurationReadOutsideOrUnalignedIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> device.readConfig8(8));
        assertThrows(IllegalArgumentException.class, () -> device.readConfig8(-1));
        assertThrows(IllegalArgumentException.class, () -> device.readConfig16(7));
        assertThrows(IllegalArgumentException.class, () -> device.readConfig32(2));
        assertThrows(IllegalArgumentException.class, () -> device.readConfig32(8));
        assertThrows(IllegalArgumentException.class, () -> device.readConfig32(Integer.MAX_VALUE - 3));
    }

    @Test
    void everyVisibleChangeOfTheConfigurationIsANewGeneration() {
        int generation = device.configGeneration();
        assertEquals(generation, device.configGeneration());
        model.config[0] = 9;
        assertTrue(device.configGeneration() != generation, "though the model changed its array in place");
        assertArrayEquals(new byte[]{9, 2, 3, 4}, new DeviceConfig(device).bytes(0, 4));
    }

    @Test
    @Rule("OP1")
    void aConfigurationChangeIsANewGenerationThenAnInterrupt() {
        start();
        int generation = device.configGeneration();
        model.config = new byte[]{7};
        model.context.configChanged();
        assertEquals(1, device.configInterrupt().drain());
        assertTrue(device.configGeneration() != generation);
        assertEquals(1, device.configSize());
    }

    @Test
    void buffersCrossBothWaysAndTheDriverIsInterrupted() {
        negotiate();
        enable(0);
        ready();
        assertTrue(queue.armInterrupt());
        assertEchoes("hello, device");
        assertEquals(1, device.queueInterrupt(0).drain());
        assertEquals(0, device.queueInterrupt(1).drain());
        assertSame(device.queueInterrupt(0), device.queueInterrupt(0));
    }

    @Test
    void aPolledDeviceAsksForNoKick() {
        negotiate();
        enable(0);
        ready();
        EchoBuffer buffer = new EchoBuffer(region);
        assertTrue(queue.add(buffer.asking("quiet"), 1));
        assertFalse(queue.publish());
        buffer.close();
    }

    @Test
    void handshakeAndTransportAgree() {
        FeatureTable table = FeatureTable.builder().build();
        assertEquals(VERSION_1, DriverHandshake.negotiate(device, table, VERSION_1, VERSION_1));
        enable(0);
        DriverHandshake.ready(device);
        assertEchoes("ready");
        model.refusesFeatures = true;
        assertThrows(VirtioException.class, () -> DriverHandshake.negotiate(device, table, VERSION_1, VERSION_1));
        assertEquals(ACCEPTING | FAILED, device.status());
    }

    @Test
    void closeStopsAndClosesTheModelOnce() {
        start();
        device.close();
        device.close();
        assertEquals(List.of("accept {32}", "start", "stop", "close"), model.log);
        assertEquals(0, device.status());
    }

    @Test
    void aClosedTransportSaysSoButLetsGoOfEverything() {
        device.close();
        assertThrows(IllegalStateException.class, () -> device.status(ACKNOWLEDGE));
        assertThrows(IllegalStateException.class, device::configGeneration);
        assertThrows(IllegalStateException.class, () -> device.allocateMemory("late", 4096));
        device.reset();
        device.detachMemory(region);
        device.kick(0).kick(0);
    }

    @Test
    void theTransportMayBeClosedAfterItsLoop() {
        start();
        loop.close();
        device.close();
        assertEquals(List.of("accept {32}", "start", "stop", "close"), model.log);
    }

    private void negotiate() {
        device.driverFeatures(VERSION_1);
        device.status(ACKNOWLEDGE);
        device.status(ACCEPTING);
        device.status(ACCEPTING | FEATURES_OK);
    }

    private void enable(int index) {
        device.enableQueue(index, queue.placement());
    }

    private void ready() {
        device.status(ACCEPTING | FEATURES_OK | DRIVER_OK);
    }

    private void start() {
        negotiate();
        enable(0);
        ready();
    }

    private void assertEchoes(String text) {
        try (EchoBuffer buffer = new EchoBuffer(region)) {
            assertTrue(queue.add(buffer.asking(text), 5));
            queue.publish();
            loop.doWork();
            int[] tokens = new int[1];
            int[] written = new int[1];
            assertEquals(1, queue.pop(tokens, written, 1));
            assertEquals(5, tokens[0]);
            assertEquals(text, buffer.answer(written[0]));
        }
    }
}
