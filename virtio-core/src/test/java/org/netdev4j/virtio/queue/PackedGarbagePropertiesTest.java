package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.testing.RawPackedRing.INDIRECT;
import static org.netdev4j.virtio.testing.RawPackedRing.NEXT;
import static org.netdev4j.virtio.testing.RawPackedRing.WRITE;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.RawPackedRing.Descriptor;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Packed queues and a peer that writes anything at any time: no exception, nothing outside memory, nothing lost. */
class PackedGarbagePropertiesTest {
    private static final int SIZE = 7;
    private static final int BUFFER_BYTES = 128;
    private static final long BUFFERS = OffsetMemory.DEVICE_ADDRESS + 0x2000;

    @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
    void theDriverEndSurvivesAnyDevice(@ForAll long seed, @ForAll boolean everything, @ForAll boolean inOrder) {
        Random random = new Random(seed);
        int[] tokens = new int[SIZE];
        int[] written = new int[SIZE];
        try (MemoryRegion region = memory();
                Virtqueue queue = Virtqueue.create(region, SIZE, features(everything, inOrder))) {
            RawPackedRing device = new RawPackedRing(region, queue.placement());
            Set<Integer> inFlight = new HashSet<>();
            int nextToken = 0;
            int slot = 0;
            for (int step = 0; step < 200; step++) {
                switch (random.nextInt(7)) {
                    case 0, 1 -> {
                        ScatterGatherList list = new ScatterGatherList(3);
                        for (int i = 0; i <= random.nextInt(3); i++) {
                            list.append(BUFFERS + i * 0x100L, 100, i > 0);
                        }
                        if (queue.add(list, nextToken)) {
                            assertTrue(inFlight.add(nextToken));
                        }
                        nextToken++;
                    }
                    case 2 -> queue.publish();
                    case 3 -> {
                        int count = queue.pop(tokens, written, 1 + random.nextInt(SIZE));
                        for (int i = 0; i < count; i++) {
                            assertTrue(inFlight.remove(tokens[i]), "a buffer that is in flight comes back once");
                            assertTrue(written[i] >= 0 && written[i] <= 200);
                        }
                    }
                    case 4 -> queue.armInterrupt();
                    default -> slot = lie(random, device, slot);
                }
                assertEquals(inFlight.size(), queue.inFlight());
                assertTrue(queue.free() >= 0 && queue.free() <= SIZE - (queue.inFlight() == 0 ? 0 : 1));
                if (queue.isBroken() && random.nextInt(4) == 0) {
                    assertResetReturns(queue, inFlight, tokens);
                    slot = 0;
                }
            }
            assertResetReturns(queue, inFlight, tokens);
        }
    }

    private static void assertResetReturns(Virtqueue queue, Set<Integer> inFlight, int[] tokens) {
        int count = queue.reset(tokens);
        assertEquals(inFlight.size(), count);
        for (int i = 0; i < count; i++) {
            assertTrue(inFlight.remove(tokens[i]));
        }
        assertEquals(SIZE, queue.free());
        assertFalse(queue.isBroken());
    }

    /** Mostly uses what is in the next slot, right or nearly so. @return the next slot */
    private static int lie(Random random, RawPackedRing device, int slot) {
        switch (random.nextInt(12)) {
            case 0 -> device.deviceEvent(random.nextInt(), random.nextInt(2), random.nextInt());
            case 1 -> device.descriptor(random.nextInt(SIZE), random.nextLong(), random.nextInt(), random.nextInt(),
                    random.nextInt());
            case 2 -> device.use(slot, random.nextInt(SIZE), random.nextInt(150), random.nextInt());
            default -> {
                Descriptor available = device.descriptor(slot);
                int id = random.nextInt(10) == 0 ? random.nextInt(SIZE + 1) : available.id();
                boolean wrap = (available.flags() & RawPackedRing.AVAILABLE) != 0;
                int write = random.nextBoolean() ? WRITE : 0;
                device.use(slot, id, random.nextInt(write == 0 ? 1000 : 110), write | RawPackedRing.used(wrap ? 1 : 0));
                return random.nextInt(20) == 0 ? random.nextInt(SIZE) : (slot + 1) % SIZE;
            }
        }
        return slot;
    }

    @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
    void theDeviceEndSurvivesAnyDriver(@ForAll long seed, @ForAll boolean everything, @ForAll boolean inOrder) {
        Random random = new Random(seed);
        try (MemoryRegion region = memory()) {
            long base = region.deviceAddress();
            RawPackedRing driver = new RawPackedRing(region,
                    new QueuePlacement(SIZE, base, base + 0x400, base + 0x800));
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DescriptorChain chain = new DescriptorChain(SIZE);
            for (int life = 0; life < 5; life++) {
                int wrap = random.nextInt(2);
                int start = random.nextInt(SIZE) | wrap << 15;
                DeviceQueue queue = DeviceQueue.create(memory, driver.placement(), features(everything, inOrder),
                        start);
                for (int slot = 0; slot < SIZE; slot++) {
                    describe(random, driver, slot, wrap);
                }
                List<Integer> taken = new ArrayList<>();
                for (int step = 0; step < 60; step++) {
                    switch (random.nextInt(9)) {
                        case 0, 1, 2 -> {
                            if (queue.next(chain)) {
                                assertInsideMemory(chain);
                                assertFalse(taken.contains(chain.id()), "one number, one buffer");
                                taken.add(chain.id());
                                assertTrue(taken.size() <= SIZE);
                            }
                        }
                        case 3 -> {
                            if (!taken.isEmpty()) {
                                queue.complete(taken.remove(/* index */ random.nextInt(taken.size())), 0);
                            }
                        }
                        case 4 -> queue.publish();
                        case 5 -> queue.armKick();
                        default -> disturb(random, driver);
                    }
                    RingState state = queue.state();
                    assertTrue(PackedLayout.distance(state.used(), state.available(), SIZE) <= SIZE);
                }
            }
        }
    }

    private static void assertInsideMemory(DescriptorChain chain) {
        assertTrue(chain.size() <= SIZE);
        long length = 0;
        for (int i = 0; i < chain.size(); i++) {
            assertEquals(chain.length(i), chain.segment(i).asSlice(chain.offset(i), chain.length(i)).byteSize());
            length += chain.length(i);
        }
        assertEquals(length, (long) chain.readableLength() + chain.writableLength());
    }

    private static void disturb(Random random, RawPackedRing driver) {
        switch (random.nextInt(6)) {
            case 0 -> driver.driverEvent(random.nextInt(), random.nextInt(2), random.nextInt());
            case 1 -> driver.descriptor(random.nextInt(SIZE), random.nextLong(), random.nextInt(), random.nextInt(),
                    random.nextInt());
            default -> describe(random, driver, random.nextInt(SIZE), random.nextInt(2));
        }
    }

    /** A descriptor that is good more often than not; of a table it is one of ring memory, whatever is there. */
    private static void describe(Random random, RawPackedRing driver, int slot, int wrap) {
        boolean table = random.nextInt(10) == 0;
        long address = table ? OffsetMemory.DEVICE_ADDRESS : BUFFERS + random.nextInt(0x2000);
        int length = table ? 16 * random.nextInt(SIZE + 1) : random.nextInt(BUFFER_BYTES);
        int flags = table ? INDIRECT : random.nextInt(3) == 0 ? NEXT : random.nextBoolean() ? WRITE : 0;
        driver.descriptor(slot, address, length, random.nextInt(), flags | RawPackedRing.available(wrap));
    }

    private static Features features(boolean everything, boolean inOrder) {
        Features features = Features.of(VirtioFeature.RING_PACKED);
        if (everything) {
            features = features.with(VirtioFeature.EVENT_IDX).with(VirtioFeature.INDIRECT_DESC);
        }
        return inOrder ? features.with(VirtioFeature.IN_ORDER) : features;
    }

    private static MemoryRegion memory() {
        return OffsetMemory.allocate(1 << 14);
    }
}
