package org.netdev4j.virtio.transport.inprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.DeviceStatus.DEVICE_NEEDS_RESET;

import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.DriverHandshake;
import org.netdev4j.virtio.FeatureTable;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.device.ExpectedFailure;
import org.netdev4j.virtio.queue.QueuePlacement;
import org.netdev4j.virtio.queue.Virtqueue;
import org.netdev4j.virtio.testing.Rule;

/** Queues that go and come back while the device runs (virtio 1.4 §2.6.1), and what their kicks say (§2.9). */
class QueueResetTest {
    private static final Features PLAIN = Features.of(VirtioFeature.VERSION_1);
    private static final Features RESETTABLE = PLAIN.with(VirtioFeature.RING_RESET);

    private final DeviceLoop loop = new DeviceLoop("test-loop");
    private final EchoModel model = new EchoModel();
    private final InProcessTransport device = new InProcessTransport("echo", model, loop);
    private final MemoryRegion region = device.allocateMemory("test", 64 * 1024);
    private final Virtqueue queue = Virtqueue.create(region, 8, PLAIN);
    private final Virtqueue other = Virtqueue.create(region, 8, PLAIN);
    private final EchoBuffer buffer = new EchoBuffer(region);
    private final int[] tokens = new int[8];
    private final int[] written = new int[8];

    @AfterEach
    void close() {
        device.close();
        loop.close();
        buffer.close();
        queue.close();
        other.close();
        region.close();
    }

    @Test
    @DisplayName("queues are started after the device, one by one, and end with it")
    void everyQueueEnabledBeforeDriverOkIsStarted() {
        start(RESETTABLE);
        assertEquals(List.of("+0", "+1"), model.queueLog);
        device.reset();
        assertEquals(List.of("+0", "+1"), model.queueLog, "stop is enough");
    }

    @Test
    @Rule("QR1")
    void aQueueThatWasResetIsNeitherServedNorNotifiedFor() {
        start(RESETTABLE);
        assertTrue(queue.armInterrupt());
        assertTrue(queue.add(buffer.asking("too late"), 1));
        queue.publish();
        device.resetQueue(0);
        model.context.interrupt(0);
        loop.doWork();

        assertEquals(List.of("+0", "+1", "-0"), model.queueLog);
        assertNull(model.context.queue(0));
        assertEquals(0, queue.pop(tokens, written, 8));
        assertEquals(0, device.queueInterrupt(0).drain());
    }

    @Test
    @Rule({"QR1", "QR3"})
    void whatWasServedBeforeTheResetStaysServedAndItsNotificationIsForgotten() {
        start(RESETTABLE);
        assertTrue(queue.armInterrupt());
        assertTrue(queue.add(buffer.asking("in time"), 1));
        queue.publish();
        loop.doWork();
        device.resetQueue(0);

        assertEquals(0, device.queueInterrupt(0).drain());
        assertEquals(1, queue.pop(tokens, written, 8));
        assertEquals("in time", buffer.answer(written[0]));
    }

    @Test
    @Rule("QR4")
    void buffersInFlightAreTheDriversAgain() {
        start(RESETTABLE);
        assertTrue(queue.add(buffer.asking("one"), 11));
        assertTrue(queue.add(buffer.asking("two"), 12));
        queue.publish();
        device.resetQueue(0);

        assertEquals(2, queue.reset(tokens));
        assertEquals(List.of(11, 12), List.of(tokens[0], tokens[1]));
        device.detachMemory(region);
        assertEquals(0, loop.doWork());
        device.attachMemory(region);
    }

    @Test
    @Rule({"QR2", "QR5", "QR6"})
    void aQueueComesBackSmallerElsewhereAndFromItsStart() {
        start(RESETTABLE);
        assertEchoes(queue, 0, "first life");
        device.resetQueue(0);
        try (Virtqueue smaller = Virtqueue.create(region, 4, PLAIN)) {
            device.enableQueue(0, smaller.placement());
            assertEquals(4, model.context.queue(0).size());
            for (int i = 0; i < 9; i++) {
                assertEchoes(smaller, 0, "second life " + i);
            }
            device.reset();
        }
        assertEquals(List.of("+0", "+1", "-0", "+0"), model.queueLog);
    }

    @Test
    void theOtherQueuesGoOn() {
        start(RESETTABLE);
        device.resetQueue(0);
        assertEchoes(other, 1, "still here");
        assertEquals(0, model.log.stream().filter("stop"::equals).count());
    }

    @Test
    void aQueueEnabledBeforeDriverOkMayBeResetBeforeIt() {
        negotiate(RESETTABLE);
        device.enableQueue(0, queue.placement());
        device.resetQueue(0);
        device.enableQueue(0, other.placement());
        DriverHandshake.ready(device);
        assertEquals(List.of("+0"), model.queueLog);
        assertEchoes(other, 0, "there");
    }

    @Test
    void aQueueIsResetOnlyWithRingResetAndOnlyOnce() {
        start(PLAIN);
        assertThrows(IllegalStateException.class, () -> device.resetQueue(0));
        device.reset();
        assertThrows(IllegalStateException.class, () -> device.resetQueue(0));
        start(RESETTABLE);
        device.resetQueue(0);
        for (int index : new int[]{0, 2, -1}) {
            assertEquals("echo: queue " + index + " reset, but it is not enabled",
                    assertThrows(IllegalStateException.class, () -> device.resetQueue(index)).getMessage());
        }
    }

    @Test
    void aPlacementTheDeviceCannotUseLeavesTheQueueOut() {
        start(RESETTABLE);
        device.resetQueue(0);
        QueuePlacement nowhere = new QueuePlacement(8, 0x1000, 0x2000, 0x3000);
        assertThrows(VirtioException.class, () -> device.enableQueue(0, nowhere));
        assertNull(model.context.queue(0));
        device.enableQueue(0, queue.placement());
        assertNotNull(model.context.queue(0));
    }

    @Test
    @Rule({"ST6", "ST7"})
    void aModelThatCannotTakeItsQueueBackNeedsAReset() {
        start(RESETTABLE);
        device.resetQueue(0);
        model.onQueue = new ExpectedFailure();
        assertThrows(VirtioException.class, () -> device.enableQueue(0, queue.placement()));
        assertTrue((device.status() & DEVICE_NEEDS_RESET) != 0);
        assertEquals(1, device.configInterrupt().drain());
        assertEquals(1, model.log.stream().filter("stop"::equals).count());

        device.resetQueue(0);
        assertEquals(List.of("+0", "+1", "-0", "+0"), model.queueLog, "a model that is stopped has no queues");
        device.reset();
        model.onQueue = null;
        start(RESETTABLE);
        assertEchoes(queue, 0, "cured");
    }

    @Test
    void aModelThatCannotLetAQueueGoIsStopped() {
        start(RESETTABLE);
        model.onQueue = new ExpectedFailure();
        assertThrows(VirtioException.class, () -> device.resetQueue(0));
        assertNull(model.context.queue(0));
        assertEquals(1, model.log.stream().filter("stop"::equals).count());
    }

    @Test
    @Rule({"ND1", "ND2", "ND3"})
    void aKickIsForTheQueueThatItNames() {
        start(RESETTABLE.with(VirtioFeature.NOTIFICATION_DATA));
        device.kick(1).kick(other.notificationData(1));
        device.kick(1).kick(other.notificationData(1));
        device.kick(1).kick(1 | 0xffff << 16);
        assertEquals(0, device.strayKicks());
        device.kick(1).kick(queue.notificationData(0));
        assertEquals(1, device.strayKicks());
        device.reset();
        start(PLAIN);
        device.kick(1).kick(0x1234_0007);
        assertEquals(1, device.strayKicks(), "without NOTIFICATION_DATA nobody looks");
    }

    @Test
    @Rule({"SQ31", "PQ19"})
    void aKickForNothingDoesNothing() {
        start(PLAIN);
        for (int i = 0; i < 3; i++) {
            device.kick(0).kick(0);
            assertEquals(0, loop.doWork());
        }
        assertEchoes(queue, 0, "and then something");
        device.kick(0).kick(0);
        assertEquals(0, loop.doWork());
        assertEquals(0, queue.pop(tokens, written, 8));
    }

    private void negotiate(Features features) {
        DriverHandshake.negotiate(device, FeatureTable.builder().build(), features, features);
    }

    private void start(Features features) {
        queue.reset(tokens);
        other.reset(tokens);
        negotiate(features);
        device.enableQueue(0, queue.placement());
        device.enableQueue(1, other.placement());
        DriverHandshake.ready(device);
    }

    private void assertEchoes(Virtqueue ring, int index, String text) {
        assertTrue(ring.armInterrupt());
        assertTrue(ring.add(buffer.asking(text), 5));
        ring.publish();
        loop.doWork();
        assertEquals(1, device.queueInterrupt(index).drain());
        assertEquals(1, ring.pop(tokens, written, 8));
        assertEquals(text, buffer.answer(written[0]));
    }
}
