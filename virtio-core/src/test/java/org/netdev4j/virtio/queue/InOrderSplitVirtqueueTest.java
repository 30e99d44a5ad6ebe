package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.RawSplitRing.Descriptor;
import org.netdev4j.virtio.testing.Rule;

/** The driver end of a split queue with IN_ORDER against rings that are read and written by hand. */
class InOrderSplitVirtqueueTest {
    private static final int SIZE = 8;
    private static final long BUFFER = 0x1234_5678_9000L;

    private final MemoryRegion region = OffsetMemory.allocate(1 << 20);
    private final Virtqueue queue = Virtqueue.create(region, SIZE, Features.of(VirtioFeature.IN_ORDER));
    private final RawSplitRing device = new RawSplitRing(region, queue.placement());
    private final int[] tokens = new int[SIZE];
    private final int[] written = new int[SIZE];

    @AfterEach
    void giveMemoryBack() {
        queue.close();
        region.close();
    }

    @Test
    @Rule("SQ12")
    void descriptorsAreTakenInRingOrderAroundTheTable() {
        add(3);
        add(3);
        queue.publish();
        device.used(0, device.head(1), 0);
        device.usedIndex(2);
        assertEquals(2, queue.pop(tokens, null, SIZE));
        add(4);
        queue.publish();

        int head = device.head(2);
        assertEquals(6, head);
        assertEquals(7, device.descriptor(6).next());
        assertEquals(0, device.descriptor(7).next(), "around the end of the table");
        assertEquals(1, device.descriptor(0).next());
        assertEquals(new Descriptor(BUFFER + 300, 10, 0, 0), device.descriptor(1));
    }

    @Test
    @Rule("SQ15")
    void theEntriesOfATableAreInOrder() {
        Features features = Features.of(VirtioFeature.IN_ORDER, VirtioFeature.INDIRECT_DESC);
        try (Virtqueue indirect = Virtqueue.create(region, SIZE, features)) {
            RawSplitRing ring = new RawSplitRing(region, indirect.placement());
            for (int i = 0; i < SIZE; i++) {
                assertTrue(indirect.add(list(5), i));
            }
            for (int i = 0; i < SIZE; i++) {
                assertEquals(i, ring.head(i));
                for (int entry = 0; entry < 4; entry++) {
                    assertEquals(entry + 1, ring.indirect(ring.descriptor(i).address(), entry).next());
                }
            }
        }
    }

    @Test
    @Rule("SQ26")
    void oneUsedElementStandsForAllBuffersUpToTheOneItNames() {
        for (int i = 0; i < 6; i++) {
            queue.add(BUFFER, 100, false, 10 + i);
        }
        queue.publish();
        device.used(0, 3, 0);
        device.used(4, 5, 0);
        device.usedIndex(6);

        assertEquals(6, queue.pop(tokens, written, SIZE));

        assertArrayEquals(new int[]{10, 11, 12, 13, 14, 15}, Arrays.copyOf(tokens, 6));
        assertArrayEquals(new int[6], Arrays.copyOf(written, 6));
        assertEquals(SIZE, queue.free());
    }

    @Test
    @Rule({"SQ25", "SQ26"})
    void aBufferPassedOverCountsAsWrittenInFull() {
        queue.add(BUFFER, 100, true, 1);
        queue.add(BUFFER, 200, false, 2);
        queue.add(BUFFER, 300, true, 3);
        queue.publish();
        device.used(0, 2, 17);
        device.usedIndex(3);

        assertEquals(3, queue.pop(tokens, written, SIZE));

        assertArrayEquals(new int[]{100, 0, 17}, Arrays.copyOf(written, 3));
    }

    @Test
    @Rule("SQ26")
    void aBatchCanBePoppedInParts() {
        for (int i = 0; i < 5; i++) {
            queue.add(BUFFER, 100, true, i);
        }
        queue.publish();
        device.used(0, 3, 7);
        device.usedIndex(4);

        assertEquals(2, queue.pop(tokens, written, 2));
        assertArrayEquals(new int[]{0, 1}, Arrays.copyOf(tokens, 2));
        assertTrue(queue.hasUsed());
        assertFalse(queue.armInterrupt(), "two wait");
        device.use(4, 9);
        assertEquals(3, queue.pop(tokens, written, SIZE));
        assertArrayEquals(new int[]{2, 3, 4}, Arrays.copyOf(tokens, 3));
        assertArrayEquals(new int[]{100, 7, 9}, Arrays.copyOf(written, 3));
    }

    @Test
    @Rule("SQ26")
    void elementsThatStandForOneBufferEachAreTakenToo() {
        add(2);
        add(1);
        add(3);
        queue.publish();
        device.use(0, 0);
        device.use(2, 0);
        device.use(3, 0);

        assertEquals(3, queue.pop(tokens, written, SIZE));
        assertEquals(SIZE, queue.free());
        assertFalse(queue.isBroken(), queue.brokenReason());
    }

    @Test
    void aBatchGoesAroundTheEndOfTheRing() {
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 6; i++) {
                queue.add(BUFFER, 10, false, i);
            }
            queue.publish();
            int last = device.availableIndex() - 1;
            device.used(last - 5, device.head(last), 0);
            device.usedIndex(last + 1);

            assertEquals(6, queue.pop(tokens, null, SIZE));
            assertArrayEquals(new int[]{0, 1, 2, 3, 4, 5}, Arrays.copyOf(tokens, 6));
        }
    }

    @Test
    void aBufferThatIsNotAmongThoseUsedBreaksTheQueue() {
        for (int i = 0; i < 4; i++) {
            queue.add(BUFFER, 10, false, i);
        }
        queue.publish();
        device.used(0, 3, 0);
        device.usedIndex(2);

        assertEquals(0, queue.pop(tokens, null, SIZE));
        assertTrue(queue.brokenReason().contains("id 3") && queue.brokenReason().contains("2 buffers"),
                queue.brokenReason());
        assertResetReturns(4);
    }

    @Test
    void aBufferOutOfOrderBreaksTheQueueAfterThoseInOrder() {
        for (int i = 0; i < 4; i++) {
            queue.add(BUFFER, 10, false, i);
        }
        queue.publish();
        device.used(0, 1, 0);
        device.used(2, 0, 0);
        device.usedIndex(4);

        assertEquals(2, queue.pop(tokens, null, SIZE));
        assertTrue(queue.brokenReason().contains("id 0"), queue.brokenReason());
        assertResetReturns(2);
    }

    @Test
    void aJumpOverMoreThanIsInFlightBreaksTheQueue() {
        add(1);
        queue.publish();
        add(1);
        device.used(0, 1, 0);
        device.usedIndex(2);

        assertEquals(0, queue.pop(tokens, null, SIZE));
        assertTrue(queue.brokenReason().contains("from 0 to 2"), queue.brokenReason());
        assertResetReturns(2);
    }

    @Test
    void moreWrittenThanThereIsRoomBreaksTheQueue() {
        queue.add(BUFFER, 10, true, 1);
        queue.publish();
        device.use(0, 11);

        assertEquals(0, queue.pop(tokens, null, SIZE));
        assertTrue(queue.brokenReason().contains("10 bytes"), queue.brokenReason());
        assertResetReturns(1);
    }

    @Test
    void aLengthForABufferThatCanOnlyBeReadIsIgnored() {
        queue.add(BUFFER, 10, false, 1);
        queue.publish();
        device.use(0, 10);

        assertEquals(1, queue.pop(tokens, written, SIZE));
        assertEquals(0, written[0]);
        assertEquals(1, queue.ignoredLengths());
    }

    @Test
    void nothingOfABatchIsLeftAfterAReset() {
        for (int i = 0; i < 4; i++) {
            queue.add(BUFFER, 10, true, i);
        }
        queue.publish();
        device.used(0, 3, 0);
        device.usedIndex(4);
        assertEquals(1, queue.pop(tokens, null, 1));

        assertResetReturns(3);
        queue.add(BUFFER, 10, true, 40);
        queue.publish();
        device.use(0, 5);
        assertEquals(1, queue.pop(tokens, written, SIZE));
        assertEquals(40, tokens[0]);
        assertEquals(5, written[0]);
    }

    private void assertResetReturns(int buffers) {
        assertEquals(buffers, queue.reset(tokens));
        assertFalse(queue.isBroken());
        assertEquals(SIZE, queue.free());
    }

    private void add(int pieces) {
        assertTrue(queue.add(list(pieces), pieces));
    }

    private static ScatterGatherList list(int pieces) {
        ScatterGatherList list = new ScatterGatherList(pieces);
        for (int i = 0; i < pieces; i++) {
            list.append(BUFFER + 100L * i, 10, false);
        }
        return list;
    }
}
