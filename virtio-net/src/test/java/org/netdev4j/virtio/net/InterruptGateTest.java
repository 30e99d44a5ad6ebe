package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.FeatureBit;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceMemory;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.netdev4j.virtio.queue.Virtqueue;

/** Listener calls are neither lost nor made up, whatever comes between arming and the notification. */
class InterruptGateTest {
    private static final int BUFFERS = 20_000;

    private final MemoryRegion region = MemoryRegion.allocate("rings", 1 << 16);
    private final DeviceMemory memory = new DeviceMemory();
    private final InterruptGate gate = new InterruptGate();
    private final DescriptorChain chain = new DescriptorChain(16);
    private Virtqueue ring;
    private DeviceQueue device;

    private void open(FeatureBit... features) {
        memory.add(region);
        ring = Virtqueue.create(region, 16, Features.of(features));
        device = DeviceQueue.create(memory, ring.placement(), Features.of(features));
    }

    @AfterEach
    void close() {
        ring.close();
        region.close();
    }

    private void post() {
        assertTrue(ring.add(region.deviceAddress(), 64, true, 7));
        ring.publish();
    }

    /** The device returns the next buffer. @return true if it notifies */
    private boolean use() {
        assertTrue(device.next(chain));
        device.complete(chain, 0);
        return device.publish();
    }

    @Test
    void oneCallForEachTimeItWasArmed() {
        open(VirtioFeature.VERSION_1);
        assertFalse(gate.signalled(), "not armed");
        assertTrue(gate.arm(ring));
        assertTrue(gate.signalled());
        assertFalse(gate.signalled());
    }

    @Test
    void usedBuffersRefuseToArm() {
        open(VirtioFeature.VERSION_1);
        post();
        assertFalse(use(), "not armed yet");

        assertFalse(gate.arm(ring));

        assertFalse(gate.signalled());
    }

    @Test
    void deviceIsQuietOnceTheListenerWasCalledAndTheQueueWasUsed() {
        open(VirtioFeature.VERSION_1);
        post();
        post();
        post();
        assertTrue(gate.arm(ring));
        assertTrue(use());
        assertTrue(gate.signalled());
        assertTrue(use(), "the queue's thread has not been there yet");

        gate.settle(ring);

        assertFalse(use());
    }

    @Test
    void bufferUsedWhileArmingRefusesToArm() {
        open(VirtioFeature.VERSION_1);
        post();
        assertTrue(gate.armRing(ring));
        assertTrue(use());
        assertFalse(gate.signalled(), "arming has not said yet that it is armed");

        assertFalse(gate.armListener(ring), "so it must say that a buffer waits");

        assertFalse(gate.signalled());
    }

    @Test
    void lateSignalWhileArmingCostsNoLaterCall() {
        open(VirtioFeature.VERSION_1);
        post();
        assertTrue(gate.armRing(ring));
        assertFalse(gate.signalled(), "for a buffer taken long ago");

        assertTrue(gate.armListener(ring));

        assertTrue(use());
        assertTrue(gate.signalled());
    }

    @Test
    void armingAgainChangesNothing() {
        open(VirtioFeature.VERSION_1);
        assertTrue(gate.arm(ring));
        post();
        assertTrue(use());

        assertTrue(gate.arm(ring), "the call is on its way");

        assertTrue(gate.signalled());
        assertFalse(gate.signalled());
    }

    @Test
    void disarmedGateCallsNobody() {
        open(VirtioFeature.VERSION_1);
        gate.arm(ring);
        gate.disarm(ring);

        assertFalse(gate.signalled());
    }

    enum Suppression {
        BY_FLAG, BY_INDEX;

        FeatureBit[] features() {
            return this == BY_FLAG
                    ? new FeatureBit[]{VirtioFeature.VERSION_1}
                    : new FeatureBit[]{VirtioFeature.VERSION_1, VirtioFeature.EVENT_IDX};
        }
    }

    /** A second thread returns buffers and signals, now and then without reason; the first sleeps until it is called. */
    @ParameterizedTest
    @EnumSource
    void noWakeUpIsLost(Suppression suppression) throws InterruptedException {
        open(suppression.features());
        Semaphore calls = new Semaphore(0);
        Thread deviceThread = Thread.ofPlatform().daemon().start(() -> {
            for (int used = 0; used < BUFFERS;) {
                if (!device.next(chain)) {
                    Thread.onSpinWait();
                    continue;
                }
                device.complete(chain, 0);
                if ((device.publish() || used % 5 == 0) && gate.signalled()) {
                    calls.release();
                }
                used++;
            }
        });
        int[] tokens = new int[16];
        for (int popped = 0; popped < BUFFERS;) {
            gate.settle(ring);
            if (ring.inFlight() == 0) {
                post();
            }
            int got = ring.pop(tokens, null, tokens.length);
            popped += got;
            if (got == 0 && gate.arm(ring)) {
                assertTrue(calls.tryAcquire(20, TimeUnit.SECONDS), "sleeps for ever after " + popped + " buffers");
            }
        }
        deviceThread.join();
        assertEquals(0, ring.inFlight());
    }
}
