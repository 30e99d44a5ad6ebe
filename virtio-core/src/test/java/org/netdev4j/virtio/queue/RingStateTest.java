package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSecondDeviceEndGoesOnWhereTheFirstStopped(boolean packed) {
        Features features = packed ? PACKED : SPLIT;
        try (MemoryRegion region = OffsetMemory.allocate(1 << 16);
                Virtqueue driver = Virtqueue.create(region, 4, features)) {
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DescriptorChain chain = new DescriptorChain(4);
            int[] tokens = new int[4];
            for (int round = 0; round < 3; round++) {
                RingState state = RingState.start(features);
                driver.reset(tokens);
                int returned = 0;
                for (int i = 0; i < 10; i++) {
                    while (driver.free() != 0) {
                        assertTrue(
                                driver.add(region.deviceAddress() + 0x8000, 10, false, returned + driver.inFlight()));
                    }
                    driver.publish();
                    DeviceQueue device = DeviceQueue.create(memory, driver.placement(), features,
                            RingState.ofVringBase(state.vringBase(features), features));
                    for (int taken = 0; taken < 3; taken++) {
                        assertTrue(device.next(chain));
                        if (taken <= round) {
                            device.complete(chain, 0);
                        }
                    }
                    device.putBack(2 - round);
                    device.publish();
                    state = device.state();

                    assertEquals(round + 1, driver.pop(tokens, null, 4));
                    for (int popped = 0; popped <= round; popped++) {
                        assertEquals(returned++, tokens[popped]);
                    }
                    assertFalse(driver.isBroken(), driver.brokenReason());
                }
            }
        }
    }
}
