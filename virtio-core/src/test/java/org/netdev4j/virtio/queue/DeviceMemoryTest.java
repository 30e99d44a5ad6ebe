package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.testing.OffsetMemory;

class DeviceMemoryTest {
    private final MemoryRegion low = OffsetMemory.allocate("low", 0x1000, 0x1000);
    private final MemoryRegion adjacent = OffsetMemory.allocate("adjacent", 0x2000, 0x800);
    private final MemoryRegion top = OffsetMemory.allocate("top", -0x1000, 0x1000);
    private final DeviceMemory memory = new DeviceMemory();

    @AfterEach
    void unmap() {
        low.close();
        adjacent.close();
        top.close();
    }

    @Test
    void aSliceIsTheMemoryAtTheDeviceAddress() {
        memory.add(top);
        memory.add(adjacent);
        memory.add(low);

        assertEquals(low.segment().asSlice(0x10, 0xff0), memory.slice("ring", 0x1010, 0xff0));
        assertEquals(adjacent.segment(), memory.slice("ring", 0x2000, 0x800));
        assertEquals(top.segment().asSlice(0xfff, 1), memory.slice("ring", -1, 1));
    }

    @Test
    void aSliceOutsideOneRegionIsRefusedWithAllThereIsToKnow() {
        memory.add(low);
        memory.add(adjacent);
        memory.add(top);

        String message = refusal(0x1010, 0xff1);
        assertTrue(message.contains("used ring") && message.contains("0x1010") && message.contains("4081"), message);
        assertTrue(message.contains("low") && message.contains("adjacent") && message.contains("top"), message);
        refusal(0xfff, 1);
        refusal(0x2800, 1);
        refusal(0x1000, -1);
        refusal(0x1000, Long.MAX_VALUE);
        refusal(-1, 2);
        refusal(0, 0);
    }

    private String refusal(long address, long length) {
        return assertThrows(VirtioException.class, () -> memory.slice("used ring", address, length)).getMessage();
    }

    @Test
    void regionsThatOverlapAreRefused() {
        memory.add(low);
        memory.add(top);
        try (MemoryRegion inside = OffsetMemory.allocate("inside", 0x1fff, 1);
                MemoryRegion around = OffsetMemory.allocate("around", 0x800, 0x4000);
                MemoryRegion end = OffsetMemory.allocate("end", -1, 1)) {
            for (MemoryRegion region : new MemoryRegion[]{inside, around, end}) {
                assertThrows(VirtioException.class, () -> memory.add(region));
                assertFalse(memory.contains(region));
            }
        }
    }

    @Test
    void addingAndRemovingAreIdempotent() {
        memory.add(low);
        memory.add(low);
        assertTrue(memory.contains(low));

        memory.remove(low);
        memory.remove(low);
        assertFalse(memory.contains(low));
        refusal(0x1000, 1);
    }

    @Test
    void aLookupThatBeganBeforeARemovalSeesTheOldTable() {
        memory.add(low);
        memory.add(top);
        DeviceMemory.Table before = memory.table();

        memory.remove(low);

        assertEquals(0, before.find(0x1000, 0));
        assertEquals(-1, memory.table().find(0x1000, 0));
    }

    @Test
    void anyHintFindsTheSameRegion() {
        memory.add(adjacent);
        memory.add(low);
        memory.add(top);
        DeviceMemory.Table table = memory.table();

        for (int hint = -1; hint <= 3; hint++) {
            assertEquals(-1, table.find(0, hint));
            assertEquals(-1, table.find(0xfff, hint));
            assertEquals(0, table.find(0x1000, hint));
            assertEquals(0, table.find(0x1fff, hint));
            assertEquals(1, table.find(0x2000, hint));
            assertEquals(1, table.find(0x27ff, hint));
            assertEquals(-1, table.find(0x2800, hint));
            assertEquals(2, table.find(-0x1000, hint));
            assertEquals(2, table.find(-1, hint));
        }
    }
}
