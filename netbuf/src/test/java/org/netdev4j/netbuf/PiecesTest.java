package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Packets of several pieces: cut, joined, pulled together. The bytes of each packet are 0, 1, 2, ... */
class PiecesTest {
    private final NetBufPool pool = NetBufPool.builder().name("p").buffers(8).dataSize(100).headroom(20).build();

    @AfterEach
    void everyBufferCameBack() {
        assertEquals(8, pool.available());
        pool.close();
    }

    private NetBuf packet(int... lengths) {
        NetBuf head = null;
        int next = 0;
        for (int length : lengths) {
            NetBuf piece = pool.allocate();
            piece.append(length);
            for (int i = 0; i < length; i++) {
                piece.setByte(i, next++);
            }
            if (head == null) {
                head = piece;
            } else {
                head.chain(piece);
            }
        }
        return head;
    }

    private static void assertBytes(int first, int count, NetBuf packet) {
        byte[] expected = new byte[count];
        for (int i = 0; i < count; i++) {
            expected[i] = (byte) (first + i);
        }
        byte[] actual = new byte[packet.totalLength()];
        packet.copyTo(0, MemorySegment.ofArray(actual), 0, actual.length);
        assertArrayEquals(expected, actual);
    }

    @Test
    void trimmingTheFrontBeyondTheHeadFreesThePiecesItEmpties() {
        NetBuf head = packet(10, 20, 30);
        head.trimFront(35);
        assertEquals(2, head.segmentCount());
        assertEquals(0, head.length());
        assertEquals(7, pool.available() + 1);
        assertBytes(35, 25, head);
        head.trimFront(25);
        assertEquals(1, head.segmentCount());
        assertEquals(0, head.totalLength());
        assertThrows(IllegalArgumentException.class, () -> head.trimFront(1));
        head.free();
    }

    @Test
    void trimmingTheBackBeyondTheLastPieceFreesThePiecesItEmpties() {
        NetBuf head = packet(10, 20, 30);
        head.trimBack(30);
        assertEquals(2, head.segmentCount());
        head.trimBack(25);
        assertEquals(1, head.segmentCount());
        assertBytes(0, 5, head);
        head.append(1);
        assertEquals(6, head.length());
        assertThrows(IllegalArgumentException.class, () -> head.trimBack(7));
        head.free();
    }

    @Test
    void checksumStartFollowsATrimBeyondTheHead() {
        NetBuf head = packet(10, 20, 30);
        head.partialChecksum(34, 6);
        head.trimFront(14);
        assertEquals(20, head.checksumStart());
        head.free();
    }

    @Test
    void splitBetweenPiecesMovesThem() {
        NetBuf head = packet(10, 20, 30);
        NetBuf second = head.next();
        assertSame(second, head.split(10));
        assertBytes(0, 10, head);
        assertBytes(10, 50, second);
        assertEquals(1, head.segmentCount());
        head.append(5);
        assertEquals(15, head.length());
        second.append(1);
        assertEquals(31, second.next().length());
        head.free();
        second.free();
    }

    @Test
    void splitInsideAPieceLeavesTwoPacketsThatShareNothing() {
        NetBuf head = packet(10, 20, 30);
        head.flags(NetBuf.CHECKSUM_VALID);
        NetBuf rest = head.split(17);
        assertBytes(0, 17, head);
        assertBytes(17, 43, rest);
        assertEquals(2, head.segmentCount());
        assertEquals(2, rest.segmentCount());
        assertEquals(NetBuf.CHECKSUM_VALID, head.flags());
        assertEquals(0, rest.flags());
        assertFalse(rest.isShared());
        head.append(80);
        rest.prepend(20);
        assertEquals(17, rest.getUnsignedByte(20));
        rest.free();
        head.free();
    }

    @Test
    void splitMovesMoreThanADataSizeThatBeganInTheHeadroom() {
        NetBuf head = pool.allocate();
        head.place(0, 120);
        NetBuf rest = head.split(1);
        assertEquals(119, rest.length());
        assertEquals(1, rest.headroom());
        head.free();
        rest.free();
    }

    @Test
    void splitWithoutABufferChangesNothing() {
        NetBuf head = packet(10, 20);
        NetBuf[] others = new NetBuf[6];
        pool.allocate(others, 0, 6);
        assertNull(head.split(5));
        assertEquals(1, pool.exhausted());
        assertBytes(0, 30, head);
        assertEquals(2, head.segmentCount());
        NetBuf.free(others, 0, 6);
        head.free();
    }

    @Test
    void splitAtEitherEndIsRefused() {
        NetBuf head = packet(10);
        IndexOutOfBoundsException e = assertThrows(IndexOutOfBoundsException.class, () -> head.split(10));
        assertEquals("buffer " + head.index() + " of pool p: split at 10 asked, 1 to 9 allowed", e.getMessage());
        assertThrows(IndexOutOfBoundsException.class, () -> head.split(0));
        head.free();
    }

    @Test
    void pullUpMakesTheFrontContiguousInTheTailroom() {
        NetBuf head = packet(10, 0, 20, 30);
        assertTrue(head.pullUp(35));
        assertEquals(35, head.length());
        assertEquals(20, head.headroom());
        assertEquals(2, head.segmentCount());
        assertEquals(0x21_22, head.getUnsignedShort(33));
        assertBytes(0, 60, head);
        head.free();
    }

    @Test
    void pullUpUsesTheHeadroomWhenTheTailroomIsTooSmall() {
        NetBuf head = packet(90, 25);
        assertTrue(head.pullUp(115));
        assertEquals(5, head.headroom());
        assertEquals(1, head.segmentCount());
        assertBytes(0, 115, head);
        head.free();
    }

    @Test
    void pullUpThatCannotBeDoneChangesNothing() {
        NetBuf head = packet(90, 40);
        assertFalse(head.pullUp(131));
        assertFalse(head.pullUp(121));
        NetBuf duplicate = head.duplicate(0, 10);
        assertFalse(head.pullUp(91));
        assertTrue(head.pullUp(90));
        assertBytes(0, 130, head);
        duplicate.free();
        head.free();
    }

    @Test
    void linearisedPacketIsOnePiece() {
        NetBuf head = packet(10, 20, 0, 30, 0);
        assertTrue(head.linearise());
        assertEquals(1, head.segmentCount());
        assertNull(head.next());
        assertBytes(0, 60, head);
        head.free();

        NetBuf large = packet(60, 61);
        assertFalse(large.linearise());
        assertEquals(2, large.segmentCount());
        large.free();
    }

    /** Regression 9: a chain of more pieces than the device took was refused for good. */
    @Test
    void copyHasTheSameBytesInAsFewBuffersAsHoldThem() {
        NetBuf head = packet(10, 20, 30);
        head.partialChecksum(34, 16);
        head.gso(GsoType.TCP_IPV4, 20, 54);
        NetBuf copy = head.copy();
        assertEquals(1, copy.segmentCount());
        assertEquals(20, copy.headroom());
        assertBytes(0, 60, copy);
        assertEquals(NetBuf.CHECKSUM_PARTIAL, copy.flags());
        assertEquals(34, copy.checksumStart());
        assertEquals(16, copy.checksumOffset());
        assertEquals(GsoType.TCP_IPV4, copy.gsoType());
        assertEquals(20, copy.gsoSize());
        assertEquals(54, copy.headerLength());
        copy.setByte(0, 77);
        assertEquals(0, head.getUnsignedByte(0));
        copy.free();
        try (NetBufPool small = NetBufPool.builder().buffers(3).dataSize(25).build()) {
            NetBuf chain = head.copy(small);
            assertEquals(3, chain.segmentCount());
            assertBytes(0, 60, chain);
            assertNull(head.copy(small));
            chain.free();
            assertEquals(3, small.available());
        }
        head.free();
    }

    @Test
    void copyOfAnEmptyPacketIsAnEmptyPacket() {
        NetBuf head = packet(0);
        NetBuf copy = head.copy();
        assertNotSame(head, copy);
        assertEquals(0, copy.totalLength());
        copy.free();
        head.free();
    }

    /** Regression 19: disconnecting the last piece of a longer chain returned null and lost the rest of it. */
    @Test
    void anyLaterPieceCanBeDisconnected() {
        NetBuf head = packet(10, 20, 30);
        NetBuf middle = head.next();
        NetBuf last = middle.next();
        head.disconnect(last);
        assertEquals(2, head.segmentCount());
        assertEquals(30, head.totalLength());
        assertEquals(30, last.totalLength());
        head.append(1);
        assertEquals(21, middle.length());
        head.disconnect(middle);
        assertNull(head.next());
        assertEquals(21, middle.totalLength());
        assertThrows(IllegalArgumentException.class, () -> head.disconnect(middle));
        assertThrows(IllegalArgumentException.class, () -> head.disconnect(head));
        assertThrows(IllegalArgumentException.class, () -> head.disconnect(null));
        head.free();
        middle.free();
        last.free();
    }

    @Test
    void packetInFrontTakesOverTheOffloadRequest() {
        NetBuf payload = packet(40);
        payload.partialChecksum(20, 6);
        payload.gso(GsoType.TCP_IPV6, 10, 30);
        NetBuf header = packet(14);
        assertSame(header, payload.prepend(header));
        assertEquals(54, header.totalLength());
        assertEquals(2, header.segmentCount());
        assertEquals(NetBuf.CHECKSUM_PARTIAL, header.flags());
        assertEquals(34, header.checksumStart());
        assertEquals(44, header.headerLength());
        NetBuf rest = header.unchain();
        assertSame(payload, rest);
        assertEquals(0, rest.flags());
        assertEquals(GsoType.NONE, rest.gsoType());
        rest.free();
        header.free();
        NetBuf one = packet(1);
        assertThrows(IllegalArgumentException.class, () -> one.prepend(one));
        one.free();
    }
}
