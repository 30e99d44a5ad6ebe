package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.Rule;

/** The device end of a split queue with IN_ORDER against rings that are read and written by hand. */
class InOrderSplitDeviceQueueTest {
    private static final int SIZE = 8;
    private static final int UNTOUCHED = 0x7777_7777;
    private static final int WRITE = RawSplitRing.WRITE;
    private static final Features FEATURES = Features.of(VirtioFeature.IN_ORDER);

    private final MemoryRegion region = OffsetMemory.allocate(1 << 16);
    private final RawSplitRing driver = RawSplitRing.place(region, SIZE);
    private final long buffers = region.deviceAddress() + 0x8000;
    private final DeviceMemory memory = new DeviceMemory();
    private final DescriptorChain chain = new DescriptorChain(SIZE);
    private DeviceQueue queue;

    @BeforeEach
    void create() {
        memory.add(region);
        queue = DeviceQueue.create(memory, driver.placement(), FEATURES);
        for (int i = 0; i < SIZE; i++) {
            driver.used(i, UNTOUCHED, UNTOUCHED);
        }
    }

    @AfterEach
    void giveMemoryBack() {
        region.close();
    }

    @Test
    @Rule("SQ25")
    void buffersThatWereOnlyReadGoBackAsOneElement() {
        take(0, 5);
        for (int i = 0; i < 5; i++) {
            queue.complete(i, 0);
        }
        queue.publish();

        assertEquals(5, driver.usedIndex());
        assertUsed(0, 4, 0);
        for (int slot = 1; slot < 5; slot++) {
            assertUsed(slot, UNTOUCHED, UNTOUCHED);
        }
    }

    @Test
    @Rule({"SQ23", "SQ25"})
    void aBufferThatMayBeWrittenEndsABatch() {
        take(0, 2);
        take(WRITE, 2);
        take(0, 1);
        for (int i = 0; i < 5; i++) {
            queue.complete(i, i == 2 ? 100 : 0);
        }
        queue.publish();

        assertUsed(0, 2, 100);
        assertUsed(1, UNTOUCHED, UNTOUCHED);
        assertUsed(3, 3, 0);
        assertUsed(4, 4, 0);
    }

    @Test
    @Rule("FT21")
    void aBufferCompletedEarlyIsHeldBack() {
        take(WRITE, 3);
        queue.complete(2, 30);
        queue.complete(1, 20);
        assertFalse(queue.publish(), "nothing becomes visible");
        assertEquals(0, driver.usedIndex());

        queue.complete(0, 10);
        assertTrue(queue.publish());

        assertEquals(3, driver.usedIndex());
        for (int i = 0; i < 3; i++) {
            assertUsed(i, i, 10 * (i + 1));
        }
    }

    @Test
    void publishingGoesUpToTheFirstBufferThatIsNotCompleted() {
        take(0, 4);
        queue.complete(0, 0);
        queue.complete(1, 0);
        queue.complete(3, 0);
        queue.publish();

        assertEquals(2, driver.usedIndex());
        assertUsed(0, 1, 0);
        queue.complete(2, 0);
        queue.publish();
        assertEquals(4, driver.usedIndex());
        assertUsed(2, 3, 0);
    }

    @Test
    void aBufferThatIsNotTakenCannotBeCompletedOrPutBack() {
        take(0, 3);
        queue.complete(1, 0);

        assertThrows(IllegalStateException.class, () -> queue.complete(1, 0), "it is completed");
        assertThrows(IllegalStateException.class, () -> queue.complete(5, 0));
        assertThrows(IllegalArgumentException.class, () -> queue.putBack(2), "1 is completed");
    }

    @Test
    void aBatchIsWhatWasCompletedForOnePublication() {
        take(0, 4);
        queue.complete(0, 0);
        queue.complete(1, 0);
        queue.publish();
        queue.complete(2, 0);
        queue.complete(3, 0);
        queue.publish();

        assertEquals(4, driver.usedIndex());
        assertUsed(0, 1, 0);
        assertUsed(2, 3, 0);
    }

    @Test
    void batchesGoAroundTheEndOfTheRing() {
        for (int round = 0; round < 10; round++) {
            int first = driver.availableIndex();
            for (int i = 0; i < 5; i++) {
                take(0, 1);
            }
            for (int i = 0; i < 5; i++) {
                queue.complete((first + i) % SIZE, 0);
            }
            queue.publish();
            assertEquals(first + 5, driver.usedIndex());
            assertUsed(first, (first + 4) % SIZE, 0);
        }
    }

    @Test
    @Rule("SQ22")
    void theDriverIsInterruptedForABufferThatIsPassedOver() {
        queue = DeviceQueue.create(memory, driver.placement(), FEATURES.with(VirtioFeature.EVENT_IDX));
        driver.usedEvent(1);
        take(0, 4);
        for (int i = 0; i < 4; i++) {
            queue.complete(i, 0);
        }
        assertTrue(queue.publish());
    }

    @Test
    void buffersPutBackComeAgainInTheSameOrder() {
        take(0, 4);
        queue.complete(0, 0);
        queue.putBack(2);

        for (int i = 2; i < 4; i++) {
            assertTrue(queue.next(chain));
            assertEquals(i, chain.id());
        }
        for (int i = 1; i < 4; i++) {
            queue.complete(i, 0);
        }
        queue.publish();
        assertEquals(4, driver.usedIndex());
        assertUsed(0, 3, 0);
    }

    @Test
    void aMalformedBufferGoesBackInItsTurnAndIsNotPassedOver() {
        take(0, 2);
        driver.descriptor(2, 0x1000, 10, 0, 0);
        driver.makeAvailable(2);
        assertFalse(queue.next(chain));
        assertTrue(queue.isBroken());

        queue.publish();
        assertEquals(0, driver.usedIndex());
        queue.complete(1, 0);
        queue.complete(0, 0);
        queue.publish();

        assertEquals(3, driver.usedIndex());
        assertUsed(0, 2, 0);
    }

    @Test
    void aDescriptorMadeAvailableTwiceIsTwoBuffers() {
        take(0, 1);
        driver.makeAvailable(0);
        assertTrue(queue.next(chain));
        queue.complete(0, 0);
        queue.complete(0, 0);
        assertThrows(IllegalStateException.class, () -> queue.complete(0, 0));
        queue.publish();
        assertEquals(2, driver.usedIndex());
    }

    @Test
    void aQueueGoesOnWithTheBuffersThatItHeld() {
        take(0, 3);
        queue.complete(0, 0);
        queue.publish();
        RingState state = queue.state();

        queue = DeviceQueue.create(memory, driver.placement(), FEATURES, state);
        queue.complete(2, 0);
        queue.complete(1, 0);
        queue.publish();

        assertEquals(3, driver.usedIndex());
        assertUsed(1, 1, 0);
        assertUsed(2, 2, 0);
    }

    /** Makes buffers of one descriptor available, in order, and takes them. */
    private void take(int flags, int count) {
        for (int i = 0; i < count; i++) {
            int descriptor = driver.availableIndex() % SIZE;
            driver.descriptor(descriptor, buffers, 100, flags, 0);
            driver.makeAvailable(descriptor);
            assertTrue(queue.next(chain));
        }
    }

    private void assertUsed(int index, int id, int length) {
        assertEquals(id, driver.usedId(index));
        assertEquals(length, driver.usedLength(index));
    }
}
