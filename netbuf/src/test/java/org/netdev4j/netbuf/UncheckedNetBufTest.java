package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs in a JVM of its own with {@code -Dnetdev4j.checks=false}, as does {@link NetBufModelTest} once more. */
class UncheckedNetBufTest {
    @BeforeEach
    void checksAreOff() {
        assertFalse(BufferMemory.CHECKS);
    }

    @Test
    void accessOutsideTheMemoryOfThePoolIsStillRefused() {
        try (NetBufPool pool = NetBufPool.builder().buffers(1).build()) {
            NetBuf buf = pool.allocate();
            buf.setByte(100, 1);
            assertThrows(IndexOutOfBoundsException.class, () -> buf.getUnsignedByte(-200));
            assertThrows(IndexOutOfBoundsException.class, () -> buf.setLong(1 << 20, 1));
            buf.free();
        }
    }

    @Test
    void doubleFreeDoesNotHandTheBufferOutTwice() {
        try (NetBufPool pool = NetBufPool.builder().buffers(2).build()) {
            NetBuf buf = pool.allocate();
            buf.free();
            buf.free();
            assertEquals(2, pool.available());
        }
    }
}
