package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;

import org.junit.jupiter.api.Test;

class ScatterGatherListTest {
    private static final boolean READABLE = false;
    private static final boolean WRITABLE = true;

    private final ScatterGatherList list = new ScatterGatherList(2);

    @Test
    void adjacentPiecesOfOneDirectionAreJoined() {
        assertTrue(list.append(0x1000, 10, READABLE));
        assertTrue(list.append(0x100a, 5, READABLE));
        assertTrue(list.append(0x100f, 5, WRITABLE));
        assertEquals("[r 0x1000+15, w 0x100f+5]", list.toString());
        assertEquals(2, list.size());
        assertEquals(0x1000, list.address(0));
        assertEquals(15, list.length(0));
        assertFalse(list.deviceWritable(0));
        assertTrue(list.deviceWritable(1));
        assertEquals(20, list.totalLength());
    }

    @Test
    void emptyPieceIsLeftOutEvenOfAFullList() {
        list.append(0x1000, 10, READABLE);
        list.append(0x2000, 10, READABLE);
        assertTrue(list.append(0x3000, 0, WRITABLE));
        assertEquals(2, list.size());
    }

    @Test
    void fullListRefusesButStillJoins() {
        list.append(0x1000, 10, READABLE);
        list.append(0x2000, 10, READABLE);
        assertFalse(list.append(0x3000, 10, READABLE));
        assertTrue(list.append(0x200a, 1, READABLE));
        assertEquals("[r 0x1000+10, r 0x2000+11]", list.toString());
        assertEquals(21, list.totalLength());
    }

    @Test
    void piecesThatWouldPassTheLargestLengthAreNotJoined() {
        list.append(0x1000, Integer.MAX_VALUE, READABLE);
        assertTrue(list.append(0x1000 + (long) Integer.MAX_VALUE, 1, READABLE));
        assertEquals(2, list.size());
        assertEquals(1L << 31, list.totalLength());
    }

    @Test
    void clearedListIsEmpty() {
        list.append(0x1000, 10, READABLE);
        list.clear();
        assertEquals(0, list.size());
        assertEquals(0, list.totalLength());
        assertThrows(IndexOutOfBoundsException.class, () -> list.address(0));
        assertThrows(IndexOutOfBoundsException.class, () -> list.length(0));
        assertThrows(IndexOutOfBoundsException.class, () -> list.deviceWritable(0));
    }

    @Test
    void wrongArgumentsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ScatterGatherList(0));
        assertThrows(IllegalArgumentException.class, () -> list.append(0x1000, -1, READABLE));
        assertThrows(IllegalArgumentException.class, () -> list.append(list, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> list.join(list));
        assertThrows(IllegalArgumentException.class, () -> list.split(0, list));
        ScatterGatherList other = new ScatterGatherList(1);
        assertThrows(IndexOutOfBoundsException.class, () -> list.append(other, 0, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> list.split(1, other));
    }

    @Test
    void packetIsAppendedByItsDeviceAddressesWholeOrNotAtAll() {
        Arena arena = Arena.ofShared();
        MemoryRegion region = MemoryRegion.of("r", arena.allocate(4096, 4096), 0x40_0000, null, arena::close);
        try (region;
                NetBufPool pool = NetBufPool.builder().region(region).buffers(3).headroom(0).dataSize(128).build()) {
            NetBuf packet = pool.get(pool.allocate().index());
            packet.append(100);
            NetBuf empty = pool.allocate();
            packet.chain(empty);
            NetBuf last = pool.allocate();
            last.append(50);
            packet.chain(last);
            list.append(0x1000, 10, READABLE);

            assertFalse(list.append(packet, WRITABLE));
            assertEquals("[r 0x1000+10]", list.toString());
            assertEquals(10, list.totalLength());

            list.clear();
            assertTrue(list.append(packet, WRITABLE));
            assertEquals(2, list.size());
            assertEquals(packet.dataAddress(), list.address(0));
            assertTrue(list.address(1) >= 0x40_0000 && list.address(1) < 0x40_1000);
            assertEquals(150, list.totalLength());
            packet.free();
        }
    }

    @Test
    void anyRangeOfAPacketIsAppendedWholeOrNotAtAll() {
        try (NetBufPool pool = NetBufPool.builder().buffers(3).dataSize(128).build()) {
            NetBuf packet = pool.allocate();
            packet.append(10);
            for (int i = 0; i < 2; i++) {
                NetBuf piece = pool.allocate();
                piece.append(20);
                packet.chain(piece);
            }
            NetBuf second = packet.next();
            assertFalse(list.append(packet, 9, 22, WRITABLE));
            assertEquals("[]", list.toString());
            assertTrue(list.append(packet, 9, 21, WRITABLE));
            assertEquals(packet.dataAddress() + 9, list.address(0));
            assertEquals(1, list.length(0));
            assertEquals(second.dataAddress(), list.address(1));
            assertEquals(20, list.length(1));
            list.clear();
            assertTrue(list.append(packet, 13, 4, READABLE));
            assertEquals(second.dataAddress() + 3, list.address(0));
            assertEquals(4, list.totalLength());
            assertTrue(list.append(packet, 50, 0, READABLE));
            assertThrows(IndexOutOfBoundsException.class, () -> list.append(packet, 45, 6, READABLE));
            assertThrows(IndexOutOfBoundsException.class, () -> list.append(packet, -1, 2, READABLE));
            assertEquals(1, list.size());
            packet.free();
        }
    }

    @Test
    void appendedPartIntoAnEmptyListIsASlice() {
        ScatterGatherList source = new ScatterGatherList(3);
        source.append(0x1000, 10, READABLE);
        source.append(0x2000, 10, WRITABLE);
        source.append(0x3000, 10, WRITABLE);
        assertTrue(list.append(source, 15, 10));
        assertEquals("[w 0x2005+5, w 0x3000+5]", list.toString());
        assertEquals(30, source.totalLength());
    }

    /** Regression 17: sglist_split left 3000 4000 3000 4000 of six pieces split after the second. */
    @Test
    void splitLeavesTheRest() {
        ScatterGatherList rest = new ScatterGatherList(6);
        for (int i = 1; i <= 6; i++) {
            rest.append(0x1000L * i, 10, READABLE);
        }
        assertTrue(rest.split(20, list));
        assertEquals("[r 0x1000+10, r 0x2000+10]", list.toString());
        assertEquals("[r 0x3000+10, r 0x4000+10, r 0x5000+10, r 0x6000+10]", rest.toString());
        assertEquals(40, rest.totalLength());
    }

    @Test
    void splitInsideAPieceCutsIt() {
        ScatterGatherList rest = new ScatterGatherList(2);
        rest.append(0x1000, 10, READABLE);
        rest.append(0x2000, 10, WRITABLE);
        assertTrue(rest.split(13, list));
        assertEquals("[r 0x1000+10, w 0x2000+3]", list.toString());
        assertEquals("[w 0x2003+7]", rest.toString());
    }

    /** Regression 17: sglist_join gave the first list garbage and clobbered the second. */
    @Test
    void joinMovesTheSecondListBehindTheFirst() {
        ScatterGatherList first = new ScatterGatherList(4);
        first.append(0x1000, 10, READABLE);
        ScatterGatherList second = new ScatterGatherList(4);
        second.append(0x100a, 6, READABLE);
        second.append(0x3000, 10, WRITABLE);
        assertTrue(first.join(second));
        assertEquals("[r 0x1000+16, w 0x3000+10]", first.toString());
        assertEquals(26, first.totalLength());
        assertEquals("[]", second.toString());
        assertEquals(0, second.totalLength());
    }
}
