package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MemoryRegionTest {
    @Test
    void ownRegionIsZeroedAlignedAndRoundedUpToPages() {
        try (MemoryRegion region = MemoryRegion.allocate("r", 5000)) {
            assertEquals(8192, region.size());
            assertEquals(8192, region.segment().byteSize());
            assertEquals(0, region.segment().address() % 4096);
            assertEquals(region.segment().address(), region.deviceAddress());
            assertNull(region.backing());
            assertEquals(-1, region.segment().mismatch(MemorySegment.ofArray(new byte[8192])));
        }
    }

    @Test
    void regionWithoutBytesIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> MemoryRegion.allocate("r", 0));
        assertThrows(IllegalArgumentException.class, () -> MemoryRegion.allocate("r", -1));
        assertThrows(IllegalArgumentException.class, () -> MemoryRegion.allocate("r", Long.MAX_VALUE));
    }

    @Test
    void foreignMemoryMustBeNativeAndItsDeviceAddressesMustNotWrap() {
        MemorySegment heap = MemorySegment.ofArray(new byte[64]);
        assertThrows(IllegalArgumentException.class, () -> MemoryRegion.of("r", heap, 0, null, () -> {}));
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(4096, 4096);
            assertThrows(IllegalArgumentException.class, () -> MemoryRegion.of("r", memory, -4095, null, () -> {}));
            MemoryRegion last = MemoryRegion.of("r", memory, -4096, null, () -> {});
            assertEquals(-1, last.cut(4096, 1).deviceAddress() + 4095);
        }
    }

    @Test
    void sliceKnowsBothAddresses() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(8192, 4096);
            MemoryRegion region = MemoryRegion.of("guest", memory, 0x1_0000_0000L, new MemoryBacking(7, 4096),
                    () -> {});
            region.cut(100, 1);
            MemorySlice slice = region.cut(512, 64);
            assertSame(region, slice.region());
            assertEquals(128, slice.offset());
            assertEquals(512, slice.size());
            assertEquals(0x1_0000_0080L, slice.deviceAddress());
            assertEquals(memory.address() + 128, slice.segment().address());
            assertEquals(512, slice.segment().byteSize());
            assertEquals(new MemoryBacking(7, 4096), region.backing());
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
    void bytesSkippedForAlignmentStayUsable() {
        try (MemoryRegion region = MemoryRegion.allocate("r", 8192)) {
            region.cut(1, 1);
            assertEquals(4096, region.cut(4096, 4096).offset());
            assertEquals(1, region.cut(4095, 1).offset());
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
        try (Arena arena = Arena.ofShared()) {
            MemoryRegion region = MemoryRegion.of("pkt", arena.allocate(4096, 4096), 0x8000, null, () -> {});
            region.cut(1000, 1);
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> region.cut(3097, 1));
            assertEquals(
                    "region pkt (4096 bytes at device address 0x8000): no room for a slice of 3097 bytes aligned to"
                            + " 1, the largest free piece has 3096 bytes",
                    e.getMessage());
        }
    }

    @Test
    void wrongSizesAndAlignmentsAreRefused() {
        try (MemoryRegion region = MemoryRegion.allocate("r", 4096)) {
            assertThrows(IllegalArgumentException.class, () -> region.cut(0, 1));
            assertThrows(IllegalArgumentException.class, () -> region.cut(-1, 1));
            assertThrows(IllegalArgumentException.class, () -> region.cut(Long.MAX_VALUE, 1));
            for (long alignment : new long[]{0, -1, 3, 8192, Long.MIN_VALUE}) {
                assertThrows(IllegalArgumentException.class, () -> region.cut(64, alignment));
            }
        }
    }

    @Test
    void sliceIsNotAlignedBetterThanItsRegion() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(8192, 4096);
            MemoryRegion device = MemoryRegion.of("device", memory, 0x1010, null, () -> {});
            assertThrows(IllegalArgumentException.class, () -> device.cut(64, 32));
            assertEquals(0, device.cut(64, 16).offset());
            MemoryRegion host = MemoryRegion.of("host", memory.asSlice(16), 0, null, () -> {});
            assertThrows(IllegalArgumentException.class, () -> host.cut(64, 32));
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

    /** Cuts {@code bytes}, or closes the slice cut that many cuts ago. */
    record Step(boolean cut, int bytes, long alignment) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(Arbitraries.of(true, true, false), Arbitraries.integers().between(1, 1500),
                Arbitraries.of(1L, 2L, 16L, 64L, 256L, 1024L)).as(Step::new).list().ofMaxSize(80);
    }

    @Property
    void slicesNeverOverlapAndNoByteIsLost(@ForAll("steps") List<Step> steps) {
        try (Arena arena = Arena.ofShared()) {
            int size = 8192;
            MemoryRegion region = MemoryRegion.of("r", arena.allocate(size, 4096), 0x10_0000, null, () -> {});
            boolean[] used = new boolean[size];
            List<MemorySlice> slices = new ArrayList<>();
            for (Step step : steps) {
                if (step.cut) {
                    int expected = firstFit(used, step.bytes, (int) step.alignment);
                    if (expected < 0) {
                        assertThrows(IllegalArgumentException.class, () -> region.cut(step.bytes, step.alignment));
                    } else {
                        MemorySlice slice = region.cut(step.bytes, step.alignment);
                        assertEquals(expected, slice.offset());
                        mark(used, slice, true);
                        slices.add(slice);
                    }
                } else if (!slices.isEmpty()) {
                    MemorySlice slice = slices.remove(step.bytes % slices.size());
                    mark(used, slice, false);
                    slice.close();
                }
            }
            slices.forEach(MemorySlice::close);
            assertEquals(0, region.cut(size, 1).offset());
        }
    }

    private static int firstFit(boolean[] used, int bytes, int alignment) {
        for (int offset = 0; offset + bytes <= used.length; offset += alignment) {
            int end = offset;
            while (end < offset + bytes && !used[end]) {
                end++;
            }
            if (end == offset + bytes) {
                return offset;
            }
        }
        return -1;
    }

    private static void mark(boolean[] used, MemorySlice slice, boolean value) {
        for (long i = slice.offset(); i < slice.offset() + slice.size(); i++) {
            used[(int) i] = value;
        }
    }
}
