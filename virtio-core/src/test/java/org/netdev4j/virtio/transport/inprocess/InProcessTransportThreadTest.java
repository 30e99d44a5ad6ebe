package org.netdev4j.virtio.transport.inprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.DriverHandshake;
import org.netdev4j.virtio.FeatureTable;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.VirtioTransport.Kick;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.EventFd;
import org.netdev4j.virtio.queue.Virtqueue;
import org.netdev4j.virtio.testing.Rule;

/** Driver and device on two threads, with kicks one way and interrupts the other. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class InProcessTransportThreadTest {
    private static final Features VERSION_1 = Features.of(VirtioFeature.VERSION_1);
    private static final Features RESETTABLE = VERSION_1.with(VirtioFeature.RING_RESET)
            .with(VirtioFeature.NOTIFICATION_DATA);

    private final DeviceLoop loop = new DeviceLoop("echo-loop").start();
    private final InProcessTransport device = new InProcessTransport("echo", new EchoModel(), loop);
    private final MemoryRegion region = device.allocateMemory("test", 64 * 1024);
    private final EchoBuffer buffer = new EchoBuffer(region);

    @AfterEach
    void close() {
        device.close();
        loop.close();
        buffer.close();
        region.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noKickAndNoInterruptIsLost(boolean notificationData) {
        try (Virtqueue queue = start(notificationData ? RESETTABLE : VERSION_1); Epoll epoll = Epoll.create()) {
            EventFd interrupt = device.queueInterrupt(0);
            epoll.add(interrupt.fd(), Epoll.READABLE, 0);
            Kick kick = device.kick(0);
            int[] tokens = new int[1];
            int[] written = new int[1];
            for (int round = 0; round < 5_000; round++) {
                String text = "round " + round;
                assertTrue(queue.add(buffer.asking(text), round));
                if (queue.publish()) {
                    kick.kick(notificationData ? queue.notificationData(0) : 0);
                }
                while (queue.pop(tokens, written, 1) == 0) {
                    if (queue.armInterrupt()) {
                        epoll.await(-1);
                        interrupt.drain();
                    }
                }
                assertEquals(round, tokens[0]);
                assertEquals(text, buffer.answer(written[0]));
                pauseSoThatTheLoopSleepsNowAndThen(round);
            }
        }
    }

    @Test
    @Rule({"RS2", "CL2"})
    void resetEndsWhileTheDeviceIsBusyAndItStartsAgain() {
        int[] tokens = new int[8];
        for (int round = 0; round < 200; round++) {
            try (Virtqueue queue = start(VERSION_1)) {
                Kick kick = device.kick(0);
                for (int i = 0; i < 4; i++) {
                    assertTrue(queue.add(buffer.asking("busy"), i));
                    if (queue.publish()) {
                        kick.kick(0);
                    }
                }
                device.reset();
                int answered = queue.pop(tokens, null, tokens.length);
                assertEquals(4, answered + queue.reset(tokens), "every buffer comes back once");
                assertEquals(0, queue.inFlight());
            }
        }
    }

    @Test
    @Rule({"QR1", "QR3", "QR4"})
    void aQueueIsResetWhileTheDeviceIsBusyAndComesBack() {
        int[] tokens = new int[8];
        try (Virtqueue queue = start(RESETTABLE)) {
            Kick kick = device.kick(0);
            for (int round = 0; round < 500; round++) {
                for (int i = 0; i < 4; i++) {
                    assertTrue(queue.add(buffer.asking("busy"), i));
                    if (queue.publish()) {
                        kick.kick(queue.notificationData(0));
                    }
                }
                device.resetQueue(0);
                int answered = queue.pop(tokens, null, tokens.length);
                assertEquals(0, queue.pop(tokens, null, tokens.length), "the device has stopped");
                assertEquals(4, answered + queue.reset(tokens), "every buffer comes back once");
                device.enableQueue(0, queue.placement());
            }
        }
    }

    private Virtqueue start(Features features) {
        DriverHandshake.negotiate(device, FeatureTable.builder().build(), features, features);
        Virtqueue queue = Virtqueue.create(region, 8, features);
        device.enableQueue(0, queue.placement());
        DriverHandshake.ready(device);
        return queue;
    }

    private static void pauseSoThatTheLoopSleepsNowAndThen(int round) {
        for (int spins = round % 10 * 1000; spins > 0; spins--) {
            Thread.onSpinWait();
        }
    }
}
