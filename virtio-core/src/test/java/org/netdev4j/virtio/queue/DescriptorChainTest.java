package org.netdev4j.virtio.queue;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.Rule;

class DescriptorChainTest {
    private final MemoryRegion low = OffsetMemory.allocate("low", 0x1000, 0x1000);
    private final MemoryRegion adjacent = OffsetMemory.allocate("adjacent", 0x2000, 0x1000);
    private final MemoryRegion zero = OffsetMemory.allocate("zero", 0, 0x100);
    private final MemoryRegion top = OffsetMemory.allocate("top", -0x100, 0x100);
    private final DeviceMemory memory = new DeviceMemory();
    private final DescriptorChain chain = new DescriptorChain(4);

    @BeforeEach
    void begin() {
        memory.add(low);
        memory.add(adjacent);
        memory.add(zero);
        memory.add(top);
        chain.begin(5, memory.table());
    }

    @AfterEach
    void unmap() {
        low.close();
        adjacent.close();
        zero.close();
        top.close();
    }

    @Test
    void aPieceThatSpansTwoRegionsMakesTwo() {
        assertTrue(chain.append(0x1ff0, 0x20, false));

        assertEquals(2, chain.size());
        assertEquals(2, chain.readable());
        assertEquals(0x20, chain.readableLength());
        assertEquals(0xff0, chain.offset(0));
        assertEquals(0x10, chain.length(0));
        assertEquals(low.segment().address(), chain.segment(0).address());
        assertEquals(0, chain.offset(1));
        assertEquals(0x10, chain.length(1));
        assertEquals(adjacent.segment().address(), chain.segment(1).address());
    }

    @Test
    void aPieceThatIsNotWhollyInMemoryIsRefused() {
        assertRefused(0x2ff0, 0x11, "outside");
        assertRefused(0xfff, 2, "outside");
        assertRefused(0x7000, 1, "0x7000");
    }

    @Test
    void aPieceThatWrapsAroundTheAddressSpaceIsRefused() {
        assertTrue(chain.append(-0x10, 0x10, false));
        assertRefused(-0x10, 0x11, "wraps");
    }

    @Test
    void aLengthOf2GiBIsRefused() {
        assertRefused(0x1000, Integer.MIN_VALUE, "2147483648 bytes");
        assertRefused(0x1000, -1, "4294967295 bytes");
    }

    @Test
    @Rule({"SQ6", "PQ23.2"})
    void morePiecesThanTheChainHoldsAreRefused() {
        for (int i = 0; i < 3; i++) {
            assertTrue(chain.append(0x1000, 1, false));
        }
        assertRefused(0x1fff, 2, "more than 4 pieces");
    }

    private void assertRefused(long address, int length, String reason) {
        assertFalse(chain.append(address, length, false));
        assertTrue(chain.fault().contains(reason), chain.fault());
    }

    @Test
    @Rule({"SQ9.1", "SQ10", "PQ14"})
    void readsAndWritesCrossPieces() {
        byte[] numbers = new byte[40];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (byte) (i + 1);
        }
        MemorySegment.copy(numbers, 0, low.segment(), JAVA_BYTE, 0x100, 10);
        MemorySegment.copy(numbers, 10, low.segment(), JAVA_BYTE, 0xffa, 6);
        MemorySegment.copy(numbers, 16, adjacent.segment(), JAVA_BYTE, 0, 4);
        chain.append(0x1100, 10, false);
        chain.append(0x1ffa, 10, false);
        chain.append(0x2800, 30, true);
        byte[] target = new byte[40];

        assertEquals(20, chain.read(0, MemorySegment.ofArray(target), 3, 30));
        assertArrayEquals(Arrays.copyOf(numbers, 20), Arrays.copyOfRange(target, 3, 23));
        assertEquals(2, chain.read(9, MemorySegment.ofArray(target), 0, 2));
        assertArrayEquals(new byte[]{10, 11}, Arrays.copyOf(target, 2));
        assertEquals(0, chain.read(20, MemorySegment.ofArray(target), 0, 1));

        assertEquals(25, chain.write(5, MemorySegment.ofArray(numbers), 0, 40));
        assertEquals(1, adjacent.segment().get(JAVA_BYTE, 0x805));
        assertEquals(25, adjacent.segment().get(JAVA_BYTE, 0x81d));
        assertEquals(0, adjacent.segment().get(JAVA_BYTE, 0x81e));
        assertEquals(0, adjacent.segment().get(JAVA_BYTE, 0x804));
        assertEquals(0, chain.write(30, MemorySegment.ofArray(numbers), 0, 1));
    }
}
