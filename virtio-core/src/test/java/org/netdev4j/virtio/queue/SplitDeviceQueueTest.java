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
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.Rule;

/** The device end against rings that are read and written by hand. */
class SplitDeviceQueueTest {
    private static final int SIZE = 8;
    private static final int NEXT = RawSplitRing.NEXT;
    private static final int WRITE = RawSplitRing.WRITE;

    private final MemoryRegion region = OffsetMemory.allocate(1 << 16);
    private final RawSplitRing driver = RawSplitRing.place(region, SIZE);
    private final long buffers = region.deviceAddress() + 0x8000;
    private final DeviceMemory memory = new DeviceMemory();
    private final DescriptorChain chain = new DescriptorChain(SIZE);
    private final DescriptorBurst burst = new DescriptorBurst(SIZE);
    private DeviceQueue queue;

    @BeforeEach
    void create() {
        memory.add(region);
        queue = DeviceQueue.create(memory, driver.placement(), Features.NONE);
    }

    @AfterEach
    void giveMemoryBack() {
        region.close();
    }

    @Test
    void anEmptyRingHasNothing() {
        assertFalse(queue.hasAvailable());
        assertFalse(queue.next(chain));
        assertFalse(queue.isBroken());
        assertEquals(SIZE, queue.size());
    }

    @Test
    @Rule("SQ31")
    void aSpuriousKickFindsNothing() {
        for (int kick = 0; kick < 3; kick++) {
            assertFalse(queue.next(chain));
            assertFalse(queue.publish());
            assertTrue(queue.armKick());
        }
        driver.descriptor(0, buffers, 100, 0, 0);
        driver.makeAvailable(0);
        assertTrue(queue.next(chain));
        assertFalse(queue.next(chain));
        assertFalse(queue.isBroken());
    }

    @Test
    @Rule("SQ5")
    void aChainComesTranslated() {
        driver.descriptor(6, buffers, 12, NEXT, 1);
        driver.descriptor(1, buffers + 0x100, 60, NEXT, 4);
        driver.descriptor(4, buffers + 0x200, 1000, NEXT | WRITE, 7);
        driver.descriptor(7, buffers + 0x800, 24, WRITE, 0);
        driver.makeAvailable(6);

        assertTrue(queue.hasAvailable());
        assertTrue(queue.next(chain));

        assertEquals(6, chain.id());
        assertEquals(4, chain.size());
        assertEquals(2, chain.readable());
        assertEquals(72, chain.readableLength());
        assertEquals(1024, chain.writableLength());
        assertEquals(0x8200, chain.offset(2));
        assertEquals(1000, chain.length(2));
        assertEquals(region.segment().address(), chain.segment(2).address());
        assertFalse(queue.hasAvailable());
        assertFalse(queue.next(chain));
    }

    @Test
    @Rule("SQ23")
    void completedBuffersAreNotUsedBeforePublish() {
        driver.descriptor(3, buffers, 100, WRITE, 0);
        driver.makeAvailable(3);
        queue.next(chain);

        queue.complete(chain, 60);
        assertEquals(0, driver.usedIndex());

        queue.publish();
        assertEquals(1, driver.usedIndex());
        assertEquals(3, driver.usedId(0));
        assertEquals(60, driver.usedLength(0));
    }

    @Test
    void buffersAreCompletedInAnyOrder() {
        for (int i = 0; i < 4; i++) {
            driver.descriptor(i, buffers, 100, WRITE, 0);
            driver.makeAvailable(i);
            assertTrue(queue.next(chain));
        }

        queue.complete(2, 1);
        queue.complete(0, 2);
        queue.publish();

        assertEquals(2, driver.usedIndex());
        assertEquals(2, driver.usedId(0));
        assertEquals(0, driver.usedId(1));
        assertEquals(2, driver.usedLength(1));
    }

    @Test
    void buffersPutBackComeAgainInTheSameOrder() {
        for (int i = 0; i < 4; i++) {
            driver.descriptor(i, buffers, 100, 0, 0);
            driver.makeAvailable(i);
            queue.next(chain);
        }

        queue.putBack(3);

        assertTrue(queue.hasAvailable());
        for (int i = 1; i < 4; i++) {
            assertTrue(queue.next(chain));
            assertEquals(i, chain.id());
        }
        assertFalse(queue.next(chain));
    }

    @Test
    void moreThanWasTakenCannotBePutBackOrCompleted() {
        driver.descriptor(0, buffers, 100, 0, 0);
        driver.makeAvailable(0);
        assertThrows(IllegalStateException.class, () -> queue.complete(0, 0));
        queue.next(chain);

        assertThrows(IllegalArgumentException.class, () -> queue.putBack(2));
        assertThrows(IllegalArgumentException.class, () -> queue.putBack(-1));
        assertThrows(IllegalArgumentException.class, () -> queue.complete(SIZE, 0));
        assertThrows(IllegalArgumentException.class, () -> queue.complete(0, -1));
        assertThrows(IllegalArgumentException.class, () -> queue.complete(chain, 1));
        queue.complete(chain, 0);
        assertThrows(IllegalArgumentException.class, () -> queue.putBack(1));
    }

    @Test
    @Rule("SQ21")
    void aDriverThatAsksForSilenceIsNotInterrupted() {
        for (int i = 0; i < 2; i++) {
            driver.descriptor(i, buffers, 100, 0, 0);
            driver.makeAvailable(i);
            queue.next(chain);
        }
        assertFalse(queue.publish(), "nothing completed");

        driver.availableFlags(1);
        queue.complete(0, 0);
        assertFalse(queue.publish());

        driver.availableFlags(0);
        queue.complete(1, 0);
        assertTrue(queue.publish());
        assertFalse(queue.publish());
    }

    @Test
    @Rule("SQ30")
    void armingLooksAgainBeforeItPromises() {
        queue.disarmKick();
        assertEquals(1, driver.usedFlags());
        assertTrue(queue.armKick());
        assertEquals(0, driver.usedFlags());

        driver.descriptor(0, buffers, 100, 0, 0);
        driver.makeAvailable(0);
        assertFalse(queue.armKick());
        assertEquals(1, driver.usedFlags());
        queue.next(chain);
        assertTrue(queue.armKick());
    }

    @Test
    @Rule({"SQ22", "SQ30"})
    void withEventIndexTheFlagsAreLeftAlone() {
        DeviceQueue events = DeviceQueue.create(memory, driver.placement(), Features.of(VirtioFeature.EVENT_IDX));
        assertEquals(0, driver.availableEvent(), "armed");
        events.disarmKick();
        assertEquals(0xffff, driver.availableEvent());
        driver.availableFlags(1);
        driver.usedEvent(2);
        for (int i = 0; i < 5; i++) {
            driver.descriptor(i, buffers, 100, 0, 0);
            driver.makeAvailable(i);
            assertTrue(events.next(chain));
        }

        assertTrue(events.armKick());
        assertEquals(5, driver.availableEvent());
        assertEquals(0, driver.usedFlags());
        events.complete(0, 0);
        events.complete(1, 0);
        assertFalse(events.publish());
        events.complete(2, 0);
        events.complete(3, 0);
        assertTrue(events.publish(), "index 2 is what the driver waits for");
        events.complete(4, 0);
        assertFalse(events.publish());
    }

    @Test
    @Rule("SQ35")
    void descriptorsOfLengthZeroAreLeftOut() {
        driver.descriptor(0, buffers, 0, NEXT, 1);
        driver.descriptor(1, buffers, 10, NEXT, 2);
        driver.descriptor(2, 0xdead_beefL, 0, WRITE, 0);
        driver.makeAvailable(0);
        driver.descriptor(3, buffers, 0, 0, 0);
        driver.makeAvailable(3);

        assertTrue(queue.next(chain));
        assertEquals(1, chain.size());
        assertEquals(10, chain.readableLength());
        assertEquals(0, chain.writableLength());
        assertTrue(queue.next(chain));
        assertEquals(0, chain.size());
        assertFalse(queue.isBroken());
    }

    @Test
    void aPlacementThatIsWrongIsRefusedWithItsValues() {
        QueuePlacement good = driver.placement();
        long used = good.deviceAddress();

        refused("descriptor table",
                new QueuePlacement(SIZE, good.descriptorAddress() + 8, good.driverAddress(), used));
        refused("available ring",
                new QueuePlacement(SIZE, good.descriptorAddress(), good.driverAddress() + 1, used));
        refused("used ring", new QueuePlacement(SIZE, good.descriptorAddress(), good.driverAddress(), used + 2));
        refused("used ring", new QueuePlacement(SIZE, good.descriptorAddress(), good.driverAddress(),
                region.deviceAddress() + region.size() - 8));
        refused("descriptor table", new QueuePlacement(SIZE, 0x1000, good.driverAddress(), used));
        refused("size", new QueuePlacement(6, good.descriptorAddress(), good.driverAddress(), used));
        refused("size", new QueuePlacement(1 << 16, good.descriptorAddress(), good.driverAddress(), used));
    }

    private void refused(String what, QueuePlacement placement) {
        VirtioException refusal = assertThrows(VirtioException.class,
                () -> DeviceQueue.create(memory, placement, Features.NONE));
        assertTrue(refusal.getMessage().startsWith(what), refusal.getMessage());
    }

    @Test
    void usedElementsAreKeptAsideUntilTheyArePublished() {
        for (int head = 2; head < 5; head++) {
            driver.descriptor(head, buffers, 100, WRITE, 0);
            driver.makeAvailable(head);
        }
        for (int taken = 0; taken < 3; taken++) {
            queue.next(chain);
            queue.complete(chain, 60);
            assertEquals(0, driver.usedId(taken));
            assertEquals(0, driver.usedLength(taken));
        }

        queue.publish();
        for (int index = 0; index < 3; index++) {
            assertEquals(2 + index, driver.usedId(index));
            assertEquals(60, driver.usedLength(index));
        }
    }

    @Test
    void aBurstEndsInFrontOfABufferOfAnotherShape() {
        driver.descriptor(3, buffers, 10, 0, 0);
        driver.descriptor(5, buffers + 0x100, 20, 0, 0);
        driver.descriptor(1, buffers, 15, NEXT, 2);
        driver.descriptor(2, buffers, 5, 0, 0);
        driver.descriptor(6, buffers, 30, WRITE, 0);
        for (int head : new int[]{3, 5, 1, 6}) {
            driver.makeAvailable(head);
        }

        assertEquals(0, queue.next(burst, 8, true), "the first is to be read");
        assertEquals(1, queue.next(burst, 1, false), "no more than asked for");
        queue.putBack(1);
        assertEquals(2, queue.next(burst, 8, false));
        assertEquals(10, burst.length(0));
        assertEquals(0x8100, burst.offset(1));
        assertEquals(20, burst.length(1));
        assertEquals(0, queue.next(burst, 8, false), "a list");
        assertTrue(queue.next(chain));
        assertEquals(20, chain.readableLength());
        assertEquals(0, queue.next(burst, 8, false), "to be written");
        assertEquals(1, queue.next(burst, 8, true));
        queue.complete(burst, 1, new int[]{30});
        queue.publish();
        assertEquals(1, driver.usedIndex());
    }

    @Test
    void whatIsNoMemoryOrEmptyIsLeftForNext() {
        long last = region.deviceAddress() + region.size() - 1;
        driver.descriptor(0, last, 1, 0, 0);
        driver.makeAvailable(0);
        driver.makeAvailable(1);

        driver.descriptor(1, last, 2, 0, 0);
        assertEquals(1, queue.next(burst, 8, false));
        for (int length : new int[]{0, 2, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            driver.descriptor(1, last, length, 0, 0);
            assertEquals(0, queue.next(burst, 8, false), () -> length + " bytes");
        }
        for (long address : new long[]{last + 1, region.deviceAddress() - 1, -1, 0, Long.MIN_VALUE}) {
            driver.descriptor(1, address, 1, 0, 0);
            assertEquals(0, queue.next(burst, 8, false), () -> "at " + Long.toHexString(address));
        }
        assertFalse(queue.isBroken(), "only taking it breaks the queue");
        assertFalse(queue.next(chain));
        assertTrue(queue.isBroken());
        assertEquals(0, queue.next(burst, 8, false), "broken");
    }

    @Test
    void aBurstDoesNotGoToADescriptorThatIsNotThere() {
        driver.makeAvailable(0xffff);

        assertEquals(0, queue.next(burst, 8, false));
        assertFalse(queue.isBroken(), "only taking it breaks the queue");
        assertFalse(queue.next(chain));
        assertTrue(queue.isBroken());
    }

    @Test
    void aBurstFindsAnIndexThatJumps() {
        driver.availableIndex(SIZE + 1);

        assertEquals(0, queue.next(burst, 8, false));
        assertTrue(queue.isBroken());
    }
}
