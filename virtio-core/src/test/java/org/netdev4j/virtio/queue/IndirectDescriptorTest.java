package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.Rule;

/** The device end of a split queue and indirect tables, good and bad. */
class IndirectDescriptorTest {
    private static final int SIZE = 4;
    private static final int NEXT = RawSplitRing.NEXT;
    private static final int WRITE = RawSplitRing.WRITE;
    private static final int INDIRECT = RawSplitRing.INDIRECT;

    private final MemoryRegion region = OffsetMemory.allocate(1 << 16);
    private final RawSplitRing driver = RawSplitRing.place(region, SIZE);
    private final long table = region.deviceAddress() + 0x4008;
    private final long buffers = region.deviceAddress() + 0x8000;
    private final DeviceMemory memory = new DeviceMemory();
    private final DescriptorChain chain = new DescriptorChain(SIZE);
    private DeviceQueue queue;

    @BeforeEach
    void create() {
        memory.add(region);
        queue = DeviceQueue.create(memory, driver.placement(), Features.of(VirtioFeature.INDIRECT_DESC));
    }

    @AfterEach
    void giveMemoryBack() {
        region.close();
    }

    @ParameterizedTest(name = "flags {0}")
    @ValueSource(ints = {INDIRECT, INDIRECT | WRITE})
    @Rule("SQ16")
    void aTableIsWalkedWhateverItsWriteFlagSays(int flags) {
        driver.indirect(table, 0, buffers, 12, NEXT, 2);
        driver.indirect(table, 2, buffers + 0x100, 60, NEXT, 1);
        driver.indirect(table, 1, buffers + 0x200, 100, WRITE, 0xffff);
        driver.descriptor(3, table, 3 * 16, flags, 0xffff);
        driver.makeAvailable(3);

        assertTrue(queue.next(chain));

        assertEquals(3, chain.id());
        assertEquals(3, chain.size());
        assertEquals(72, chain.readableLength());
        assertEquals(100, chain.writableLength());
        assertEquals(0x8100, chain.offset(1));
        assertEquals(0x8200, chain.offset(2));
    }

    @Test
    @Rule("SQ17")
    void plainDescriptorsMayComeBeforeTheTable() {
        driver.descriptor(1, buffers, 12, NEXT, 2);
        driver.descriptor(2, buffers + 0x100, 20, NEXT, 0);
        driver.descriptor(0, table, 2 * 16, INDIRECT, 0);
        driver.indirect(table, 0, buffers + 0x200, 30, NEXT, 1);
        driver.indirect(table, 1, buffers + 0x300, 40, WRITE, 0);
        driver.makeAvailable(1);

        assertTrue(queue.next(chain));

        assertEquals(4, chain.size());
        assertEquals(62, chain.readableLength());
        assertEquals(40, chain.writableLength());
    }

    @Test
    @Rule("SQ13")
    void aTableInATableBreaksIt() {
        driver.indirect(table, 0, table, 16, INDIRECT, 0);
        assertBreaks(table, 16, INDIRECT, "INDIRECT in an indirect table");
    }

    @Test
    @Rule("SQ13")
    void aTableThatIsNotTheLastDescriptorBreaksIt() {
        driver.indirect(table, 0, buffers, 10, 0, 0);
        assertBreaks(table, 16, INDIRECT | NEXT, "INDIRECT and NEXT");
    }

    @Test
    @Rule("SQ14")
    void aTableThatLoopsBreaksIt() {
        driver.indirect(table, 0, buffers, 10, NEXT, 1);
        driver.indirect(table, 1, buffers, 10, NEXT, 0);
        assertBreaks(table, 32, INDIRECT, "more than 4 descriptors");
    }

    @Test
    @Rule("SQ14")
    void plainAndIndirectDescriptorsTogetherAreNoMoreThanTheQueueHas() {
        driver.descriptor(1, buffers, 12, NEXT, 0);
        driver.descriptor(0, table, 4 * 16, INDIRECT, 0);
        for (int i = 0; i < 4; i++) {
            driver.indirect(table, i, buffers, 10, i < 3 ? NEXT : 0, i + 1);
        }
        driver.makeAvailable(1);

        assertFalse(queue.next(chain));
        assertTrue(queue.brokenReason().contains("more than 4 descriptors"), queue.brokenReason());
    }

    @Test
    void aNextBeyondTheTableBreaksIt() {
        driver.indirect(table, 0, buffers, 10, NEXT, 2);
        assertBreaks(table, 32, INDIRECT, "has only 2");
    }

    @Test
    @Rule("SQ7")
    void theOrderOfReadableAndWritableHoldsAcrossTheTable() {
        driver.indirect(table, 0, buffers, 10, NEXT | WRITE, 1);
        driver.indirect(table, 1, buffers, 10, 0, 0);
        assertBreaks(table, 32, INDIRECT, "readable descriptor after a writable one");
    }

    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 8, 17, -1})
    void aTableOfNoWholeDescriptorsBreaksIt(int bytes) {
        assertBreaks(table, bytes, INDIRECT, "indirect table of " + Integer.toUnsignedString(bytes) + " bytes");
    }

    @Test
    void aTableThatIsNotWhollyInMemoryBreaksIt() {
        long end = region.deviceAddress() + region.size();
        driver.indirect(end - 16, 0, buffers, 10, 0, 0);
        assertBreaks(end - 16, 32, INDIRECT, "32 bytes, is not inside one memory region");
    }

    @Test
    void aTableOutsideMemoryBreaksIt() {
        assertBreaks(0x1000, 16, INDIRECT, "0x1000");
    }

    @Test
    void aTableThatWrapsAroundTheAddressSpaceBreaksIt() {
        try (MemoryRegion top = OffsetMemory.allocate("top", -0x1000, 0x1000);
                MemoryRegion zero = OffsetMemory.allocate("zero", 0, 0x1000)) {
            memory.add(top);
            memory.add(zero);
            assertBreaks(-16, 32, INDIRECT, "0xfffffffffffffff0");
        }
    }

    /** A chain of one descriptor with these values. */
    private void assertBreaks(long address, int length, int flags, String reason) {
        driver.descriptor(2, address, length, flags, 0);
        driver.makeAvailable(2);

        assertFalse(queue.next(chain));
        assertTrue(queue.isBroken());
        assertTrue(queue.brokenReason().contains(reason), queue.brokenReason());
        queue.publish();
        assertEquals(1, driver.usedIndex());
        assertEquals(2, driver.usedId(0));
        assertEquals(0, driver.usedLength(0));
    }
}
