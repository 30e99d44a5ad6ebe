package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.testing.RawPackedRing.INDIRECT;
import static org.netdev4j.virtio.testing.RawPackedRing.NEXT;
import static org.netdev4j.virtio.testing.RawPackedRing.WRITE;
import static org.netdev4j.virtio.testing.RawPackedRing.available;
import static org.netdev4j.virtio.testing.RawPackedRing.used;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.RawPackedRing.Descriptor;
import org.netdev4j.virtio.testing.RawPackedRing.Event;
import org.netdev4j.virtio.testing.Rule;

/** The device end against rings that are read and written by hand. */
class PackedDeviceQueueTest {
    private static final int SIZE = 5;
    private static final Features PACKED = Features.of(VirtioFeature.RING_PACKED);

    private final MemoryRegion region = OffsetMemory.allocate(1 << 16);
    private final RawPackedRing driver = RawPackedRing.place(region, SIZE);
    private final long buffers = region.deviceAddress() + 0x8000;
    private final long table = region.deviceAddress() + 0x4008;
    private final DeviceMemory memory = new DeviceMemory();
    private final DescriptorChain chain = new DescriptorChain(SIZE);
    private final DescriptorBurst burst = new DescriptorBurst(SIZE);
    private DeviceQueue queue;

    @BeforeEach
    void create() {
        memory.add(region);
        queue = DeviceQueue.create(memory, driver.placement(), PACKED);
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
        assertEquals(new Event(0, 0, RawPackedRing.ENABLE), driver.deviceEvent(), "armed");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Rule("PQ15")
    void onlyADescriptorWithTheFlagsOfThisRoundIsAvailable(int wrap) {
        queue = DeviceQueue.create(memory, driver.placement(), PACKED, 2 | wrap << 15);
        for (int flags : new int[]{0, RawPackedRing.AVAILABLE | RawPackedRing.USED, available(1 - wrap)}) {
            driver.descriptor(2, buffers, 10, 1, flags);
            assertFalse(queue.hasAvailable());
            assertFalse(queue.next(chain));
        }
        driver.descriptor(2, buffers, 10, 1, available(wrap));
        assertTrue(queue.hasAvailable());
        assertTrue(queue.next(chain));
    }

    @Test
    @Rule({"PQ4.1", "PQ13.1"})
    void onlyTheNextSlotIsLookedAt() {
        driver.descriptor(1, buffers, 20, 1, available(1));
        assertFalse(queue.next(chain));

        driver.descriptor(0, buffers, 10, 0, available(1));
        assertTrue(queue.next(chain));
        assertEquals(10, chain.readableLength());
        assertTrue(queue.next(chain));
        assertEquals(20, chain.readableLength());
        assertFalse(queue.next(chain));
    }

    @Test
    @Rule({"PQ23.1", "PQ6.1"})
    void aListComesTranslatedUnderTheIdOfItsLastDescriptor() {
        driver.descriptor(0, buffers, 12, 0x1111, NEXT | available(1));
        driver.descriptor(1, buffers + 0x100, 60, 0x2222, NEXT | available(1));
        driver.descriptor(2, buffers + 0x200, 1000, 0x3333, NEXT | WRITE | available(1));
        driver.descriptor(3, buffers + 0x800, 24, 0xfedc, WRITE | available(1));

        assertTrue(queue.next(chain));

        assertEquals(4, chain.size());
        assertEquals(2, chain.readable());
        assertEquals(72, chain.readableLength());
        assertEquals(1024, chain.writableLength());
        assertEquals(0x8200, chain.offset(2));
        assertEquals(1000, chain.length(2));
        assertEquals(region.segment().address(), chain.segment(2).address());
        assertFalse(queue.next(chain));

        queue.complete(chain, 1000);
        queue.publish();
        assertUsed(0, 0xfedc, 1000, 1);
    }

    @Test
    @Rule({"PQ1", "PQ3", "PQ7.1", "PQ7.2"})
    void oneUsedDescriptorStandsForAListAcrossTheEndOfTheRing() {
        queue = DeviceQueue.create(memory, driver.placement(), PACKED, 3 | 1 << 15);
        driver.descriptor(3, buffers, 1, 0, NEXT | available(1));
        driver.descriptor(4, buffers, 2, 0, NEXT | available(1));
        driver.descriptor(0, buffers, 3, 7, WRITE | available(0));
        driver.descriptor(1, buffers, 4, 8, available(0));
        assertTrue(queue.next(chain));
        assertEquals(3, chain.readableLength());
        queue.complete(chain, 3);
        assertTrue(queue.next(chain));
        assertEquals(4, chain.readableLength());
        queue.complete(chain, 0);
        queue.publish();

        assertUsed(3, 7, 3, 1);
        assertEquals(NEXT | available(1), driver.descriptor(4).flags(), "passed over");
        assertEquals(WRITE | available(0), driver.descriptor(0).flags(), "passed over");
        assertEquals(new Descriptor(buffers, 0, 8, used(0)), driver.descriptor(1));
    }

    @Test
    @Rule("PQ5.1")
    void writeInAUsedDescriptorSaysThatDataWasWritten() {
        makeAvailable(0, 10, 5, WRITE);
        makeAvailable(1, 10, 6, WRITE);
        makeAvailable(2, 10, 7, 0);
        takeAll(3);
        queue.complete(0, 0);
        queue.complete(1, 10);
        queue.complete(2, 0);
        queue.publish();

        assertEquals(used(1), driver.descriptor(0).flags());
        assertEquals(WRITE | used(1), driver.descriptor(1).flags());
        assertEquals(10, driver.descriptor(1).length());
        assertEquals(used(1), driver.descriptor(2).flags());
    }

    @Test
    @Rule("PQ13.2")
    void usedDescriptorsAreInTheOrderOfCompletion() {
        driver.descriptor(0, buffers, 10, 40, NEXT | WRITE | available(1));
        driver.descriptor(1, buffers, 10, 41, WRITE | available(1));
        makeAvailable(2, 10, 42, WRITE);
        assertTrue(queue.next(chain));
        int first = chain.id();
        assertTrue(queue.next(chain));
        int second = chain.id();

        queue.complete(second, 2);
        queue.complete(first, 1);
        queue.publish();

        assertUsed(0, 42, 2, 1);
        assertUsed(1, 41, 1, 1);
        assertEquals(WRITE | available(1), driver.descriptor(2).flags(), "part of the list");
    }

    @Test
    @Rule("PQ11")
    void theFirstOfABurstIsMarkedUsedLast() {
        for (int slot = 0; slot < 3; slot++) {
            makeAvailable(slot, 10, slot, WRITE);
        }
        takeAll(3);
        for (int i = 0; i < 3; i++) {
            queue.complete(i, 4);
        }
        assertEquals(WRITE | available(1), driver.descriptor(0).flags());

        queue.publish();
        for (int slot = 0; slot < 3; slot++) {
            assertUsed(slot, slot, 4, 1);
        }
    }

    @Test
    @Rule("PQ16")
    void whatIsUsedIsNotTouchedAgain() {
        makeAvailable(0, 10, 0, WRITE);
        makeAvailable(1, 10, 1, WRITE);
        takeAll(2);
        queue.complete(0, 1);
        queue.publish();
        driver.descriptor(0, 0x5555, 0x5555, 0x5555, used(1));
        queue.complete(1, 1);
        queue.publish();
        queue.armKick();
        queue.next(chain);

        assertEquals(new Descriptor(0x5555, 0x5555, 0x5555, used(1)), driver.descriptor(0));
    }

    @Test
    void idsAreAnySixteenBitsAndMayEvenRepeat() {
        int[] ids = {0xffff, 0, 0x8000, 0xffff, SIZE};
        for (int slot = 0; slot < SIZE; slot++) {
            makeAvailable(slot, 10, ids[slot], WRITE);
        }
        takeAll(SIZE);
        for (int i = SIZE - 1; i >= 0; i--) {
            queue.complete(i, i + 1);
        }
        queue.publish();
        for (int slot = 0; slot < SIZE; slot++) {
            assertUsed(slot, ids[SIZE - 1 - slot], SIZE - slot, 1);
        }
    }

    @Test
    @Rule({"PQ9.1", "PQ9.2", "PQ9.3", "PQ9.4"})
    void ofATableOnlyAddressLengthAndWriteCount() {
        driver.indirect(table, 0, buffers, 12, 0x1111, 0xffff & ~WRITE);
        driver.indirect(table, 1, buffers + 0x100, 60, 0x2222, 0);
        driver.indirect(table, 2, buffers + 0x200, 100, 0x3333, 0xffff);
        driver.indirect(table, 3, buffers + 0x300, 10, 0, WRITE);
        for (int flags : new int[]{INDIRECT, INDIRECT | WRITE}) {
            queue = DeviceQueue.create(memory, driver.placement(), PACKED.with(VirtioFeature.INDIRECT_DESC));
            driver.descriptor(0, table, 4 * 16, 9, flags | available(1));

            assertTrue(queue.next(chain));

            assertEquals(4, chain.size());
            assertEquals(72, chain.readableLength());
            assertEquals(110, chain.writableLength());
            assertEquals(0x8300, chain.offset(3));
            queue.complete(chain, 110);
            queue.publish();
            assertUsed(0, 9, 110, 1);
        }
    }

    @Test
    void descriptorsOfLengthZeroAreLeftOut() {
        driver.descriptor(0, 0xdead_beefL, 0, 0, NEXT | available(1));
        driver.descriptor(1, buffers, 10, 0, NEXT | available(1));
        driver.descriptor(2, 0, 0, 0, WRITE | available(1));
        driver.descriptor(3, buffers, 0, 1, available(1));

        assertTrue(queue.next(chain));
        assertEquals(1, chain.size());
        assertEquals(10, chain.readableLength());
        assertTrue(queue.next(chain));
        assertEquals(0, chain.size());
        assertFalse(queue.isBroken());
    }

    @Test
    void buffersPutBackComeAgainInTheSameOrder() {
        queue = DeviceQueue.create(memory, driver.placement(), PACKED, 3 | 1 << 15);
        makeAvailable(3, 1, 0, 0);
        driver.descriptor(4, buffers, 1, 0, NEXT | available(1));
        driver.descriptor(0, buffers, 1, 0, available(0));
        driver.descriptor(1, buffers, 3, 0, available(0));
        takeAll(3);
        RingState state = queue.state();

        queue.putBack(2);

        assertTrue(queue.hasAvailable());
        assertTrue(queue.next(chain));
        assertEquals(2, chain.readableLength());
        assertTrue(queue.next(chain));
        assertEquals(3, chain.readableLength());
        assertFalse(queue.next(chain));
        assertEquals(state, queue.state());
        assertEquals(new RingState(2, 3 | 1 << 15), state);
    }

    @Test
    void whatIsNotTakenCannotBePutBackOrCompleted() {
        makeAvailable(0, 100, 0, 0);
        makeAvailable(1, 100, 0, 0);
        assertThrows(IllegalStateException.class, () -> queue.complete(0, 0));
        takeAll(2);

        assertThrows(IllegalArgumentException.class, () -> queue.putBack(3));
        assertThrows(IllegalArgumentException.class, () -> queue.putBack(-1));
        assertThrows(IllegalArgumentException.class, () -> queue.complete(SIZE, 0));
        assertThrows(IllegalArgumentException.class, () -> queue.complete(0, -1));
        assertThrows(IllegalArgumentException.class, () -> queue.complete(chain, 1));
        assertThrows(IllegalStateException.class, () -> queue.complete(2, 0));
        queue.complete(1, 0);
        assertThrows(IllegalStateException.class, () -> queue.complete(1, 0));
        assertThrows(IllegalArgumentException.class, () -> queue.putBack(1), "completed after it");
    }

    @Test
    @Rule("PQ28")
    void withoutEventIndexTheFlagsSayAllOrNothing() {
        makeAvailable(0, 10, 0, 0);
        makeAvailable(1, 10, 1, 0);
        takeAll(2);
        assertFalse(queue.publish(), "nothing completed");
        driver.driverEvent(0, 0, RawPackedRing.DISABLE);
        queue.complete(0, 0);
        assertFalse(queue.publish());
        driver.driverEvent(0, 0, RawPackedRing.ENABLE);
        queue.complete(1, 0);
        assertTrue(queue.publish());
        assertFalse(queue.publish());

        queue.disarmKick();
        assertEquals(RawPackedRing.DISABLE, driver.deviceEvent().flags());
        assertTrue(queue.armKick());
        assertEquals(RawPackedRing.ENABLE, driver.deviceEvent().flags());
        makeAvailable(2, 10, 0, 0);
        assertFalse(queue.armKick(), "armed too late");
        assertEquals(RawPackedRing.DISABLE, driver.deviceEvent().flags());
    }

    @Test
    @Rule("PQ28")
    void withEventIndexAnEndNamesTheSlotThatItWaitsFor() {
        queue = DeviceQueue.create(memory, driver.placement(), PACKED.with(VirtioFeature.EVENT_IDX), 3 | 1 << 15);
        assertEquals(new Event(3, 1, RawPackedRing.DESC), driver.deviceEvent());
        driver.driverEvent(0, 0, RawPackedRing.DESC);
        makeAvailable(3, 10, 0, 0);
        driver.descriptor(4, buffers, 10, 0, NEXT | available(1));
        driver.descriptor(0, buffers, 10, 1, available(0));
        driver.descriptor(1, buffers, 10, 2, available(0));
        takeAll(3);
        assertTrue(queue.armKick());
        assertEquals(new Event(2, 0, RawPackedRing.DESC), driver.deviceEvent());

        queue.complete(0, 0);
        assertFalse(queue.publish(), "slot 3");
        queue.complete(1, 0);
        assertTrue(queue.publish(), "slots 4 and, a turn later, 0");
        queue.complete(2, 0);
        assertFalse(queue.publish(), "slot 1");
    }

    @Test
    void aPlacementThatIsWrongIsRefusedWithItsValues() {
        QueuePlacement good = driver.placement();
        long ring = good.descriptorAddress();
        long device = good.deviceAddress();

        refused("descriptor ring", new QueuePlacement(SIZE, ring + 8, good.driverAddress(), device));
        refused("driver event suppression", new QueuePlacement(SIZE, ring, good.driverAddress() + 2, device));
        refused("device event suppression", new QueuePlacement(SIZE, ring, good.driverAddress(), device + 1));
        refused("device event suppression",
                new QueuePlacement(SIZE, ring, good.driverAddress(), region.deviceAddress() + region.size()));
        refused("descriptor ring", new QueuePlacement(SIZE, 0x1000, good.driverAddress(), device));
        refused("size", new QueuePlacement(0, ring, good.driverAddress(), device));
        refused("size", new QueuePlacement(32769, ring, good.driverAddress(), device));
    }

    @ParameterizedTest
    @ValueSource(ints = {SIZE, SIZE | 1 << 15})
    void aStateThatTheRingCannotHaveIsRefused(int position) {
        assertThrows(VirtioException.class,
                () -> DeviceQueue.create(memory, driver.placement(), PACKED, new RingState(position, 0)));
        assertThrows(VirtioException.class,
                () -> DeviceQueue.create(memory, driver.placement(), PACKED, new RingState(0, position)));
        assertThrows(VirtioException.class,
                () -> DeviceQueue.create(memory, driver.placement(), PACKED, new RingState(1, 2)));
    }

    private void refused(String what, QueuePlacement placement) {
        VirtioException refusal = assertThrows(VirtioException.class,
                () -> DeviceQueue.create(memory, placement, PACKED));
        assertTrue(refusal.getMessage().startsWith(what), refusal.getMessage());
    }

    /** Makes a buffer of one piece available in the first round. */
    private void makeAvailable(int slot, int length, int id, int flags) {
        driver.descriptor(slot, buffers, length, id, flags | available(1));
    }

    /** Takes so many buffers, which are numbered as they come. */
    private void takeAll(int count) {
        for (int i = 0; i < count; i++) {
            assertTrue(queue.next(chain));
            assertEquals(i, chain.id());
        }
        assertFalse(queue.next(chain));
    }

    private void assertUsed(int slot, int id, int length, int wrap) {
        Descriptor descriptor = driver.descriptor(slot);
        assertEquals(id, descriptor.id());
        assertEquals(length, descriptor.length());
        assertEquals(WRITE | used(wrap), descriptor.flags());
    }

    @Test
    void usedDescriptorsAreKeptAsideUntilTheyArePublished() {
        for (int slot = 0; slot < 3; slot++) {
            driver.descriptor(slot, buffers, 100, slot, WRITE | available(1));
        }
        for (int taken = 0; taken < 3; taken++) {
            queue.next(chain);
            queue.complete(chain, 60);
        }
        for (int slot = 0; slot < 3; slot++) {
            assertEquals(new Descriptor(buffers, 100, slot, WRITE | available(1)), driver.descriptor(slot));
        }

        queue.publish();
        for (int slot = 0; slot < 3; slot++) {
            assertEquals(new Descriptor(buffers, 60, slot, WRITE | used(1)), driver.descriptor(slot));
        }
    }

    @Test
    void aBurstEndsInFrontOfABufferOfAnotherShape() {
        driver.descriptor(0, buffers, 10, 7, available(1));
        driver.descriptor(1, buffers + 0x100, 20, 8, available(1));
        driver.descriptor(2, buffers, 15, 0, NEXT | available(1));
        driver.descriptor(3, buffers, 5, 9, available(1));
        driver.descriptor(4, buffers, 30, 10, WRITE | available(1));

        assertEquals(0, queue.next(burst, 8, true), "the first is to be read");
        assertEquals(2, queue.next(burst, 8, false));
        assertEquals(10, burst.length(0));
        assertEquals(0x8100, burst.offset(1));
        assertEquals(20, burst.length(1));
        assertEquals(region.segment().address(), burst.segment().address());
        assertEquals(0, queue.next(burst, 8, false), "a list");
        assertTrue(queue.next(chain));
        assertEquals(20, chain.readableLength());
        assertEquals(0, queue.next(burst, 8, false), "to be written");
        assertEquals(1, queue.next(burst, 8, true));
        assertTrue(burst.isWritable());
    }

    @Test
    void aBurstGoesAroundTheEnd() {
        queue = DeviceQueue.create(memory, driver.placement(), PACKED, 4 | 1 << 15);
        driver.descriptor(4, buffers, 10, 7, WRITE | available(1));
        driver.descriptor(0, buffers + 0x100, 20, 8, WRITE | available(0));
        driver.descriptor(1, buffers + 0x200, 30, 9, WRITE | available(0));

        assertEquals(2, queue.next(burst, 2, true), "no more than asked for");
        queue.putBack(1);
        assertEquals(2, queue.next(burst, 8, true));
        assertEquals(30, burst.length(1));
        queue.putBack(2);
        assertEquals(2, queue.next(burst, 8, true), "the same again");
        assertEquals(20, burst.length(0));
        queue.complete(burst, 2, new int[]{20, 3});
        queue.publish();

        assertEquals(new Descriptor(buffers, 20, 8, WRITE | used(1)), driver.descriptor(4));
        assertEquals(new Descriptor(buffers + 0x100, 3, 9, WRITE | used(0)), driver.descriptor(0));
        assertFalse(queue.hasAvailable());
    }

    @Test
    void whatIsNoMemoryOrEmptyIsLeftForNext() {
        long last = region.deviceAddress() + region.size() - 1;
        driver.descriptor(0, last, 1, 0, available(1));
        driver.descriptor(1, last, 2, 1, available(1));

        assertEquals(1, queue.next(burst, 8, false));
        assertEquals(0, queue.next(burst, 8, false));
        assertFalse(queue.isBroken(), "only taking it breaks the queue");
        for (int length : new int[]{0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            driver.descriptor(1, last, length, 1, available(1));
            assertEquals(0, queue.next(burst, 8, false), () -> length + " bytes");
        }
        for (long address : new long[]{last + 1, region.deviceAddress() - 1, -1, 0, Long.MIN_VALUE}) {
            driver.descriptor(1, address, 1, 1, available(1));
            assertEquals(0, queue.next(burst, 8, false), () -> "at " + Long.toHexString(address));
        }
        assertFalse(queue.next(chain));
        assertTrue(queue.isBroken());
        assertEquals(0, queue.next(burst, 8, false), "broken");
    }

    @Test
    void noMoreIsWrittenToTheBuffersOfABurstThanTheyHold() {
        driver.descriptor(0, buffers, 10, 0, WRITE | available(1));
        assertEquals(1, queue.next(burst, 8, true));
        assertThrows(IllegalArgumentException.class, () -> queue.complete(burst, 1, new int[]{11}));
        queue.complete(burst, 1, new int[]{10});
        assertThrows(IllegalStateException.class, () -> queue.complete(burst, 1, new int[]{10}), "completed already");

        driver.descriptor(1, buffers, 10, 0, available(1));
        assertEquals(1, queue.next(burst, 8, false));
        assertThrows(IllegalArgumentException.class, () -> queue.complete(burst, 1, new int[]{1}));
    }
}
