package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.Rule;

/** The driver end of a split queue against a device that writes what it must not. */
class HostileDeviceTest {
    private static final int SIZE = 8;
    private static final int RECEIVE = 100;
    private static final int CHAIN = 101;
    private static final int TRANSMIT = 102;

    private final MemoryRegion region = OffsetMemory.allocate(1 << 16);
    private final Virtqueue queue = Virtqueue.create(region, SIZE, Features.NONE);
    private final RawSplitRing device = new RawSplitRing(region, queue.placement());
    private final long memory = region.deviceAddress() + 0x8000;
    private final int[] tokens = new int[SIZE];

    /** In flight: a receive buffer of 100 bytes at head 0, a chain of 3 with 20 writable at 1, a transmit buffer at 4. */
    @BeforeEach
    void makeThreeBuffersAvailable() {
        queue.add(memory, 100, true, RECEIVE);
        ScatterGatherList list = new ScatterGatherList(3);
        list.append(memory + 0x100, 10, false);
        list.append(memory + 0x200, 10, true);
        list.append(memory + 0x300, 10, true);
        queue.add(list, CHAIN);
        queue.add(memory + 0x400, 60, false, TRANSMIT);
        queue.publish();
        assertArrayEquals(new int[]{0, 1, 4}, new int[]{device.head(0), device.head(1), device.head(2)});
    }

    @AfterEach
    void giveMemoryBack() {
        queue.close();
        region.close();
    }

    @Test
    @DisplayName("regression 13: a used id beyond the queue breaks it")
    void usedIdBeyondTheQueueBreaksIt() {
        device.use(SIZE, 0);
        assertBreaks("id 8", "8 descriptors");
    }

    @Test
    void usedIdsAreUnsigned() {
        device.use(-1, 0);
        assertBreaks("id 4294967295");
    }

    @Test
    @DisplayName("regression 13: a second completion breaks it")
    void secondCompletionBreaksIt() {
        device.use(0, 7);
        assertEquals(1, queue.pop(tokens, null, SIZE));
        device.use(0, 7);
        assertBreaks("id 0", "no buffer in flight");
    }

    @Test
    @DisplayName("regression 13: two completions in one burst break it, the first counts")
    void secondCompletionInOneBurstBreaksIt() {
        device.use(4, 0);
        device.use(4, 0);
        assertEquals(1, queue.pop(tokens, null, SIZE));
        assertEquals(TRANSMIT, tokens[0]);
        assertEquals(2, queue.inFlight());
        assertBreaks("id 4", "no buffer in flight");
    }

    @Test
    void anIdInTheMiddleOfAChainBreaksIt() {
        device.use(2, 0);
        assertBreaks("id 2", "no buffer in flight");
    }

    @Test
    void anIdThatWasNeverAddedBreaksIt() {
        device.use(7, 0);
        assertBreaks("id 7", "no buffer in flight");
    }

    @Test
    @Rule("SQ36")
    void moreWrittenThanThereIsRoomBreaksIt() {
        device.use(0, 101);
        assertBreaks("length 101", "100 bytes");
    }

    @Test
    @Rule("SQ36")
    void onlyTheWritablePartOfAChainIsRoom() {
        device.use(1, 21);
        assertBreaks("length 21", "20 bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 72, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
    @Rule("NC18.2")
    void theLengthOfABufferThatCanOnlyBeReadIsIgnoredAndCounted(int length) {
        device.use(4, length);
        int[] written = {-7};
        assertEquals(1, queue.pop(tokens, written, 1));
        assertEquals(TRANSMIT, tokens[0]);
        assertEquals(0, written[0]);
        assertEquals(1, queue.ignoredLengths());
        assertFalse(queue.isBroken(), queue.brokenReason());
    }

    @Test
    void lengthsAreUnsigned() {
        device.use(0, Integer.MIN_VALUE);
        assertBreaks("length 2147483648");
    }

    @Test
    void moreUsedThanAvailableBreaksIt() {
        device.usedIndex(4);
        assertBreaks("from 0 to 4", "3 buffers");
    }

    @Test
    void aUsedIndexThatGoesBackBreaksIt() {
        device.use(0, 0);
        assertEquals(1, queue.pop(tokens, null, SIZE));
        device.usedIndex(0);
        assertBreaks("from 1 to 0");
    }

    @Test
    void aBufferThatIsNotYetAvailableCannotBeUsed() {
        queue.add(memory, 10, true, 200);
        device.use(5, 0);
        assertBreaks("id 5", "not yet made available");
    }

    @Test
    void moreUsedThanPublishedBreaksIt() {
        queue.add(memory, 10, true, 200);
        device.usedIndex(4);
        assertBreaks("from 0 to 4", "3 buffers");
    }

    @Test
    void armingAnInterruptFindsTheLieOnTheNextPop() {
        device.usedIndex(0x8000);
        assertFalse(queue.armInterrupt(), "something seems to wait");
        assertBreaks("from 0 to 32768");
    }

    @Test
    @Rule("SQ9")
    void whatTheDeviceWritesToDescriptorsAndAvailableRingChangesNothing() {
        for (int i = 0; i < SIZE; i++) {
            device.descriptor(i, -1, -1, 0xffff, 0xffff);
            device.head(i, 0xffff);
        }
        device.availableIndex(0xffff);

        device.use(1, 20);
        device.use(0, 100);
        device.use(4, 0);

        assertEquals(3, queue.pop(tokens, null, SIZE));
        assertArrayEquals(new int[]{CHAIN, RECEIVE, TRANSMIT}, Arrays.copyOf(tokens, 3));
        assertEquals(SIZE, queue.free());
        assertFalse(queue.isBroken());
    }

    @Test
    @Rule("SQ28")
    void onlyTheLowBitOfTheFlagsSaysThatNoKickIsNeeded() {
        for (int flags = 0; flags <= 0xffff; flags++) {
            device.usedFlags(flags);
            queue.add(memory, 10, false, flags);
            assertEquals((flags & 1) == 0, queue.publish());
            device.use(device.head(device.availableIndex() - 1), 0);
            assertEquals(1, queue.pop(tokens, null, SIZE));
        }
    }

    /** The next pop gives nothing more, and the queue is out of service until it is reset. */
    private void assertBreaks(String... reasons) {
        int inFlight = queue.inFlight();
        queue.pop(tokens, null, SIZE);

        assertTrue(queue.isBroken());
        for (String reason : reasons) {
            assertTrue(queue.brokenReason().contains(reason), queue.brokenReason());
        }
        assertFalse(queue.add(memory, 1, false, 1));
        assertFalse(queue.publish());
        assertFalse(queue.hasUsed());
        assertEquals(0, queue.pop(tokens, null, SIZE));
        assertTrue(queue.armInterrupt(), "nothing waits");
        assertTrue(queue.inFlight() <= inFlight);

        int left = queue.inFlight();
        assertEquals(left, queue.reset(tokens));
        assertFalse(queue.isBroken());
        assertEquals(SIZE, queue.free());
        assertTrue(queue.add(memory, 1, false, 1));
    }
}
