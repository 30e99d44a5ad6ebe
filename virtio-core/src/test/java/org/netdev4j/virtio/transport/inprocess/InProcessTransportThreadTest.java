package org.netdev4j.virtio.transport.inprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
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

/** Driver and device on two threads, with kicks one way and interrupts the other. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class InProcessTransportThreadTest {
    private static final Features VERSION_1 = Features.of(VirtioFeature.VERSION_1);

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

    @Test
    void noKickAndNoInterruptIsLost() {
        try (Virtqueue queue = start(); Epoll epoll = Epoll.create()) {
            EventFd interrupt = device.queueInterrupt(0);
            epoll.add(interrupt.fd(), Epoll.READABLE, 0);
            Kick kick = device.kick(0);
            int[] tokens = new int[1];
            int[] written = new int[1];
            for (int round = 0; round < 5_000; round++) {
                String text = "round " + round;
                assertTrue(queue.add(buffer.asking(text), round));
                if (queue.publish()) {
                    kick.kick();
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
    void resetEndsWhileTheDeviceIsBusyAndItStartsAgain() {
        int[] tokens = new int[8];
        for (int round = 0; round < 200; round++) {
            try (Virtqueue queue = start()) {
                Kick kick = device.kick(0);
                for (int i = 0; i < 4; i++) {
                    assertTrue(queue.add(buffer.asking("busy"), i));
                    if (queue.publish()) {
                        kick.kick();
                    }
                }
                device.reset();
                int answered = queue.pop(tokens, null, tokens.length);
                assertEquals(4, answered + queue.reset(tokens), "every buffer comes back once");
                assertEquals(0, queue.inFlight());
            }
        }
    }

    private Virtqueue start() {
        DriverHandshake.negotiate(device, FeatureTable.builder().build(), VERSION_1, VERSION_1);
        Virtqueue queue = Virtqueue.create(region, 8, VERSION_1);
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
