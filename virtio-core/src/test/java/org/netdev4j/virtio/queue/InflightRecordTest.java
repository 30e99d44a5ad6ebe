package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.function.LongConsumer;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.killing.KillingLoader;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.Rule;

/** A device end that goes on where one was killed. */
class InflightRecordTest {
    private static final int LIVES = Integer.getInteger("inflight.lives", 3000);
    private static final Features SPLIT = Features.NONE;
    private static final Features PACKED = Features.of(VirtioFeature.RING_PACKED);

    /** {@code -Dinflight.lives=100000} tries more. */
    @Test
    @Rule({"VU26", "VU27", "VU28"})
    void wheneverADeviceEndIsKilledEveryBufferComesBackOnce() throws ReflectiveOperationException {
        Class<?> life = new KillingLoader(KilledDeviceLife.class).loadClass(KilledDeviceLife.class.getName());
        for (long seed = 0; seed < LIVES; seed++) {
            ((LongConsumer) life.getDeclaredConstructor().newInstance()).accept(seed);
        }
    }

    /** As {@code DescStateSplit} and {@code QueueRegionSplit} of the vhost-user specification have it. */
    @Test
    @Rule("VU27")
    void theRecordOfASplitQueueIsLaidOutAsOtherBackEndsReadIt() {
        assertEquals(192, DeviceQueue.inflightRecordBytes(8, SPLIT));
        try (Ring ring = new Ring(8, SPLIT)) {
            ring.addOne();
            ring.addOne();
            DeviceQueue device = ring.device();
            assertEquals(1, ring.record16(8), "version");
            assertEquals(8, ring.record16(10), "descriptors");
            DescriptorChain first = new DescriptorChain(8);
            DescriptorChain second = new DescriptorChain(8);
            device.next(first);
            device.next(second);
            assertEquals(1, ring.record8(16 + 16 * first.id()), "in flight");
            assertEquals(0, ring.record64(16 + 16 * first.id() + 8), "counter");
            assertEquals(1, ring.record64(16 + 16 * second.id() + 8), "counter");
            device.complete(second, 0);
            device.complete(first, 0);
            device.publish();
            assertEquals(first.id(), ring.record16(12), "last batch head");
            assertEquals(second.id(), ring.record16(16 + 16 * first.id() + 6), "next");
            assertEquals(2, ring.record16(14), "used index");
            assertEquals(0, ring.record8(16 + 16 * first.id()), "in flight");
        }
    }

    /** As {@code DescStatePacked} and {@code QueueRegionPacked} of the vhost-user specification have it. */
    @Test
    @Rule("VU28")
    void theRecordOfAPackedQueueIsLaidOutAsOtherBackEndsReadIt() {
        assertEquals(320, DeviceQueue.inflightRecordBytes(8, PACKED));
        try (Ring ring = new Ring(8, PACKED)) {
            ring.addOne();
            ring.addOne();
            DeviceQueue device = ring.device();
            assertEquals(1, ring.record16(8), "version");
            assertEquals(8, ring.record16(10), "descriptors");
            DescriptorChain chain = new DescriptorChain(8);
            device.next(chain);
            assertEquals(1, ring.record16(12), "free head");
            assertEquals(1, ring.record16(14), "old free head");
            assertEquals(1, ring.record8(32), "in flight");
            assertEquals(0, ring.record16(32 + 4), "last");
            assertEquals(1, ring.record16(32 + 6), "num");
            assertEquals(0, ring.record64(32 + 8), "counter");
            assertEquals(Ring.BYTES, ring.record32(32 + 20), "length");
            assertEquals(ring.memory.deviceAddress(), ring.record64(32 + 24),
                    "address");
            device.complete(chain, 0);
            device.publish();
            assertEquals(0, ring.record16(12), "free head");
            assertEquals(0, ring.record8(32), "in flight");
            assertEquals(1, ring.record16(16), "used index");
            assertEquals(1, ring.record16(18), "old used index");
            assertEquals(1, ring.record8(20), "used wrap counter");
            assertEquals(1, ring.record8(21), "old used wrap counter");
        }
    }

    /** DPDK and libvhost-user mark a buffer before its copy is complete and the free head has moved on. */
    @Test
    @Rule("VU28")
    void aBufferThatWasBeingTakenIsTakenFromTheRing() {
        try (Ring ring = new Ring(8, PACKED)) {
            ring.addOne();
            ring.device();
            ring.record.set(ValueLayout.JAVA_BYTE, 32, (byte) 1);
            DeviceQueue next = ring.device();
            DescriptorChain chain = new DescriptorChain(8);
            assertEquals(true, next.next(chain));
            assertEquals(Ring.BYTES, chain.readableLength());
            assertEquals(false, next.next(chain));
        }
    }

    @Test
    @Rule({"VU27", "VU28", "VU42"})
    void aRecordThatCannotBeOfTheQueueIsAnError() {
        for (Features features : new Features[]{SPLIT, PACKED}) {
            try (Ring ring = new Ring(8, features)) {
                ring.device();
                ring.record.set(ValueLayout.JAVA_SHORT, 8, (short) 2);
                assertThrows(VirtioException.class, ring::device, "version 2");
                ring.record.set(ValueLayout.JAVA_SHORT, 8, (short) 1);
                ring.record.set(ValueLayout.JAVA_SHORT, 10, (short) 16);
                assertThrows(VirtioException.class, ring::device, "16 descriptors");
            }
        }
    }

    /** The front-end can write to it: whatever it says, the queue begins or does not, and touches nothing else. */
    @Test
    @Rule("VU42")
    void garbageInARecordIsAnErrorOrAQueue() {
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            Features features = random.nextBoolean() ? SPLIT : PACKED;
            try (Ring ring = new Ring(4, features)) {
                ring.addOne();
                DescriptorChain chain = new DescriptorChain(4);
                DeviceQueue before = ring.device();
                before.next(chain);
                for (int i = random.nextInt(6); i >= 0; i--) {
                    ring.record.set(ValueLayout.JAVA_BYTE, random.nextLong(ring.record.byteSize()),
                            (byte) (random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(5)));
                }
                DeviceQueue device;
                try {
                    device = ring.device();
                } catch (VirtioException e) {
                    continue;
                }
                for (int i = 0; i < 10 && device.next(chain); i++) {
                    device.complete(chain, 0);
                    device.publish();
                }
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", " + features, e);
            }
        }
    }

    /** A driver's end, and a record. */
    private static final class Ring implements AutoCloseable {
        static final int BYTES = 77;

        final MemoryRegion memory;
        final MemorySegment record;
        private final Arena arena = Arena.ofConfined();
        private final Features features;
        private final Virtqueue driver;
        private int tokens;

        Ring(int size, Features features) {
            this.features = features;
            memory = OffsetMemory.allocate(Virtqueue.memoryBytes(size, features) + 4096);
            driver = Virtqueue.create(memory, size, features);
            record = arena.allocate(DeviceQueue.inflightRecordBytes(size, features), 8);
        }

        void addOne() {
            driver.add(memory.deviceAddress(), BYTES, false, tokens++);
            driver.publish();
        }

        DeviceQueue device() {
            DeviceMemory reachable = new DeviceMemory();
            reachable.add(memory);
            return DeviceQueue.create(reachable, driver.placement(), features, RingState.start(features), record);
        }

        int record8(long offset) {
            return record.get(ValueLayout.JAVA_BYTE, offset);
        }

        int record16(long offset) {
            return record.get(ValueLayout.JAVA_SHORT, offset);
        }

        int record32(long offset) {
            return record.get(ValueLayout.JAVA_INT, offset);
        }

        long record64(long offset) {
            return record.get(ValueLayout.JAVA_LONG, offset);
        }

        @Override
        public void close() {
            driver.close();
            memory.close();
            arena.close();
        }
    }
}
