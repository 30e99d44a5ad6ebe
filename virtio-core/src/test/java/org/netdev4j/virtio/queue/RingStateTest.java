package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;

/** Device ends that go on where others stopped. */
class RingStateTest {
    private static final Features SPLIT = Features.NONE;
    private static final Features PACKED = Features.of(VirtioFeature.RING_PACKED);

    @Test
    void aNewQueueStartsAtIndex0OrAtSlot0WithTheWrapCounter1() {
        assertEquals(new RingState(0, 0), RingState.start(SPLIT));
        assertEquals(new RingState(0x8000, 0x8000), RingState.start(PACKED));
    }

    @Test
    void aSplitQueuesVringBaseIsTheAvailableIndex() {
        assertEquals(0xfffe, new RingState(0xfffe, 0xfff0).vringBase(SPLIT));
        assertEquals(new RingState(0xfffe, 0xfffe), RingState.ofVringBase(0xfffe, SPLIT));
        assertEquals(new RingState(7, 7), RingState.ofVringBase(0x0001_0007, SPLIT), "the high half is reserved");
    }

    @Test
    void aPackedQueuesVringBaseIsBothSlotsWithTheirWrapCounters() {
        assertEquals(0x8003_0005, new RingState(5, 0x8003).vringBase(PACKED));
        assertEquals(new RingState(5, 0x8003), RingState.ofVringBase(0x8003_0005, PACKED));
        assertEquals(RingState.start(PACKED), RingState.ofVringBase(0x8000_8000, PACKED));
    }

    @Test
    void aPositionHas16Bits() {
        assertThrows(IllegalArgumentException.class, () -> new RingState(0x1_0000, 0));
        assertThrows(IllegalArgumentException.class, () -> new RingState(0, -1));
    }

    @Test
    void aStateThatTheQueueCannotHaveIsRefused() {
        try (MemoryRegion region = OffsetMemory.allocate(1 << 16);
                Virtqueue driver = Virtqueue.create(region, 4, SPLIT)) {
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            VirtioException refusal = assertThrows(VirtioException.class,
                    () -> DeviceQueue.create(memory, driver.placement(), SPLIT, new RingState(5, 0)));
            assertTrue(refusal.getMessage().contains("available=5"), refusal.getMessage());
        }
    }

    @Test
    void aSecondDeviceEndGoesOnWhereTheFirstStopped() {
        try (MemoryRegion region = OffsetMemory.allocate(1 << 16);
                Virtqueue driver = Virtqueue.create(region, 4, SPLIT)) {
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DescriptorChain chain = new DescriptorChain(4);
            int[] tokens = new int[4];
            for (int i = 0; i < 4; i++) {
                assertTrue(driver.add(region.deviceAddress() + 0x8000, 10, false, i));
            }
            driver.publish();
            DeviceQueue first = DeviceQueue.create(memory, driver.placement(), SPLIT);
            for (int i = 0; i < 3; i++) {
                assertTrue(first.next(chain));
            }
            first.putBack(1);
            first.complete(0, 0);
            first.complete(1, 0);
            first.publish();

            DeviceQueue second = DeviceQueue.create(memory, driver.placement(), SPLIT, first.state());
            for (int i = 2; i < 4; i++) {
                assertTrue(second.next(chain));
                second.complete(chain, 0);
            }
            assertFalse(second.next(chain));
            second.publish();

            assertEquals(4, driver.pop(tokens, null, 4));
            for (int i = 0; i < 4; i++) {
                assertEquals(i, tokens[i]);
            }
        }
    }
}
