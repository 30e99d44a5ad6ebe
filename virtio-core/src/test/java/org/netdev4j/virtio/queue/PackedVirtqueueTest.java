package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.testing.RawPackedRing.INDIRECT;
import static org.netdev4j.virtio.testing.RawPackedRing.NEXT;
import static org.netdev4j.virtio.testing.RawPackedRing.WRITE;
import static org.netdev4j.virtio.testing.RawPackedRing.available;
import static org.netdev4j.virtio.testing.RawPackedRing.used;

import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.RawPackedRing.Descriptor;
import org.netdev4j.virtio.testing.RawPackedRing.Event;
import org.netdev4j.virtio.testing.Rule;

/** The driver end against rings that are read and written by hand. */
class PackedVirtqueueTest {
    private static final int SIZE = 5;
    private static final long BUFFER = 0x1234_5678_9000L;
    private static final Features PACKED = Features.of(VirtioFeature.RING_PACKED);

    private final MemoryRegion region = OffsetMemory.allocate(1 << 20);
    private final Virtqueue queue = Virtqueue.create(region, SIZE, PACKED);
    private final RawPackedRing device = new RawPackedRing(region, queue.placement());
    private final int[] tokens = new int[SIZE];
    private final int[] written = new int[SIZE];

    @AfterEach
    void giveMemoryBack() {
        queue.close();
        region.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 32769, 65536, Integer.MIN_VALUE})
    void sizeIs1To32768(int size) {
        assertThrows(IllegalArgumentException.class, () -> Virtqueue.create(region, size, PACKED));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 257, 32768})
    @Rule("PQ12")
    void partsAreAlignedAndDoNotOverlap(int size) {
        try (MemoryRegion memory = OffsetMemory.allocate(1 << 20);
                Virtqueue any = Virtqueue.create(memory, size, PACKED)) {
            QueuePlacement at = any.placement();

            assertEquals(size, at.size());
            assertEquals(0, at.descriptorAddress() % 16);
            assertEquals(0, at.driverAddress() % 4);
            assertEquals(0, at.deviceAddress() % 4);
            assertTrue(at.driverAddress() / 128 > (at.descriptorAddress() + 16L * size - 1) / 128);
            assertTrue(at.deviceAddress() / 128 > at.driverAddress() / 128,
                    "what the device writes shares no pair of cache lines with what the driver writes");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 256, 32768})
    void aQueueTakesTheMemoryThatItSays(int size) {
        for (Features features : new Features[]{PACKED, PACKED.with(VirtioFeature.INDIRECT_DESC)}) {
            long bytes = Virtqueue.memoryBytes(size, features);
            try (MemoryRegion exact = OffsetMemory.allocate(bytes);
                    Virtqueue any = Virtqueue.create(exact, size, features)) {
                assertEquals(size, any.size());
                assertThrows(IllegalArgumentException.class, () -> exact.cut(1, 1));
            }
        }
    }

    @Test
    void aNewQueueIsEmptyAndDisarmed() {
        assertEquals(SIZE, queue.free());
        assertEquals(0, queue.inFlight());
        assertFalse(queue.hasUsed());
        assertNull(queue.brokenReason());
        assertEquals(RawPackedRing.DISABLE, device.driverEvent().flags());
        assertEquals(new Descriptor(0, 0, 0, 0), device.descriptor(0));
    }

    @Test
    @Rule({"PQ2", "PQ6.1"})
    void aBufferInOnePieceIsOneDescriptor() {
        assertTrue(queue.add(BUFFER, 1514, true, 77));
        assertTrue(queue.publish());

        assertEquals(new Descriptor(BUFFER, 1514, 0, WRITE | available(1)), device.descriptor(0));
        assertEquals(SIZE - 1, queue.free());
        assertEquals(1, queue.inFlight());
    }

    @Test
    @Rule({"PQ6.1", "PQ6.2", "PQ21"})
    void aBufferInPiecesIsAList() {
        assertTrue(queue.add(list(12, 1500, -64), 5));
        queue.publish();

        int id = device.descriptor(2).id();
        assertEquals(new Descriptor(BUFFER, 12, id, NEXT | available(1)), device.descriptor(0));
        assertEquals(new Descriptor(BUFFER + 0x1000, 1500, id, NEXT | available(1)), device.descriptor(1));
        assertEquals(new Descriptor(BUFFER + 0x2000, 64, id, WRITE | available(1)), device.descriptor(2));
        assertEquals(SIZE - 3, queue.free());
        assertEquals(1, queue.inFlight());
    }

    @Test
    @Rule({"PQ1", "PQ2", "PQ6.2"})
    void theWrapCounterTurnsWithinAList() {
        addAndUse(4);

        assertTrue(queue.add(list(1, 2, -3), 9));
        queue.publish();

        assertEquals(NEXT | available(1), device.descriptor(4).flags());
        assertEquals(NEXT | available(0), device.descriptor(0).flags());
        assertEquals(WRITE | available(0), device.descriptor(1).flags());
        assertEquals(3, device.descriptor(1).length());
    }

    @Test
    @Rule({"PQ1", "PQ3", "PQ4"})
    void bothWrapCountersTurnRoundAfterRound() {
        for (int i = 0; i < 4 * SIZE + 2; i++) {
            int slot = i % SIZE;
            int wrap = 1 - i / SIZE % 2;
            assertTrue(queue.add(BUFFER + i, 10, true, i));
            queue.publish();
            Descriptor descriptor = device.descriptor(slot);
            assertEquals(new Descriptor(BUFFER + i, 10, descriptor.id(), WRITE | available(wrap)), descriptor);
            assertFalse(queue.hasUsed());

            device.use(slot, descriptor.id(), 7, WRITE | used(wrap));
            assertTrue(queue.hasUsed());
            assertEquals(1, queue.pop(tokens, written, SIZE));
            assertEquals(i, tokens[0]);
            assertEquals(7, written[0]);
        }
    }

    @Test
    @Rule({"PQ6.3", "PQ22.2"})
    void theFirstDescriptorOfABurstIsMadeAvailableLast() {
        queue.add(list(1, 2), 1);
        queue.add(BUFFER, 3, false, 2);

        assertEquals(0, device.descriptor(0).flags());
        assertEquals(available(1), device.descriptor(1).flags());
        assertEquals(available(1), device.descriptor(2).flags());

        queue.publish();
        assertEquals(NEXT | available(1), device.descriptor(0).flags());
    }

    @Test
    @Rule("PQ17")
    void whatIsAvailableIsNotTouchedAgain() {
        queue.add(list(1, -2), 1);
        queue.publish();
        for (int slot = 0; slot < 2; slot++) {
            device.descriptor(slot, 0x5555, 0x5555, 0x5555, available(1));
        }
        queue.add(BUFFER, 3, false, 2);
        queue.publish();
        assertFalse(queue.add(list(1, 2, 3), 3), "two slots are free");
        queue.pop(tokens, null, SIZE);
        queue.armInterrupt();

        for (int slot = 0; slot < 2; slot++) {
            assertEquals(new Descriptor(0x5555, 0x5555, 0x5555, available(1)), device.descriptor(slot));
        }
    }

    @Test
    @Rule({"PQ9.1", "PQ9.2", "PQ9.3", "PQ24.2", "PQ24.4"})
    void withIndirectDescriptorsABufferInPiecesTakesOne() {
        try (Virtqueue indirect = Virtqueue.create(region, SIZE, PACKED.with(VirtioFeature.INDIRECT_DESC))) {
            RawPackedRing ring = new RawPackedRing(region, indirect.placement());
            for (int i = 0; i < SIZE; i++) {
                assertTrue(indirect.add(list(12, 1500, -64), i));
            }
            assertFalse(indirect.add(BUFFER, 1, false, SIZE));
            indirect.publish();

            for (int i = 0; i < SIZE; i++) {
                long table = ring.descriptor(i).address();
                assertEquals(new Descriptor(table, 3 * 16, i, INDIRECT | available(1)), ring.descriptor(i));
                assertEquals(new Descriptor(BUFFER, 12, 0, 0), ring.indirect(table, 0));
                assertEquals(new Descriptor(BUFFER + 0x1000, 1500, 0, 0), ring.indirect(table, 1));
                assertEquals(new Descriptor(BUFFER + 0x2000, 64, 0, WRITE), ring.indirect(table, 2));
            }
            ring.use(0, 3, 64, WRITE | used(1));
            assertEquals(1, indirect.pop(tokens, written, SIZE));
            assertEquals(1, indirect.free());
            assertTrue(indirect.add(BUFFER, 10, false, 9), "one piece needs no table");
            indirect.publish();
            assertEquals(new Descriptor(BUFFER, 10, 3, available(0)), ring.descriptor(0));
        }
    }

    @Test
    @Rule("PQ24.1")
    void withoutTheFeatureThereAreNoTables() {
        queue.add(list(1, 2, 3, 4, 5), 1);
        queue.publish();
        for (int slot = 0; slot < SIZE; slot++) {
            assertEquals(0, device.descriptor(slot).flags() & INDIRECT);
        }
    }

    @Test
    @Rule({"PQ24.3", "PQ24.4"})
    void aBufferThatNoTableHoldsIsAList() {
        try (Virtqueue large = Virtqueue.create(region, 64, PACKED.with(VirtioFeature.INDIRECT_DESC))) {
            RawPackedRing ring = new RawPackedRing(region, large.placement());
            assertTrue(large.add(list(new int[33]), 1));
            large.publish();

            assertEquals(1, large.slotsFor(32));
            assertEquals(33, large.slotsFor(33));
            assertEquals(31, large.free());
            for (int slot = 0; slot < 33; slot++) {
                assertEquals(slot < 32 ? NEXT | available(1) : available(1), ring.descriptor(slot).flags());
            }
        }
    }

    @Test
    @Rule("PQ22.1")
    void aListThatFindsTooFewSlotsAddsNothing() {
        for (int i = 0; i < SIZE - 1; i++) {
            assertTrue(queue.add(BUFFER, 1, false, i));
        }

        assertFalse(queue.add(list(10, 10), 99));

        assertEquals(1, queue.free());
        assertEquals(SIZE - 1, queue.inFlight());
        assertEquals(0, device.descriptor(SIZE - 1).flags());
        assertTrue(queue.add(BUFFER, 1, false, 7));
        assertFalse(queue.add(BUFFER, 1, false, 8));
    }

    @Test
    void anEmptyBufferIsMisuse() {
        assertThrows(IllegalArgumentException.class, () -> queue.add(BUFFER, 0, false, 1));
        assertThrows(IllegalArgumentException.class, () -> queue.add(BUFFER, -1, false, 1));
        assertThrows(IllegalArgumentException.class, () -> queue.add(new ScatterGatherList(1), 1));
        assertEquals(SIZE, queue.free());
    }

    @Test
    @Rule({"PQ20", "PQ21"})
    void aListThatCannotBeIsMisuse() {
        assertThrows(IllegalArgumentException.class, () -> queue.add(list(-10, 10), 1));
        assertThrows(IllegalArgumentException.class, () -> queue.add(list(new int[SIZE + 1]), 1));
        assertEquals(SIZE, queue.free());
    }

    @Test
    void publishWithNothingAddedNeedsNoKick() {
        assertFalse(queue.publish());
        queue.add(BUFFER, 1, false, 1);
        assertTrue(queue.publish());
        assertFalse(queue.publish());
    }

    @Test
    @Rule({"PQ4.2", "PQ7.2"})
    void usedBuffersComeBackInTheOrderOfTheDevice() {
        queue.add(list(5, -100), 10);
        queue.add(BUFFER, 100, true, 11);
        queue.add(BUFFER, 100, false, 12);
        queue.publish();
        int first = device.descriptor(1).id();
        int second = device.descriptor(2).id();
        int third = device.descriptor(3).id();

        device.use(0, third, 0, used(1));
        device.use(1, first, 100, WRITE | used(1));
        device.use(3, second, 7, WRITE | used(1));

        assertEquals(3, queue.pop(tokens, written, SIZE));
        assertArrayEquals(new int[]{12, 10, 11}, Arrays.copyOf(tokens, 3));
        assertArrayEquals(new int[]{0, 100, 7}, Arrays.copyOf(written, 3));
        assertEquals(SIZE, queue.free());
    }

    @Test
    @Rule("PQ4.1")
    void onlyTheNextSlotIsLookedAt() {
        for (int i = 0; i < 3; i++) {
            queue.add(BUFFER, 1, false, i);
        }
        queue.publish();
        device.use(1, 1, 0, used(1));

        assertFalse(queue.hasUsed());
        assertEquals(0, queue.pop(tokens, null, SIZE));

        device.use(0, 0, 0, used(1));
        assertEquals(2, queue.pop(tokens, null, SIZE));
    }

    @Test
    void popTakesNoMoreThanAsked() {
        for (int i = 0; i < SIZE; i++) {
            queue.add(BUFFER, 100, false, i);
        }
        queue.publish();
        for (int i = 0; i < SIZE; i++) {
            device.use(i, i, 0, used(1));
        }

        assertEquals(2, queue.pop(tokens, null, 2));
        assertEquals(0, queue.pop(tokens, null, 0));
        assertEquals(3, queue.pop(tokens, null, SIZE));
        assertArrayEquals(new int[]{2, 3, 4}, Arrays.copyOf(tokens, 3));
        assertThrows(IllegalArgumentException.class, () -> queue.pop(new int[1], null, 2));
        assertThrows(IllegalArgumentException.class, () -> queue.pop(tokens, new int[1], 2));
    }

    @Test
    @Rule("PQ8")
    void nextAndIndirectOfAUsedDescriptorMeanNothing() {
        queue.add(BUFFER, 100, true, 3);
        queue.publish();
        device.use(0, 0, 60, NEXT | INDIRECT | WRITE | used(1));

        assertEquals(1, queue.pop(tokens, written, SIZE));
        assertEquals(60, written[0]);
        assertEquals(SIZE, queue.free());
        assertFalse(queue.hasUsed());
    }

    @Test
    void aLengthWithoutTheWriteFlagCountsOnlyIfItCanBeRight() {
        queue.add(BUFFER, 100, true, 1);
        queue.add(BUFFER, 100, true, 2);
        queue.add(BUFFER, 100, false, 3);
        queue.publish();
        device.use(0, 0, 60, used(1));
        device.use(1, 1, 101, used(1));
        device.use(2, 2, 100, used(1));

        assertEquals(3, queue.pop(tokens, written, SIZE));
        assertArrayEquals(new int[]{60, 0, 0}, Arrays.copyOf(written, 3), "QEMU says 60 and never sets the flag");
        assertEquals(0, queue.ignoredLengths());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Rule({"PQ4.1", "PQ27"})
    void aZeroedRingHoldsNothingUsedWhateverTheWrapCounter(int wrap) {
        try (Virtqueue fresh = Virtqueue.create(region, SIZE, PACKED, 3 | wrap << 15)) {
            assertFalse(fresh.hasUsed());
            assertEquals(0, fresh.pop(tokens, null, SIZE));
            fresh.add(BUFFER, 1, false, 1);
            assertFalse(fresh.hasUsed(), "not published");
            assertEquals(0, fresh.pop(tokens, null, SIZE));
            fresh.publish();
            assertFalse(fresh.hasUsed());
            assertTrue(fresh.armInterrupt());
        }
    }

    @Test
    @Rule("PQ28")
    void withoutEventIndexTheFlagsSayAllOrNothing() {
        device.deviceEvent(0, 0, RawPackedRing.DISABLE);
        queue.add(BUFFER, 1, false, 1);
        assertFalse(queue.publish());
        device.deviceEvent(0, 0, RawPackedRing.ENABLE);
        queue.add(BUFFER, 1, false, 1);
        assertTrue(queue.publish());

        assertTrue(queue.armInterrupt());
        assertEquals(RawPackedRing.ENABLE, device.driverEvent().flags());
        device.use(0, 0, 0, used(1));
        assertFalse(queue.armInterrupt(), "armed too late");
        assertEquals(RawPackedRing.DISABLE, device.driverEvent().flags());
    }

    @Test
    @Rule({"PQ1", "PQ28"})
    void withEventIndexAnEndNamesTheSlotThatItWaitsFor() {
        try (Virtqueue events = Virtqueue.create(region, SIZE, PACKED.with(VirtioFeature.EVENT_IDX))) {
            RawPackedRing ring = new RawPackedRing(region, events.placement());
            ring.deviceEvent(1, 1, RawPackedRing.DESC);
            events.add(BUFFER, 1, false, 0);
            assertFalse(events.publish(), "slot 0");
            events.add(list(1, 2), 1);
            assertTrue(events.publish(), "slots 1 and 2");
            events.add(BUFFER, 1, false, 2);
            assertFalse(events.publish(), "slot 3");
            ring.use(0, 0, 0, used(1));
            assertEquals(1, events.pop(tokens, null, SIZE));
            ring.deviceEvent(0, 0, RawPackedRing.DESC);
            events.add(list(1, 2), 3);
            assertTrue(events.publish(), "slot 4 and, a turn later, slot 0");

            assertTrue(events.armInterrupt());
            assertEquals(new Event(1, 1, RawPackedRing.DESC), ring.driverEvent());
            ring.use(1, 1, 0, used(1));
            ring.use(3, 2, 0, used(1));
            events.pop(tokens, null, SIZE);
            assertTrue(events.armInterrupt());
            assertEquals(new Event(4, 1, RawPackedRing.DESC), ring.driverEvent());
            ring.use(4, 3, 0, used(1));
            assertFalse(events.armInterrupt());
            assertEquals(RawPackedRing.DISABLE, ring.driverEvent().flags());
            events.pop(tokens, null, SIZE);
            assertTrue(events.armInterrupt());
            assertEquals(new Event(1, 0, RawPackedRing.DESC), ring.driverEvent());
        }
    }

    @Test
    void resetReturnsEveryBufferInFlightOnceAndStartsAfresh() {
        addAndUse(3);
        queue.add(list(1, 2), 20);
        queue.publish();
        queue.add(BUFFER, 1, false, 21);
        queue.armInterrupt();

        int count = queue.reset(tokens);

        int[] returned = Arrays.copyOf(tokens, count);
        Arrays.sort(returned);
        assertArrayEquals(new int[]{20, 21}, returned);
        assertEquals(SIZE, queue.free());
        assertEquals(0, queue.inFlight());
        assertEquals(0, queue.reset(tokens));
        for (int slot = 0; slot < SIZE; slot++) {
            assertEquals(new Descriptor(0, 0, 0, 0), device.descriptor(slot));
        }
        assertEquals(RawPackedRing.DISABLE, device.driverEvent().flags());
        queue.add(BUFFER, 1, false, 1);
        queue.publish();
        assertEquals(new Descriptor(BUFFER, 1, 0, available(1)), device.descriptor(0));
    }

    @Test
    void aClosedQueueTouchesItsMemoryNoMore() {
        queue.add(BUFFER, 1, false, 1);
        queue.close();
        queue.close();
        try (Virtqueue other = Virtqueue.create(region, SIZE, PACKED)) {
            assertEquals(device.placement(), other.placement());

            assertFalse(queue.add(BUFFER, 1, false, 1));
            assertFalse(queue.publish());
            assertEquals(0, queue.pop(tokens, null, SIZE));
            queue.armInterrupt();
            assertThrows(IllegalStateException.class, () -> queue.reset(tokens));

            assertEquals(new Descriptor(0, 0, 0, 0), device.descriptor(0));
            assertEquals(RawPackedRing.DISABLE, device.driverEvent().flags());
            assertNotNull(queue.brokenReason());
        }
    }

    /** Sends so many buffers of one piece round, from slot 0 on. */
    private void addAndUse(int buffers) {
        for (int i = 0; i < buffers; i++) {
            assertTrue(queue.add(BUFFER, 1, false, i));
        }
        queue.publish();
        for (int i = 0; i < buffers; i++) {
            device.use(i, device.descriptor(i).id(), 0, used(1));
        }
        assertEquals(buffers, queue.pop(tokens, null, SIZE));
    }

    /** Pieces of these lengths 0x1000 bytes apart, the negative ones writable; 0 stands for 10. */
    private static ScatterGatherList list(int... lengths) {
        ScatterGatherList list = new ScatterGatherList(lengths.length);
        for (int i = 0; i < lengths.length; i++) {
            list.append(BUFFER + 0x1000L * i, lengths[i] == 0 ? 10 : Math.abs(lengths[i]), lengths[i] < 0);
        }
        return list;
    }
}
