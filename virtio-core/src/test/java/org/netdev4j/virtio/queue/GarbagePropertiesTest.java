package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawSplitRing;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A peer that writes anything, anywhere, at any time: no exception, nothing outside memory, nothing lost after a reset. */
class GarbagePropertiesTest {
    private static final int SIZE = 8;
    private static final int BUFFER_BYTES = 128;

    private static final long BUFFERS = OffsetMemory.DEVICE_ADDRESS + 0x2000;

    @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
    void theDriverEndSurvivesAnyDevice(@ForAll long seed) {
        Random random = new Random(seed);
        int[] tokens = new int[SIZE];
        int[] written = new int[SIZE];
        try (MemoryRegion region = memory(); Virtqueue queue = Virtqueue.create(region, SIZE, features(seed))) {
            RawSplitRing device = new RawSplitRing(region, queue.placement());
            Set<Integer> inFlight = new HashSet<>();
            int nextToken = 0;
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
                        int count = queue.pop(tokens, written, SIZE);
                        for (int i = 0; i < count; i++) {
                            assertTrue(inFlight.remove(tokens[i]), "a buffer that is in flight comes back once");
                            assertTrue(written[i] >= 0 && written[i] <= 200);
                        }
                    }
                    case 4 -> queue.armInterrupt();
                    default -> lie(random, device);
                }
                assertEquals(inFlight.size(), queue.inFlight());
                if (queue.isBroken() && random.nextInt(4) == 0) {
                    assertResetReturns(queue, inFlight, tokens);
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

    /** Mostly what a device could write, now and then what none would. */
    private static void lie(Random random, RawSplitRing device) {
        switch (random.nextInt(10)) {
            case 0 -> device.usedIndex(random.nextInt(4) == 0 ? random.nextInt() : device.usedIndex() + 1);
            case 1 -> {
                device.usedFlags(random.nextInt());
                device.availableEvent(random.nextInt());
            }
            case 2 -> device.used(random.nextInt(), random.nextInt(), random.nextInt());
            case 3 -> device.descriptor(random.nextInt(SIZE), random.nextLong(), random.nextInt(), random.nextInt(),
                    random.nextInt());
            case 4 -> device.head(random.nextInt(), random.nextInt());
            default -> {
                if (device.usedIndex() != device.availableIndex()) {
                    device.use(device.head(device.usedIndex()), random.nextInt(150));
                }
            }
        }
    }

    @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
    void theDeviceEndSurvivesAnyDriver(@ForAll long seed) {
        Random random = new Random(seed);
        try (MemoryRegion region = memory()) {
            RawSplitRing driver = new RawSplitRing(region, place(region));
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DescriptorChain chain = new DescriptorChain(SIZE);
            for (int life = 0; life < 5; life++) {
                fill(random, driver);
                driver.usedIndex(0);
                driver.availableIndex(0);
                DeviceQueue queue = DeviceQueue.create(memory, driver.placement(), features(seed));
                Deque<Integer> taken = new ArrayDeque<>();
                for (int step = 0; step < 60; step++) {
                    switch (random.nextInt(8)) {
                        case 0, 1, 2 -> {
                            if (queue.next(chain)) {
                                assertInsideMemory(chain);
                                taken.add(chain.id());
                                assertTrue(taken.size() <= SIZE);
                            }
                        }
                        case 3 -> {
                            if (!taken.isEmpty()) {
                                queue.complete(taken.remove(), 0);
                            }
                        }
                        case 4 -> queue.publish();
                        case 5 -> queue.armKick();
                        default -> disturb(random, driver);
                    }
                }
            }
        }
    }

    private static Features features(long seed) {
        return new RingKind(false, (seed & 1) != 0, (seed & 2) != 0, (seed & 4) != 0).features();
    }

    private static MemoryRegion memory() {
        return OffsetMemory.allocate(1 << 14);
    }

    /** Each part 0x400 bytes from the next, before the buffers. */
    private static QueuePlacement place(MemoryRegion region) {
        long base = region.deviceAddress();
        return new QueuePlacement(SIZE, base, base + 0x400, base + 0x800);
    }

    private void assertInsideMemory(DescriptorChain chain) {
        assertTrue(chain.size() <= SIZE);
        long length = 0;
        for (int i = 0; i < chain.size(); i++) {
            assertEquals(chain.length(i), chain.segment(i).asSlice(chain.offset(i), chain.length(i)).byteSize());
            length += chain.length(i);
        }
        assertEquals(length, (long) chain.readableLength() + chain.writableLength());
        assertTrue(chain.readable() <= chain.size());
    }

    private void fill(Random random, RawSplitRing driver) {
        for (int i = 0; i < SIZE; i++) {
            describe(random, driver, i);
            driver.head(i, random.nextInt(SIZE));
        }
    }

    private void disturb(Random random, RawSplitRing driver) {
        switch (random.nextInt(12)) {
            case 0 -> driver.availableIndex(random.nextInt());
            case 1 -> driver.head(random.nextInt(), random.nextInt());
            case 2 -> {
                driver.availableFlags(random.nextInt());
                driver.usedEvent(random.nextInt());
            }
            case 3 -> driver.descriptor(random.nextInt(SIZE), random.nextLong(), random.nextInt(), random.nextInt(),
                    random.nextInt());
            case 4 -> driver.usedIndex(random.nextInt());
            case 5, 6 -> describe(random, driver, random.nextInt(SIZE));
            default -> driver.availableIndex(driver.availableIndex() + 1);
        }
    }

    /** A descriptor that is good more often than not. */
    private void describe(Random random, RawSplitRing driver, int index) {
        long address = BUFFERS + random.nextInt(0x2000);
        int length = random.nextInt(BUFFER_BYTES);
        int flags = random.nextInt(40) == 0 ? random.nextInt(8) : random.nextInt(3);
        driver.descriptor(index, address, length, flags, random.nextInt(SIZE));
    }
}
