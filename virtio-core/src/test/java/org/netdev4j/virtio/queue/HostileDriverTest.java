package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.Rule;

/** The device end of a split queue against a driver that writes what it must not. */
class HostileDriverTest {
    private static final int SIZE = 8;
    private static final int NEXT = RawSplitRing.NEXT;
    private static final int WRITE = RawSplitRing.WRITE;
    private static final int INDIRECT = RawSplitRing.INDIRECT;

    private final MemoryRegion region = OffsetMemory.allocate(1 << 16);
    private final RawSplitRing driver = RawSplitRing.place(region, SIZE);
    private final long buffers = region.deviceAddress() + 0x8000;
    private final DescriptorChain chain = new DescriptorChain(SIZE);
    private DeviceQueue queue;

    /** A good buffer at head 0 is available first. */
    @BeforeEach
    void create() {
        DeviceMemory memory = new DeviceMemory();
        memory.add(region);
        queue = DeviceQueue.create(memory, driver.placement(), Features.NONE);
        driver.descriptor(0, buffers, 100, WRITE, 0);
        driver.makeAvailable(0);
    }

    @AfterEach
    void giveMemoryBack() {
        region.close();
    }

    @Test
    void aHeadBeyondTheQueueBreaksIt() {
        driver.makeAvailable(SIZE);
        assertBreaks("descriptor 8 of 8");
        assertUsed();
    }

    @Test
    void moreAvailableThanDescriptorsBreaksIt() {
        driver.availableIndex(SIZE + 1);
        assertFalse(queue.next(chain));
        assertBroken("from 0 to 9");
    }

    @Test
    @Rule("SQ18")
    void anAvailableIndexThatGoesBackBreaksIt() {
        assertTrue(queue.next(chain));
        driver.availableIndex(0);
        assertFalse(queue.next(chain));
        assertBroken("from 1 to 0");
    }

    @Test
    void buffersThatTheDeviceStillHoldsCountAsDescriptors() {
        assertTrue(queue.next(chain));
        driver.availableIndex(SIZE + 1);
        assertFalse(queue.next(chain));
        assertBroken("1 of 8 buffers");
    }

    @Test
    void aNextBeyondTheQueueBreaksIt() {
        driver.descriptor(3, buffers, 10, NEXT, 0xffff);
        driver.makeAvailable(3);
        assertBreaks("descriptor 3", "descriptor 65535");
        assertUsed(3);
    }

    @Test
    @Rule({"SQ11", "SQ14"})
    void aLoopBreaksIt() {
        driver.descriptor(3, buffers, 10, NEXT, 4);
        driver.descriptor(4, buffers, 10, NEXT, 3);
        driver.makeAvailable(3);
        assertBreaks("more than 8 descriptors");
        assertUsed(3);
    }

    @Test
    @Rule({"SQ14", "SQ35"})
    void aLoopOfEmptyDescriptorsBreaksIt() {
        driver.descriptor(3, 0, 0, NEXT, 3);
        driver.makeAvailable(3);
        assertBreaks("more than 8 descriptors");
        assertUsed(3);
    }

    @Test
    @Rule("SQ7")
    void aReadableDescriptorAfterAWritableOneBreaksIt() {
        driver.descriptor(3, buffers, 10, NEXT | WRITE, 4);
        driver.descriptor(4, buffers, 10, 0, 0);
        driver.makeAvailable(3);
        assertBreaks("descriptor 3", "descriptor 4", "readable descriptor after a writable one");
        assertUsed(3);
    }

    @Test
    @Rule("SQ13")
    void anIndirectDescriptorThatWasNotNegotiatedBreaksIt() {
        driver.descriptor(3, buffers, 16, INDIRECT, 0);
        driver.makeAvailable(3);
        assertBreaks("INDIRECT");
        assertUsed(3);
    }

    @Test
    void anAddressOutsideMemoryBreaksIt() {
        driver.descriptor(3, 0x1000, 10, 0, 0);
        driver.makeAvailable(3);
        assertBreaks("0x1000", "outside the memory known", region.name());
        assertUsed(3);
    }

    @Test
    void aHostAddressIsNoDeviceAddress() {
        driver.descriptor(3, region.segment().address(), 10, 0, 0);
        driver.makeAvailable(3);
        assertBreaks("outside the memory known");
    }

    @Test
    void aLengthBeyondMemoryBreaksIt() {
        long end = region.deviceAddress() + region.size();
        driver.descriptor(3, end - 10, 11, WRITE, 0);
        driver.makeAvailable(3);
        assertBreaks(Long.toHexString(end - 10), "11 bytes");
        assertUsed(3);
    }

    @Test
    void aLengthIsUnsigned() {
        driver.descriptor(3, buffers, -1, WRITE, 0);
        driver.makeAvailable(3);
        assertBreaks("4294967295 bytes");
        assertUsed(3);
    }

    @Test
    void anAddressThatWrapsAroundBreaksIt() {
        driver.descriptor(3, -1, 2, WRITE, 0);
        driver.makeAvailable(3);
        assertBreaks("wraps around");
    }

    @Test
    @Rule("SQ11")
    void lengthsThatAddUpToMoreThan2GiBBreakIt() {
        long bytes = 1L << 30;
        DeviceMemory large = new DeviceMemory();
        large.add(region);
        try (MemoryRegion gigabyte = OffsetMemory.allocate("large", 0x1000, bytes)) {
            large.add(gigabyte);
            queue = DeviceQueue.create(large, driver.placement(), Features.NONE);
            driver.descriptor(3, 0x1000, (int) bytes, NEXT, 4);
            driver.descriptor(4, 0x1000, (int) bytes, 0, 0);
            driver.makeAvailable(3);
            assertBreaks("longer than 2147483647 bytes");
        }
    }

    @Test
    void whatIsWrittenToDescriptorsAfterwardsChangesNothing() {
        assertTrue(queue.next(chain));
        for (int i = 0; i < SIZE; i++) {
            driver.descriptor(i, -1, -1, 0xffff, 0xffff);
        }

        assertEquals(1, chain.size());
        assertEquals(0x8000, chain.offset(0));
        assertEquals(100, chain.length(0));
        assertEquals(100, chain.writableLength());
        queue.complete(chain, 100);
        queue.publish();
        assertUsed(0);
    }

    @Test
    @Rule("SQ21")
    void onlyTheLowBitOfTheFlagsSaysThatNoInterruptIsNeeded() {
        for (int flags = 0; flags <= 0xffff; flags++) {
            driver.availableFlags(flags);
            assertTrue(queue.next(chain));
            queue.complete(chain, 0);
            assertEquals((flags & 1) == 0, queue.publish());
            driver.makeAvailable(0);
        }
    }

    @Test
    void aBufferTakenBeforeCanStillBeReturned() {
        assertTrue(queue.next(chain));
        int good = chain.id();
        driver.makeAvailable(0x100);
        assertFalse(queue.next(chain));
        assertTrue(queue.isBroken());

        queue.complete(good, 100);
        queue.publish();

        assertUsed(0);
    }

    @Test
    void puttingBackDoesNothingToAQueueThatIsBroken() {
        assertTrue(queue.next(chain));
        driver.descriptor(3, 0x1000, 10, 0, 0);
        driver.makeAvailable(3);
        assertFalse(queue.next(chain));

        queue.putBack(2);

        assertFalse(queue.next(chain));
        assertEquals(new RingState(2, 0), queue.state());
    }

    /** The first, good buffer comes; then the queue is out of service, and says why. */
    private void assertBreaks(String... reasons) {
        assertTrue(queue.next(chain));
        assertEquals(0, chain.id());
        assertFalse(queue.next(chain));
        assertBroken(reasons);
    }

    private void assertBroken(String... reasons) {
        assertTrue(queue.isBroken());
        for (String reason : reasons) {
            assertTrue(queue.brokenReason().contains(reason), queue.brokenReason());
        }
        driver.makeAvailable(0);
        assertFalse(queue.hasAvailable());
        assertFalse(queue.next(chain));
        assertTrue(queue.armKick(), "nothing to take");
    }

    /** The driver gets these buffers back with length 0, apart from the good one. */
    private void assertUsed(int... heads) {
        queue.publish();
        assertEquals(heads.length, driver.usedIndex());
        for (int i = 0; i < heads.length; i++) {
            assertEquals(heads[i], driver.usedId(i));
            assertEquals(heads[i] == 0 ? 100 : 0, driver.usedLength(i));
        }
    }
}
