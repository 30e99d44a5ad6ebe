package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.RawPackedRing.Descriptor;
import org.netdev4j.virtio.testing.Rule;

/** The device end of a packed queue against a driver that writes what it must not. */
class HostilePackedDriverTest {
    private static final int SIZE = 6;
    private static final int GOOD = 77;
    private static final Features PACKED = Features.of(VirtioFeature.RING_PACKED);

    private final MemoryRegion region = OffsetMemory.allocate(1 << 16);
    private final RawPackedRing driver = RawPackedRing.place(region, SIZE);
    private final long buffers = region.deviceAddress() + 0x8000;
    private final long table = region.deviceAddress() + 0x4008;
    private final DeviceMemory memory = new DeviceMemory();
    private final DescriptorChain chain = new DescriptorChain(SIZE);
    private DeviceQueue queue;

    /** A good buffer in slot 0 is available first. */
    @BeforeEach
    void create() {
        memory.add(region);
        start(PACKED);
    }

    private void start(Features features) {
        queue = DeviceQueue.create(memory, driver.placement(), features);
        driver.descriptor(0, buffers, 100, GOOD, WRITE | available(1));
    }

    @AfterEach
    void giveMemoryBack() {
        region.close();
    }

    @Test
    void anAddressOutsideMemoryBreaksItAndTheBufferIsReturned() {
        driver.descriptor(1, 0x1000, 10, 5, available(1));
        assertBreaks("slot 1", "0x1000", "outside the memory known", region.name());
        assertReturned(1, 5);
    }

    /** Found by {@link DeviceEndFuzzer}. */
    @Test
    void whatWasTakenBeforeTheBadBufferCanBePutBack() {
        driver.descriptor(1, 0x1000, 10, 5, available(1));
        assertTrue(queue.next(chain));
        assertFalse(queue.next(chain));
        queue.putBack(1);
        assertFalse(queue.next(chain), "it is broken");
    }

    @Test
    void aHostAddressIsNoDeviceAddress() {
        driver.descriptor(1, region.segment().address(), 10, 5, available(1));
        assertBreaks("outside the memory known");
    }

    @Test
    void aLengthIsUnsigned() {
        driver.descriptor(1, buffers, -1, 5, WRITE | available(1));
        assertBreaks("4294967295 bytes");
        assertReturned(1, 5);
    }

    @Test
    void anAddressThatWrapsAroundBreaksIt() {
        driver.descriptor(1, -1, 2, 5, WRITE | available(1));
        assertBreaks("wraps around");
        assertReturned(1, 5);
    }

    @Test
    @Rule("PQ21")
    void aReadableDescriptorAfterAWritableOneBreaksItAndAllSlotsAreReturned() {
        driver.descriptor(1, buffers, 10, 0, NEXT | WRITE | available(1));
        driver.descriptor(2, buffers, 10, 0, NEXT | available(1));
        driver.descriptor(3, buffers, 10, 9, available(1));
        assertBreaks("slot 1", "slot 2", "readable descriptor after a writable one");
        assertReturned(1, 9);
        assertEquals(new RingState(4 | 1 << 15, 4 | 1 << 15), queue.state());
    }

    @Test
    @Rule({"PQ20", "PQ22.1"})
    void aListOfMoreSlotsThanTheDriverHasBreaksIt() {
        for (int slot = 1; slot < SIZE; slot++) {
            driver.descriptor(slot, buffers, 1, 0, NEXT | available(1));
        }
        assertTrue(queue.next(chain));
        driver.descriptor(0, buffers, 1, 0, NEXT | available(0));
        assertFalse(queue.next(chain));
        assertBroken("after 5 slots");
        queue.complete(0, 100);
        queue.publish();
        assertEquals(RawPackedRing.used(1) | WRITE, driver.descriptor(0).flags(), "the good one");
        assertEquals(NEXT | available(1), driver.descriptor(1).flags(), "who knows where it ends");
    }

    @Test
    void aListThatGoesRoundTheRingForEverBreaksIt() {
        driver.descriptor(0, buffers, 1, 0, NEXT | available(1));
        for (int slot = 1; slot < SIZE; slot++) {
            driver.descriptor(slot, buffers, 0, 0, NEXT | available(1));
        }
        assertFalse(queue.next(chain));
        assertBroken("after 6 slots");
        assertFalse(queue.publish());
    }

    @Test
    @Rule({"PQ6.2", "PQ15"})
    void aListThatGoesOnInADescriptorThatIsNotAvailableBreaksIt() {
        driver.descriptor(1, buffers, 10, 0, NEXT | available(1));
        driver.descriptor(2, buffers, 10, 0, used(1));
        assertBreaks("slot 2", "not available");
    }

    @ParameterizedTest
    @ValueSource(ints = {INDIRECT, INDIRECT | WRITE})
    @Rule("PQ24.1")
    void aTableThatWasNotNegotiatedBreaksIt(int flags) {
        driver.descriptor(1, table, 16, 5, flags | available(1));
        assertBreaks("INDIRECT was not negotiated");
        assertReturned(1, 5);
    }

    @Test
    @Rule("PQ24.4")
    void aTableInAListBreaksIt() {
        start(PACKED.with(VirtioFeature.INDIRECT_DESC));
        driver.indirect(table, 0, buffers, 10, 0, 0);
        driver.descriptor(1, buffers, 10, 0, NEXT | available(1));
        driver.descriptor(2, table, 16, 5, INDIRECT | available(1));
        assertBreaks("slot 2", "INDIRECT in a list");
        assertReturned(1, 5);
    }

    @Test
    @Rule("PQ24.4")
    void aListAfterATableBreaksIt() {
        start(PACKED.with(VirtioFeature.INDIRECT_DESC));
        driver.indirect(table, 0, buffers, 10, 0, 0);
        driver.descriptor(1, table, 16, 0, INDIRECT | NEXT | available(1));
        driver.descriptor(2, buffers, 10, 5, available(1));
        assertBreaks("slot 1", "INDIRECT in a list");
        assertReturned(1, 5);
    }

    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 8, 17, 16 * (SIZE + 1), -16, -1})
    @Rule("PQ24.3")
    void aTableOfNoOrTooManyDescriptorsBreaksIt(int bytes) {
        assertTableBreaks(table, bytes, "indirect table of " + Integer.toUnsignedString(bytes) + " bytes");
    }

    @Test
    void aTableThatIsNotWhollyInMemoryBreaksIt() {
        long end = region.deviceAddress() + region.size();
        assertTableBreaks(end - 16, 32, "32 bytes, is not inside one memory region");
        assertTableBreaks(0x1000, 16, "0x1000");
    }

    @Test
    void aTableThatWrapsAroundTheAddressSpaceBreaksIt() {
        try (MemoryRegion top = OffsetMemory.allocate("top", -0x1000, 0x1000);
                MemoryRegion zero = OffsetMemory.allocate("zero", 0, 0x1000)) {
            memory.add(top);
            memory.add(zero);
            assertTableBreaks(-16, 32, "0xfffffffffffffff0");
        }
    }

    @Test
    void theOrderOfReadableAndWritableHoldsInTables() {
        driver.indirect(table, 0, buffers, 10, 0, WRITE);
        driver.indirect(table, 1, buffers, 10, 0, 0);
        assertTableBreaks(table, 32, "readable descriptor after a writable one");
    }

    @Test
    void aRingThatIsTakenWhollyHasNoMoreWhateverTheDriverWrites() {
        for (int slot = 1; slot < SIZE; slot++) {
            driver.descriptor(slot, buffers, 1, slot, available(1));
        }
        for (int slot = 0; slot < SIZE; slot++) {
            assertTrue(queue.next(chain));
        }
        driver.descriptor(0, buffers, 1, 0, available(0));

        assertFalse(queue.hasAvailable());
        assertFalse(queue.next(chain));
        assertTrue(queue.armKick());
        assertFalse(queue.isBroken());
    }

    @Test
    void whatIsWrittenToDescriptorsAfterwardsChangesNothing() {
        assertTrue(queue.next(chain));
        for (int slot = 0; slot < SIZE; slot++) {
            driver.descriptor(slot, -1, -1, 0xffff, 0x7f & ~available(1));
        }

        assertEquals(0x8000, chain.offset(0));
        assertEquals(100, chain.length(0));
        queue.complete(chain, 100);
        queue.publish();
        Descriptor descriptor = driver.descriptor(0);
        assertEquals(new Descriptor(descriptor.address(), 100, GOOD, WRITE | used(1)), descriptor);
    }

    @Test
    void aBufferTakenBeforeCanStillBeReturned() {
        assertTrue(queue.next(chain));
        int good = chain.id();
        driver.descriptor(1, 0, 1, 5, available(1));
        assertFalse(queue.next(chain));
        assertTrue(queue.isBroken());

        queue.complete(good, 100);
        queue.publish();

        assertReturned(0, 5);
        assertEquals(GOOD, driver.descriptor(1).id());
    }

    private void assertTableBreaks(long address, int bytes, String reason) {
        start(PACKED.with(VirtioFeature.INDIRECT_DESC));
        driver.descriptor(1, address, bytes, 5, INDIRECT | available(1));
        assertBreaks("slot 1", reason);
        assertReturned(1, 5);
    }

    /** The first, good buffer comes and goes; then the queue is out of service, and says why. */
    private void assertBreaks(String... reasons) {
        assertTrue(queue.next(chain));
        queue.complete(chain, 100);
        assertFalse(queue.next(chain));
        assertBroken(reasons);
    }

    private void assertBroken(String... reasons) {
        assertTrue(queue.isBroken());
        for (String reason : reasons) {
            assertTrue(queue.brokenReason().contains(reason), queue.brokenReason());
        }
        assertFalse(queue.hasAvailable());
        assertFalse(queue.next(chain));
        assertTrue(queue.armKick(), "nothing to take");
    }

    /** The driver gets the buffer back with length 0. */
    private void assertReturned(int slot, int id) {
        queue.publish();
        Descriptor descriptor = driver.descriptor(slot);
        assertEquals(new Descriptor(descriptor.address(), 0, id, used(1)), descriptor);
    }
}
