package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.RawSplitRing.Descriptor;
import org.netdev4j.virtio.testing.Rule;

/** The driver end against rings that are read and written by hand. */
class SplitVirtqueueTest {
    private static final int SIZE = 8;
    private static final long BUFFER = 0x1234_5678_9000L;

    private final MemoryRegion region = OffsetMemory.allocate(1 << 20);
    private final Virtqueue queue = Virtqueue.create(region, SIZE, Features.NONE);
    private final RawSplitRing device = new RawSplitRing(region, queue.placement());
    private final int[] tokens = new int[SIZE];
    private final int[] written = new int[SIZE];

    @AfterEach
    void giveMemoryBack() {
        queue.close();
        region.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 3, 6, 65536, Integer.MIN_VALUE})
    @Rule("SQ2")
    void sizeIsAPowerOfTwoUpTo32768(int size) {
        assertThrows(IllegalArgumentException.class, () -> Virtqueue.create(region, size, Features.NONE));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 256, 32768})
    @Rule("SQ1")
    void partsAreAlignedAndDoNotOverlap(int size) {
        try (MemoryRegion memory = OffsetMemory.allocate(1 << 20);
                Virtqueue any = Virtqueue.create(memory, size, Features.NONE)) {
            QueuePlacement at = any.placement();

            assertEquals(size, at.size());
            assertEquals(0, at.descriptorAddress() % 16);
            assertEquals(0, at.driverAddress() % 2);
            assertEquals(0, at.deviceAddress() % 4);
            assertTrue(at.driverAddress() >= at.descriptorAddress() + 16L * size);
            assertTrue(at.deviceAddress() / 128 > (at.driverAddress() + 6 + 2L * size - 1) / 128,
                    "the used ring shares no pair of cache lines with what the driver writes");
        }
    }

    @Test
    void aNewQueueIsEmptyAndDisarmed() {
        assertEquals(SIZE, queue.free());
        assertEquals(0, queue.inFlight());
        assertFalse(queue.hasUsed());
        assertFalse(queue.isBroken());
        assertNull(queue.brokenReason());
        assertEquals(1, device.availableFlags());
        assertEquals(0, device.availableIndex());
    }

    @Test
    @Rule("SQ27")
    void usedFlagsStartAtZero() {
        assertEquals(0, device.usedFlags());
    }

    @Test
    @Rule("SQ8")
    void aBufferInOnePieceIsOneDescriptor() {
        assertTrue(queue.add(BUFFER, 1514, true, 77));
        queue.publish();

        assertEquals(1, device.availableIndex());
        assertEquals(new Descriptor(BUFFER, 1514, RawSplitRing.WRITE, 0), device.descriptor(device.head(0)));
        assertEquals(SIZE - 1, queue.free());
        assertEquals(1, queue.inFlight());
    }

    @Test
    @Rule({"SQ7", "SQ11"})
    void aBufferInPiecesIsAChain() {
        ScatterGatherList list = new ScatterGatherList(4);
        list.append(BUFFER, 12, false);
        list.append(BUFFER + 100, 1500, false);
        list.append(BUFFER + 5000, 64, true);

        assertTrue(queue.add(list, 5));
        queue.publish();

        Descriptor first = device.descriptor(device.head(0));
        assertEquals(new Descriptor(BUFFER, 12, RawSplitRing.NEXT, first.next()), first);
        Descriptor second = device.descriptor(first.next());
        assertEquals(new Descriptor(BUFFER + 100, 1500, RawSplitRing.NEXT, second.next()), second);
        assertEquals(new Descriptor(BUFFER + 5000, 64, RawSplitRing.WRITE, 0), device.descriptor(second.next()));
        assertEquals(SIZE - queue.slotsFor(3), queue.free());
        assertEquals(SIZE - 3, queue.free());
        assertEquals(1, queue.inFlight());
    }

    @Test
    @Rule({"SQ13", "SQ15", "SQ8"})
    void withIndirectDescriptorsABufferInPiecesTakesOne() {
        Features features = Features.of(VirtioFeature.INDIRECT_DESC);
        try (Virtqueue indirect = Virtqueue.create(region, SIZE, features)) {
            RawSplitRing ring = new RawSplitRing(region, indirect.placement());
            ScatterGatherList list = new ScatterGatherList(3);
            list.append(BUFFER, 12, false);
            list.append(BUFFER + 100, 1500, false);
            list.append(BUFFER + 5000, 64, true);
            for (int i = 0; i < SIZE; i++) {
                assertTrue(indirect.add(list, i));
            }
            assertFalse(indirect.add(list, SIZE));
            indirect.publish();

            for (int i = 0; i < SIZE; i++) {
                Descriptor descriptor = ring.descriptor(ring.head(i));
                long table = descriptor.address();
                assertEquals(new Descriptor(table, 3 * 16, RawSplitRing.INDIRECT, 0), descriptor);
                assertEquals(new Descriptor(BUFFER, 12, RawSplitRing.NEXT, 1), ring.indirect(table, 0));
                assertEquals(new Descriptor(BUFFER + 100, 1500, RawSplitRing.NEXT, 2), ring.indirect(table, 1));
                assertEquals(new Descriptor(BUFFER + 5000, 64, RawSplitRing.WRITE, 0), ring.indirect(table, 2));
            }
            ring.use(ring.head(0), 64);
            assertEquals(1, indirect.pop(tokens, written, SIZE));
            assertEquals(1, indirect.free());
            assertTrue(indirect.add(BUFFER, 10, false, 9), "one piece needs no table");
            assertEquals(0, ring.descriptor(0).flags());
        }
    }

    @Test
    void aBufferThatNoTableHoldsIsChained() {
        Features features = Features.of(VirtioFeature.INDIRECT_DESC);
        try (Virtqueue large = Virtqueue.create(region, 64, features)) {
            RawSplitRing ring = new RawSplitRing(region, large.placement());
            ScatterGatherList list = new ScatterGatherList(33);
            for (int i = 0; i < 33; i++) {
                list.append(BUFFER + 100L * i, 10, false);
            }

            assertTrue(large.add(list, 1));

            assertEquals(1, large.slotsFor(1));
            assertEquals(1, large.slotsFor(32));
            assertEquals(33, large.slotsFor(33));
            assertEquals(31, large.free());
            assertEquals(new Descriptor(BUFFER, 10, RawSplitRing.NEXT, 1), ring.descriptor(0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 256, 32768})
    void aQueueTakesTheMemoryThatItSays(int size) {
        for (Features features : new Features[]{Features.NONE, Features.of(VirtioFeature.INDIRECT_DESC)}) {
            long bytes = Virtqueue.memoryBytes(size, features);
            try (MemoryRegion exact = OffsetMemory.allocate(bytes);
                    Virtqueue any = Virtqueue.create(exact, size, features)) {
                assertEquals(size, any.size());
                assertThrows(IllegalArgumentException.class, () -> exact.cut(1, 1));
            }
        }
    }

    @Test
    void aChainThatFindsTooFewDescriptorsAddsNothing() {
        for (int i = 0; i < SIZE - 1; i++) {
            assertTrue(queue.add(BUFFER, 1, false, i));
        }
        ScatterGatherList list = new ScatterGatherList(2);
        list.append(BUFFER, 10, false);
        list.append(BUFFER + 100, 10, false);

        assertFalse(queue.add(list, 99));

        assertEquals(1, queue.free());
        assertEquals(SIZE - 1, queue.inFlight());
        assertTrue(queue.add(BUFFER, 1, false, 7));
        assertFalse(queue.add(BUFFER, 1, false, 8));
    }

    @Test
    @Rule("SQ35")
    void anEmptyBufferIsMisuse() {
        assertThrows(IllegalArgumentException.class, () -> queue.add(BUFFER, 0, false, 1));
        assertThrows(IllegalArgumentException.class, () -> queue.add(BUFFER, -1, false, 1));
        assertThrows(IllegalArgumentException.class, () -> queue.add(new ScatterGatherList(1), 1));
        assertEquals(SIZE, queue.free());
    }

    @Test
    @Rule("SQ7")
    void aReadablePieceAfterAWritableOneIsMisuse() {
        ScatterGatherList list = new ScatterGatherList(2);
        list.append(BUFFER, 10, true);
        list.append(BUFFER + 100, 10, false);

        assertThrows(IllegalArgumentException.class, () -> queue.add(list, 1));
        assertEquals(SIZE, queue.free());
    }

    @Test
    @Rule("SQ14")
    void aChainLongerThanTheQueueIsMisuse() {
        ScatterGatherList list = new ScatterGatherList(SIZE + 1);
        for (int i = 0; i <= SIZE; i++) {
            list.append(BUFFER + 100L * i, 10, false);
        }

        assertThrows(IllegalArgumentException.class, () -> queue.add(list, 1));
    }

    @Test
    void addedBuffersAreNotAvailableBeforePublish() {
        queue.add(BUFFER, 1, false, 1);
        queue.add(BUFFER, 1, false, 2);
        assertEquals(0, device.availableIndex());

        queue.publish();
        assertEquals(2, device.availableIndex());
    }

    @Test
    void publishWithNothingAddedNeedsNoKick() {
        assertFalse(queue.publish());
        queue.add(BUFFER, 1, false, 1);
        assertTrue(queue.publish());
        assertFalse(queue.publish());
    }

    @Test
    @Rule("SQ28")
    void aDeviceThatAsksForSilenceIsNotKicked() {
        device.usedFlags(1);
        queue.add(BUFFER, 1, false, 1);
        assertFalse(queue.publish());

        device.usedFlags(0);
        queue.add(BUFFER, 1, false, 2);
        assertTrue(queue.publish());
    }

    @Test
    void usedBuffersComeBackInTheOrderOfTheDevice() {
        for (int i = 0; i < 4; i++) {
            queue.add(BUFFER, 100, true, 10 + i);
        }
        queue.publish();
        device.use(device.head(2), 100);
        device.use(device.head(0), 0);
        device.use(device.head(3), 7);

        assertTrue(queue.hasUsed());
        assertEquals(3, queue.pop(tokens, written, SIZE));
        assertArrayEquals(new int[]{12, 10, 13}, Arrays.copyOf(tokens, 3));
        assertArrayEquals(new int[]{100, 0, 7}, Arrays.copyOf(written, 3));
        assertFalse(queue.hasUsed());
        assertEquals(1, queue.inFlight());
        assertEquals(SIZE - 1, queue.free());
    }

    @Test
    @Rule("SQ20")
    void aSpuriousInterruptFindsNothing() {
        queue.add(BUFFER, 100, true, 1);
        queue.publish();
        assertTrue(queue.armInterrupt());

        assertFalse(queue.hasUsed());
        assertEquals(0, queue.pop(tokens, written, SIZE));
        assertTrue(queue.armInterrupt());
        device.use(device.head(0), 10);
        assertEquals(1, queue.pop(tokens, written, SIZE));
    }

    @Test
    @Rule("SQ24")
    void onlyTheLengthSaysWhatWasWritten() {
        long address = region.deviceAddress() + (1 << 19);
        queue.add(address, 100, true, 1);
        queue.publish();
        OffsetMemory.bytes(region, address, 100).putInt(80, -1);
        device.use(device.head(0), 60);

        assertEquals(1, queue.pop(tokens, written, SIZE));
        assertEquals(60, written[0]);
    }

    @Test
    void popTakesNoMoreThanAsked() {
        for (int i = 0; i < 5; i++) {
            queue.add(BUFFER, 100, false, i);
        }
        queue.publish();
        for (int i = 0; i < 5; i++) {
            device.use(device.head(i), 0);
        }

        assertEquals(2, queue.pop(tokens, null, 2));
        assertEquals(0, queue.pop(tokens, null, 0));
        assertEquals(3, queue.pop(tokens, null, SIZE));
        assertArrayEquals(new int[]{2, 3, 4}, Arrays.copyOf(tokens, 3));
    }

    @Test
    void popIntoTooSmallAnArrayIsMisuseAndTakesNothing() {
        queue.add(BUFFER, 1, false, 3);
        queue.publish();
        device.use(device.head(0), 0);

        assertThrows(IllegalArgumentException.class, () -> queue.pop(new int[1], null, 2));
        assertThrows(IllegalArgumentException.class, () -> queue.pop(tokens, new int[1], 2));
        assertEquals(1, queue.pop(tokens, null, SIZE));
    }

    @Test
    void descriptorsOfAChainAreFreeWhenItIsUsed() {
        ScatterGatherList list = new ScatterGatherList(SIZE);
        for (int i = 0; i < SIZE; i++) {
            list.append(BUFFER + 100L * i, 10, true);
        }
        for (int round = 0; round < 3; round++) {
            assertTrue(queue.add(list, round));
            assertEquals(0, queue.free());
            queue.publish();
            device.use(device.head(round), 10 * SIZE);
            assertEquals(1, queue.pop(tokens, written, SIZE));
            assertEquals(round, tokens[0]);
            assertEquals(10 * SIZE, written[0]);
            assertEquals(SIZE, queue.free());
        }
    }

    @Test
    void inOrderTheSameDescriptorComesToTheSameSlot() {
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < SIZE; i++) {
                queue.add(BUFFER, 1, false, i);
            }
            queue.publish();
            for (int i = 0; i < SIZE; i++) {
                assertEquals(i, device.head(i));
                device.use(i, 0);
            }
            assertEquals(SIZE, queue.pop(tokens, null, SIZE));
        }
    }

    @Test
    @Rule("SQ34")
    void armingLooksAgainBeforeItPromises() {
        assertTrue(queue.armInterrupt());
        assertEquals(0, device.availableFlags());

        queue.add(BUFFER, 1, false, 1);
        queue.publish();
        device.use(device.head(0), 0);

        assertFalse(queue.armInterrupt());
        assertEquals(1, device.availableFlags());
        queue.pop(tokens, null, 1);
        assertTrue(queue.armInterrupt());
        queue.disarmInterrupt();
        assertEquals(1, device.availableFlags());
    }

    @Test
    @Rule({"SQ19", "SQ29"})
    void withEventIndexTheFlagsAreLeftAlone() {
        try (Virtqueue events = Virtqueue.create(region, SIZE, Features.of(VirtioFeature.EVENT_IDX))) {
            RawSplitRing ring = new RawSplitRing(region, events.placement());
            assertEquals(0xffff, ring.usedEvent(), "disarmed");
            ring.usedFlags(1);

            events.add(BUFFER, 1, false, 1);
            assertTrue(events.publish(), "index 0 is what the device waits for");
            events.add(BUFFER, 1, false, 1);
            assertFalse(events.publish());
            ring.availableEvent(4);
            for (int i = 2; i < 6; i++) {
                events.add(BUFFER, 1, false, i);
            }
            assertTrue(events.publish());

            ring.use(ring.head(0), 0);
            events.pop(tokens, null, SIZE);
            assertTrue(events.armInterrupt());
            assertEquals(1, ring.usedEvent());
            events.disarmInterrupt();
            assertEquals(0, ring.availableFlags());
        }
    }

    @Test
    void resetReturnsEveryBufferInFlightOnce() {
        for (int i = 0; i < 5; i++) {
            queue.add(BUFFER, 1, false, 20 + i);
        }
        queue.publish();
        device.use(device.head(1), 0);
        queue.pop(tokens, null, SIZE);
        queue.add(BUFFER, 1, false, 40);

        int count = queue.reset(tokens);

        int[] returned = Arrays.copyOf(tokens, count);
        Arrays.sort(returned);
        assertArrayEquals(new int[]{20, 22, 23, 24, 40}, returned);
        assertEquals(SIZE, queue.free());
        assertEquals(0, queue.inFlight());
        assertEquals(0, queue.reset(tokens));
        assertEquals(0, device.availableIndex());
        assertEquals(0, device.usedIndex());
    }

    @Test
    void aQueueWorksAfterResetAsANewOne() {
        queue.add(BUFFER, 1, false, 1);
        queue.publish();
        device.use(3000, 0);
        assertEquals(0, queue.pop(tokens, null, SIZE));
        assertTrue(queue.isBroken());

        assertEquals(1, queue.reset(tokens));

        assertFalse(queue.isBroken());
        assertTrue(queue.add(BUFFER, 1, false, 2));
        assertTrue(queue.publish());
        device.use(device.head(0), 0);
        assertEquals(1, queue.pop(tokens, null, SIZE));
        assertEquals(2, tokens[0]);
    }

    @Test
    void aClosedQueueTouchesItsMemoryNoMore() {
        queue.add(BUFFER, 1, false, 1);
        queue.close();
        queue.close();
        try (Virtqueue other = Virtqueue.create(region, SIZE, Features.NONE)) {
            assertEquals(device.placement(), other.placement());

            assertFalse(queue.add(BUFFER, 1, false, 1));
            assertFalse(queue.publish());
            assertEquals(0, queue.pop(tokens, null, SIZE));
            queue.armInterrupt();
            assertThrows(IllegalStateException.class, () -> queue.reset(tokens));

            assertEquals(0, device.availableIndex());
            assertEquals(1, device.availableFlags());
            assertNotEquals(null, queue.brokenReason());
        }
    }
}
