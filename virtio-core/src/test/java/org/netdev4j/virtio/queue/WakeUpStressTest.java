package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.Rule;

/**
 * Both ends on threads of their own, each going to sleep whenever it finds nothing: a notification that is not sent, or an
 * arming that does not look again, leaves both asleep.
 * <p>
 * How much it shows depends on the machine. With a full fence taken out of {@link Virtqueue#publish},
 * {@link Virtqueue#armInterrupt} or {@link DeviceQueue#armKick} it failed on x86-64 in some runs, the fewer the busier the
 * two cores were; taken out of {@link DeviceQueue#publish} it was never seen to fail. {@link MemoryOrderTest} finds each of
 * them each time; what is tested here is that machine and compiler keep what the model takes for granted.
 */
class WakeUpStressTest {
    private static final long RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final long ASLEEP_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int SIZE = 4;

    private final AtomicBoolean kicked = new AtomicBoolean();
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private final AtomicBoolean finished = new AtomicBoolean();

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"SPLIT_INDIRECT", "PACKED_INDIRECT"})
    @Rule({"SQ32", "SQ33", "SQ34", "PQ25", "PQ26"})
    void noWakeUpIsLost(MemoryOrderTest.Format format) {
        Features features = format.negotiated();
        try (MemoryRegion region = OffsetMemory.allocate(1 << 16);
                Virtqueue driver = Virtqueue.create(region, SIZE, features)) {
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DeviceQueue device = DeviceQueue.create(memory, driver.placement(), features);

            CompletableFuture<Integer> returned = CompletableFuture.supplyAsync(() -> runDevice(device));
            int sent = runDriver(driver, region.deviceAddress());

            assertTrue(sent > 0, "nothing sent");
            assertEquals(sent, returned.join());
        }
    }

    private int runDriver(Virtqueue queue, long address) {
        int[] tokens = new int[SIZE];
        long end = System.nanoTime() + RUN_NANOS;
        int sent = 0;
        int popped = 0;
        try {
            while (System.nanoTime() < end || popped < sent) {
                for (int burst = sent % 3; System.nanoTime() < end && burst >= 0; burst--) {
                    if (queue.add(address, 64, false, sent)) {
                        sent++;
                    }
                }
                if (queue.publish()) {
                    kicked.set(true);
                }
                int count = queue.pop(tokens, null, SIZE);
                for (int i = 0; i < count; i++) {
                    assertEquals(popped++, tokens[i]);
                }
                if (count == 0 && popped < sent && queue.armInterrupt()) {
                    sleep(interrupted, "the driver");
                    queue.disarmInterrupt();
                }
            }
        } finally {
            finished.set(true);
        }
        assertFalse(queue.isBroken(), queue.brokenReason());
        return sent;
    }

    private int runDevice(DeviceQueue queue) {
        DescriptorChain chain = new DescriptorChain(SIZE);
        int returned = 0;
        while (!finished.get()) {
            int before = returned;
            while (queue.next(chain)) {
                queue.complete(chain, 0);
                returned++;
            }
            if (queue.publish()) {
                interrupted.set(true);
            }
            if (before == returned && queue.armKick()) {
                sleep(kicked, "the device");
                queue.disarmKick();
            }
        }
        assertFalse(queue.isBroken(), queue.brokenReason());
        return returned;
    }

    /** Waits for {@code wakeUp} alone: what is in the rings does not matter any more. */
    private void sleep(AtomicBoolean wakeUp, String who) {
        long start = System.nanoTime();
        for (int spins = 0; !wakeUp.get() && !finished.get(); spins++) {
            if (spins % 1000 == 999) {
                LockSupport.parkNanos(1000);
                assertTrue(System.nanoTime() - start < ASLEEP_NANOS, who + " sleeps for ever");
            }
            Thread.onSpinWait();
        }
        wakeUp.set(false);
    }
}
