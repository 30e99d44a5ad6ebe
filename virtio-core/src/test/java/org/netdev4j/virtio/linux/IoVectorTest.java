package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IoVectorTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(100);
    private final IoVector vector = new IoVector(2);

    @AfterEach
    void close() {
        vector.close();
    }

    @Test
    void aPieceIsItsAddressAndItsLength() {
        assertTrue(vector.append(memory, 10, 90));
        assertEquals(memory.address() + 10, vector.pieces().get(JAVA_LONG, 0));
        assertEquals(90, vector.pieces().get(JAVA_LONG, 8));
        assertEquals(1, vector.size());
    }

    @Test
    void aFullVectorTakesNoMoreUntilItIsCleared() {
        assertTrue(vector.append(memory, 0, 1));
        assertTrue(vector.append(memory, 1, 1));
        assertFalse(vector.append(memory, 2, 1));
        assertEquals(2, vector.size());
        vector.clear();
        assertEquals(0, vector.size());
        assertTrue(vector.append(memory, 2, 1));
        assertEquals(memory.address() + 2, vector.pieces().get(JAVA_LONG, 0));
    }

    @Test
    void aRangeOutsideTheSegmentIsRefused() {
        for (long[] range : new long[][]{{-1, 1}, {0, 101}, {100, 1}, {101, 0}, {0, -1}, {1, Long.MAX_VALUE},
            {Long.MAX_VALUE, Long.MAX_VALUE}}) {
            assertThrows(IndexOutOfBoundsException.class, () -> vector.append(memory, range[0], range[1]));
        }
        assertEquals(0, vector.size());
    }

    @Test
    void theJavaHeapIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> vector.append(MemorySegment.ofArray(new byte[8]), 0, 8));
    }

    @Test
    void theKernelTakesUpTo1024Pieces() {
        new IoVector(IoVector.MAX_PIECES).close();
        assertThrows(IllegalArgumentException.class, () -> new IoVector(IoVector.MAX_PIECES + 1));
        assertThrows(IllegalArgumentException.class, () -> new IoVector(0));
    }

    @Test
    void closingTwiceIsHarmless() {
        vector.close();
        vector.close();
        assertThrows(IllegalStateException.class, () -> vector.append(memory, 0, 1));
    }
}
