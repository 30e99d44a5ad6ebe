package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

class MemoryRegionTest {
    @Test
    void ownRegionIsZeroedAlignedAndRoundedUpToPages() {
        try (MemoryRegion region = MemoryRegion.allocate("r", 5000)) {
            assertEquals(8192, region.size());
            assertEquals(8192, region.segment().byteSize());
            assertEquals(0, region.segment().address() % 4096);
            assertEquals(region.segment().address(), region.deviceAddress());
            assertEquals(0, region.segment().get(ValueLayout.JAVA_LONG, 8184));
        }
    }

    @Test
    void sliceKnowsBothAddresses() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(8192, 4096);
            MemoryRegion region = MemoryRegion.of("guest", memory, 0x1_0000_0000L, "fd", () -> {});
            region.cut(100, 1);
            MemorySlice slice = region.cut(512, 64);
            assertEquals(128, slice.offset());
            assertEquals(512, slice.size());
            assertEquals(0x1_0000_0080L, slice.deviceAddress());
            assertEquals(memory.address() + 128, slice.segment().address());
            assertEquals(512, slice.segment().byteSize());
            assertEquals("fd", region.backing());
        }
    }

    @Test
    void cutIsFirstFitAndReusesWhatCameBack() {
        try (MemoryRegion region = MemoryRegion.allocate("r", 4096)) {
            MemorySlice a = region.cut(1024, 1);
            MemorySlice b = region.cut(1024, 1);
            MemorySlice c = region.cut(2048, 1);
            a.close();
            assertThrows(IllegalArgumentException.class, () -> region.cut(1025, 1));
            b.close();
            MemorySlice joined = region.cut(2048, 1);
            assertEquals(0, joined.offset());
            joined.close();
            c.close();
            assertEquals(0, region.cut(4096, 4096).offset());
        }
    }

    @Test
    void reusedPieceIsZeroed() {
        try (MemoryRegion region = MemoryRegion.allocate("r", 4096)) {
            MemorySlice first = region.cut(64, 1);
            first.segment().fill((byte) 1);
            first.close();
            assertEquals(0, region.cut(64, 1).segment().get(ValueLayout.JAVA_LONG_UNALIGNED, 56));
        }
    }

    @Test
    void noRoomNamesWhatWasAskedAndTheLargestFreePiece() {
        try (MemoryRegion region = MemoryRegion.allocate("pkt", 4096)) {
            region.cut(1000, 1);
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> region.cut(3097, 1));
            assertTrue(e.getMessage().contains("pkt"), e.getMessage());
            assertTrue(e.getMessage().contains("3097"), e.getMessage());
            assertTrue(e.getMessage().contains("3096"), e.getMessage());
        }
    }

    @Test
    void memoryStaysMappedUntilRegionAndSlicesAreClosed() {
        MemoryRegion region = MemoryRegion.allocate("r", 4096);
        MemorySlice slice = region.cut(64, 64);
        region.close();
        assertTrue(region.segment().scope().isAlive());
        assertThrows(IllegalStateException.class, () -> region.cut(64, 64));
        slice.close();
        assertFalse(region.segment().scope().isAlive());
    }

    @Test
    void unmapsOnceWhateverTheOrder() {
        AtomicInteger unmapped = new AtomicInteger();
        try (Arena arena = Arena.ofShared()) {
            MemoryRegion region = MemoryRegion.of("r", arena.allocate(64), 0, null, unmapped::incrementAndGet);
            MemorySlice slice = region.cut(64, 1);
            slice.close();
            slice.close();
            assertEquals(0, unmapped.get());
            region.close();
            region.close();
            assertEquals(1, unmapped.get());
        }
    }
}
