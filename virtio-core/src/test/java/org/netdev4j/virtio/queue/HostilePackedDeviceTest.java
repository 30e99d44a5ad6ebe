package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.testing.RawPackedRing.WRITE;
import static org.netdev4j.virtio.testing.RawPackedRing.used;

import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.Rule;

/** The driver end of a packed queue against a device that writes what it must not. */
class HostilePackedDeviceTest {
    private static final int SIZE = 9;
    private static final int RECEIVE = 100;
    private static final int CHAIN = 101;
    private static final int TRANSMIT = 102;

    private final MemoryRegion region = OffsetMemory.allocate(1 << 16);
    private final Virtqueue queue = Virtqueue.create(region, SIZE, Features.of(VirtioFeature.RING_PACKED));
    private final RawPackedRing device = new RawPackedRing(region, queue.placement());
    private final long memory = region.deviceAddress() + 0x8000;
    private final int[] tokens = new int[SIZE];

    /** In flight: id 0, a receive buffer of 100 bytes; id 1, a list of 3 with 20 writable; id 2, a transmit buffer. */
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
        assertArrayEquals(new int[]{0, 1, 2},
                new int[]{device.descriptor(0).id(), device.descriptor(3).id(), device.descriptor(4).id()});
    }

    @AfterEach
    void giveMemoryBack() {
        queue.close();
        region.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {SIZE, 0x8000, 0xffff})
    void anIdBeyondTheQueueBreaksIt(int id) {
        device.use(0, id, 0, used(1));
        assertBreaks("slot 0", "id " + id);
    }

    @Test
    void anIdThatIsNotInFlightBreaksIt() {
        device.use(0, 3, 0, used(1));
        assertBreaks("id 3", "no buffer available");
    }

    @Test
    void aSecondCompletionBreaksItAndTheFirstCounts() {
        device.use(0, 2, 0, used(1));
        device.use(1, 2, 0, used(1));
        assertEquals(1, queue.pop(tokens, null, SIZE));
        assertEquals(TRANSMIT, tokens[0]);
        assertEquals(2, queue.inFlight());
        assertBreaks("slot 1", "id 2");
    }

    @Test
    void aBufferThatIsNotYetAvailableCannotBeUsed() {
        queue.add(memory, 10, true, 200);
        queue.add(memory, 10, true, 201);
        device.use(0, 3, 0, used(1));
        assertBreaks("id 3", "no buffer available");
    }

    @Test
    void moreWrittenThanThereIsRoomBreaksIt() {
        device.use(0, 0, 101, WRITE | used(1));
        assertBreaks("length 101", "100 bytes");
    }

    @Test
    void onlyTheWritablePartOfAListIsRoom() {
        device.use(0, 1, 21, WRITE | used(1));
        assertBreaks("length 21", "20 bytes");
    }

    @Test
    void lengthsAreUnsigned() {
        device.use(0, 0, Integer.MIN_VALUE, WRITE | used(1));
        assertBreaks("length 2147483648");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 72, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
    void theLengthOfABufferThatCanOnlyBeReadIsIgnoredAndCounted(int length) {
        device.use(0, 2, length, WRITE | used(1));
        int[] written = {-7};
        assertEquals(1, queue.pop(tokens, written, 1));
        assertEquals(TRANSMIT, tokens[0]);
        assertEquals(0, written[0]);
        assertEquals(1, queue.ignoredLengths());
        assertFalse(queue.isBroken(), queue.brokenReason());
    }

    @Test
    void moreUsedThanAvailableIsNotLookedAt() {
        for (int slot = 0; slot < SIZE; slot++) {
            device.use(slot, slot < 4 ? slot : 2, 0, used(1));
        }
        assertEquals(3, queue.pop(tokens, null, SIZE), "slots 0, 1 and 4");
        assertArrayEquals(new int[]{RECEIVE, CHAIN, TRANSMIT}, sorted(3));
        assertFalse(queue.hasUsed());
        assertFalse(queue.isBroken(), queue.brokenReason());
    }

    @Test
    void armingAnInterruptFindsTheLieOnTheNextPop() {
        device.use(0, 0xffff, 0, used(1));
        assertFalse(queue.armInterrupt(), "something seems to wait");
        assertBreaks("id 65535");
    }

    @Test
    @Rule({"PQ5.1", "PQ8"})
    void whatTheDeviceWritesElsewhereChangesNothing() {
        for (int slot = 1; slot < SIZE; slot++) {
            device.descriptor(slot, -1, -1, 0xffff, 0xffff & ~used(1));
        }
        device.use(0, 1, 20, 0xffff);
        assertEquals(1, queue.pop(tokens, null, SIZE));
        device.use(3, 0, 100, 0xffff);
        device.use(4, 2, 0, used(1));
        assertEquals(2, queue.pop(tokens, null, SIZE));

        assertArrayEquals(new int[]{RECEIVE, TRANSMIT}, Arrays.copyOf(tokens, 2));
        assertEquals(SIZE, queue.free());
        assertFalse(queue.isBroken());
    }

    private int[] sorted(int count) {
        return Arrays.stream(tokens, 0, count).sorted().toArray();
    }

    /** The next pop gives nothing more, and the queue is out of service until it is reset. */
    private void assertBreaks(String... reasons) {
        int inFlight = queue.inFlight();
        assertEquals(0, queue.pop(tokens, null, SIZE));

        assertTrue(queue.isBroken());
        for (String reason : reasons) {
            assertTrue(queue.brokenReason().contains(reason), queue.brokenReason());
        }
        assertFalse(queue.add(memory, 1, false, 1));
        assertFalse(queue.publish());
        assertFalse(queue.hasUsed());
        assertEquals(0, queue.pop(tokens, null, SIZE));
        assertTrue(queue.armInterrupt(), "nothing waits");

        assertEquals(inFlight, queue.inFlight());
        assertEquals(inFlight, queue.reset(tokens));
        assertFalse(queue.isBroken());
        assertEquals(SIZE, queue.free());
        assertTrue(queue.add(memory, 1, false, 1));
    }
}
