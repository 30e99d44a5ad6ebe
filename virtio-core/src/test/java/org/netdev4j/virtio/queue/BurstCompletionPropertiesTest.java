package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Buffers completed as a burst leave the same in the ring, bit for bit, as the same buffers completed one by one. */
class BurstCompletionPropertiesTest {
    private static final int[] SIZES = {1, 2, 3, 7, 8, 32};
    private static final int BURST = 5;
    private static final int PIECE_BYTES = 100;
    private static final int STEPS = 60;

    @Property(edgeCases = EdgeCasesMode.NONE, tries = 300)
    @Rule({"SQ25", "PQ10", "FT21"})
    void aBurstIsCompletedAsItsBuffersAre(@ForAll long seed) {
        for (RingKind kind : RingKind.all()) {
            Random random = new Random(seed);
            int size = kind.size(SIZES[random.nextInt(SIZES.length)]);
            assertDoesNotThrow(() -> live(kind, size, random), () -> kind + " of " + size);
        }
    }

    private static void live(RingKind kind, int size, Random random) {
        int first = kind.position(random.nextInt(1 << 16), size);
        boolean recorded = random.nextInt(4) == 0;
        try (Twin together = new Twin(kind, size, first, recorded, true);
                Twin oneByOne = new Twin(kind, size, first, recorded, false)) {
            for (int step = 0; step < STEPS; step++) {
                long choice = random.nextLong();
                together.step(new Random(choice));
                oneByOne.step(new Random(choice));
                assertArrayEquals(oneByOne.image(), together.image(), "the ring after step " + step);
                assertEquals(oneByOne.device.state(), together.device.state());
            }
        }
    }

    /** A driver and a device, which does the same as its twin but for the way in which it completes. */
    private static final class Twin implements AutoCloseable {
        private final RingKind kind;
        private final boolean together;
        private final BounceMemory memory;
        private final Virtqueue driver;
        private final DeviceQueue device;
        private final DescriptorBurst burst = new DescriptorBurst(BURST);
        private final DescriptorChain chain;
        /** Buffers that the device keeps for a while. */
        private final Deque<Integer> kept = new ArrayDeque<>();
        private final int[] tokens;
        private int piece;

        Twin(RingKind kind, int size, int first, boolean recorded, boolean together) {
            this.kind = kind;
            this.together = together;
            memory = new BounceMemory(Virtqueue.memoryBytes(size, kind.features()), size, false);
            driver = Virtqueue.create(memory.driverSide(), size, kind.features(), first);
            memory.share(driver.placement(), kind.packed());
            MemorySegment inflight = recorded
                    ? MemorySegment.ofArray(new long[(int) DeviceQueue.inflightRecordBytes(size, kind.features()) / 8])
                    : null;
            device = DeviceQueue.create(memory.deviceMemory(), driver.placement(), kind.features(),
                    new RingState(first, first), inflight);
            chain = new DescriptorChain(size);
            tokens = new int[size];
        }

        void step(Random random) {
            switch (random.nextInt(6)) {
                case 0 -> add(random);
                case 1, 2 -> takeAndComplete(random);
                case 3 -> keep();
                case 4 -> completeKept();
                default -> publish(random);
            }
        }

        private void add(Random random) {
            boolean writable = random.nextBoolean();
            for (int left = 1 + random.nextInt(2 * BURST); left > 0 && driver.free() > 0; left--) {
                driver.add(memory.piece(piece++ % driver.size()), PIECE_BYTES, writable ^ random.nextInt(8) == 0, left);
            }
            driver.publish();
        }

        private void takeAndComplete(Random random) {
            boolean writable = random.nextBoolean();
            int taken = device.next(burst, 1 + random.nextInt(BURST), writable);
            boolean overtaken = random.nextBoolean() && device.next(chain);
            if (overtaken) {
                device.complete(chain.id(), 0);
            }
            int completed = overtaken ? taken : random.nextInt(taken + 1);
            int[] written = writable ? random.ints(taken, 0, PIECE_BYTES + 1).toArray() : null;
            if (together) {
                device.complete(burst, completed, written);
            } else {
                for (int i = 0; i < completed; i++) {
                    device.complete(burst.id(i), written == null ? 0 : written[i]);
                }
            }
            device.putBack(taken - completed);
        }

        private void keep() {
            if (device.next(chain)) {
                kept.add(chain.id());
            }
        }

        private void completeKept() {
            if (!kept.isEmpty()) {
                device.complete(kept.remove(), 0);
            }
        }

        private void publish(Random random) {
            device.publish();
            if (random.nextBoolean()) {
                driver.pop(tokens, null, tokens.length);
                assertFalse(driver.isBroken(), driver::brokenReason);
            }
        }

        /** All that the ring says, but for where the buffers are. */
        long[] image() {
            QueuePlacement placement = driver.placement();
            long offset = placement.deviceAddress() - memory.driverSide().deviceAddress();
            if (!kind.packed()) {
                return memory.driverSide().segment().asSlice(offset + 4, 8L * driver.size())
                        .toArray(ValueLayout.JAVA_LONG_UNALIGNED);
            }
            offset = placement.descriptorAddress() - memory.driverSide().deviceAddress();
            long[] image = new long[driver.size()];
            for (int slot = 0; slot < image.length; slot++) {
                image[slot] = memory.driverSide().segment().get(ValueLayout.JAVA_LONG_UNALIGNED,
                        offset + 16L * slot + 8);
            }
            return image;
        }

        @Override
        public void close() {
            driver.close();
            memory.close();
        }
    }
}
