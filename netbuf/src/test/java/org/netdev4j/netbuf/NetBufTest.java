package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NetBufTest {
    private static final long DEVICE_ADDRESS = 0x10_0000;

    private final Arena arena = Arena.ofShared();
    private final MemoryRegion region = MemoryRegion.of("r", arena.allocate(1 << 16, 4096), DEVICE_ADDRESS, null,
            arena::close);
    private final NetBufPool pool = NetBufPool.builder().name("p").region(region).buffers(8).dataSize(200).headroom(20)
            .build();

    @AfterEach
    void everyBufferCameBackAndTheMemoryGoes() {
        assertEquals(8, pool.available());
        pool.close();
        region.close();
        assertFalse(region.segment().scope().isAlive());
    }

    private NetBuf buffer(int length) {
        NetBuf buf = pool.allocate();
        buf.append(length);
        return buf;
    }

    private NetBuf packet(int... lengths) {
        NetBuf head = buffer(lengths[0]);
        for (int i = 1; i < lengths.length; i++) {
            head.chain(buffer(lengths[i]));
        }
        return head;
    }

    @Test
    void freshBufferHasHeadroomAndNoData() {
        NetBuf buf = pool.allocate();
        assertEquals(20, buf.headroom());
        assertEquals(0, buf.length());
        assertEquals(200, buf.tailroom());
        assertEquals(220, buf.capacity());
        assertEquals(1, buf.segmentCount());
        assertEquals(0, buf.totalLength());
        assertEquals(1, buf.refCount());
        assertNull(buf.next());
        assertSame(pool, buf.pool());
        assertSame(buf, pool.get(buf.index()));
        buf.free();
    }

    @Test
    void freedBufferComesBackFresh() {
        NetBuf buf = packet(10, 10);
        int index = buf.index();
        buf.place(3, 50);
        buf.flags(NetBuf.CHECKSUM_VALID);
        buf.gso(GsoType.TCP_IPV4, 1460, 54);
        buf.userData(99);
        buf.free();

        NetBuf[] all = new NetBuf[8];
        assertEquals(8, pool.allocate(all, 0, 8));
        NetBuf again = pool.get(index);
        assertEquals(20, again.headroom());
        assertEquals(0, again.totalLength());
        assertEquals(1, again.segmentCount());
        assertNull(again.next());
        assertEquals(0, again.flags());
        assertEquals(GsoType.NONE, again.gsoType());
        assertEquals(0, again.userData());
        NetBuf.free(all, 0, 8);
    }

    @Test
    void deviceAddressIsThatOfTheRegionNotOfTheHost() {
        NetBuf buf = pool.allocate();
        long offsetInRegion = buf.segment().address() + buf.dataOffset() - region.segment().address();
        assertEquals(DEVICE_ADDRESS + offsetInRegion, buf.dataAddress());
        buf.free();
    }

    @Test
    void fieldsAreInNetworkByteOrder() {
        NetBuf buf = buffer(8);
        buf.setShort(0, 0xfedc);
        buf.setByte(2, 0xab);
        buf.setByte(3, 1);
        buf.setInt(4, 0x01020304);
        assertEquals(0xfe, buf.getUnsignedByte(0));
        assertEquals(0xfedc, buf.getUnsignedShort(0));
        assertEquals(0xfedcab01, buf.getInt(0));
        assertEquals(0xfedcab01_01020304L, buf.getLong(0));
        buf.setLong(0, 1);
        assertEquals(1, buf.getUnsignedByte(7));
        buf.free();
    }

    @Test
    void indexOutsideTheDataIsAnError() {
        NetBuf buf = buffer(7);
        assertThrows(IndexOutOfBoundsException.class, () -> buf.getUnsignedByte(7));
        assertThrows(IndexOutOfBoundsException.class, () -> buf.getUnsignedByte(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> buf.getUnsignedShort(6));
        assertThrows(IndexOutOfBoundsException.class, () -> buf.getInt(4));
        assertThrows(IndexOutOfBoundsException.class, () -> buf.getLong(0));
        assertThrows(IndexOutOfBoundsException.class, () -> buf.getInt(Integer.MAX_VALUE));
        assertThrows(IndexOutOfBoundsException.class, () -> buf.setByte(-1, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> buf.setShort(6, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> buf.setInt(4, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> buf.setLong(0, 0));
        buf.free();
    }

    @Test
    void growingBeyondTheRoomNamesWhatIsAllowed() {
        NetBuf buf = buffer(10);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> buf.prepend(21));
        assertEquals("buffer " + buf.index() + " of pool p: prepend 21 bytes asked, 0 to 20 allowed", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> buf.prepend(-1));
        assertThrows(IllegalArgumentException.class, () -> buf.append(191));
        assertThrows(IllegalArgumentException.class, () -> buf.append(-1));
        assertThrows(IllegalArgumentException.class, () -> buf.trimFront(11));
        assertThrows(IllegalArgumentException.class, () -> buf.trimBack(11));
        assertThrows(IllegalArgumentException.class, () -> buf.place(221, 0));
        assertThrows(IllegalArgumentException.class, () -> buf.place(20, 201));
        assertThrows(IllegalArgumentException.class, () -> buf.place(20, -1));
        assertEquals(10, buf.length());
        assertEquals(20, buf.headroom());
        buf.free();
    }

    @Test
    void prependAndAppendUseTheWholeRoom() {
        NetBuf buf = buffer(10);
        buf.prepend(20);
        buf.append(190);
        assertEquals(220, buf.length());
        assertEquals(0, buf.headroom());
        assertEquals(0, buf.tailroom());
        buf.free();
    }

    @Test
    void chainKeepsTotalsAndOrder() {
        NetBuf head = packet(10, 20);
        NetBuf other = packet(30, 40);
        head.chain(other);
        assertEquals(4, head.segmentCount());
        assertEquals(100, head.totalLength());
        assertSame(other, head.next().next());
        head.free();
    }

    @Test
    void appendAndTrimBackWorkOnTheLastPiece() {
        NetBuf head = packet(10, 20, 30);
        NetBuf last = head.next().next();
        head.append(5);
        assertEquals(35, last.length());
        assertEquals(65, head.totalLength());
        head.trimBack(34);
        assertEquals(1, last.length());
        assertEquals(31, head.totalLength());
        head.free();
    }

    @Test
    void restOfAChainKnowsItsLastPiece() {
        NetBuf head = packet(10, 20, 30);
        NetBuf rest = head.unchain();
        rest.append(5);
        assertEquals(20, rest.length());
        assertEquals(35, rest.next().length());
        assertEquals(55, rest.totalLength());
        head.append(7);
        assertEquals(17, head.length());
        head.free();
        rest.free();
    }

    /** Regression 19: cutting off the last piece of a longer chain lost the rest of it. */
    @Test
    void lastPieceOfALongerChainCanBeCutOff() {
        NetBuf head = packet(10, 20, 30);
        NetBuf middle = head.unchain();
        NetBuf last = middle.unchain();
        head.chain(middle);
        assertEquals(2, head.segmentCount());
        assertEquals(30, head.totalLength());
        assertSame(middle, head.next());
        assertNull(middle.next());
        assertEquals(1, last.segmentCount());
        assertEquals(30, last.totalLength());
        assertNull(last.unchain());
        head.free();
        last.free();
    }

    @Test
    void laterPieceIsNotToBeUsedAsAPacket() {
        NetBuf head = packet(10, 20);
        NetBuf later = head.next();
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> later.append(1));
        assertEquals("buffer " + later.index() + " of pool p is a later piece of a packet: use the head of the packet",
                e.getMessage());
        assertThrows(IllegalStateException.class, () -> later.place(0, 0));
        assertThrows(IllegalStateException.class, () -> later.prepend(1));
        assertThrows(IllegalStateException.class, () -> later.trimFront(1));
        assertThrows(IllegalStateException.class, () -> later.trimBack(1));
        assertThrows(IllegalStateException.class, () -> later.chain(head));
        assertThrows(IllegalStateException.class, () -> head.chain(later));
        assertThrows(IllegalStateException.class, later::unchain);
        assertThrows(IllegalStateException.class, later::totalLength);
        assertThrows(IllegalStateException.class, later::segmentCount);
        assertThrows(IllegalStateException.class, later::retain);
        assertThrows(IllegalStateException.class, later::free);
        assertThrows(IllegalStateException.class, () -> later.flags(0));
        assertEquals(30, head.totalLength());
        head.free();
    }

    @Test
    void packetIsNotChainedToItself() {
        NetBuf buf = buffer(1);
        assertThrows(IllegalArgumentException.class, () -> buf.chain(buf));
        assertEquals(1, buf.segmentCount());
        buf.free();
    }

    @Test
    void copiesAcrossPiecesAndEmptyPieces() {
        NetBuf head = packet(3, 0, 2, 3);
        head.copyFrom(0, MemorySegment.ofArray(new byte[]{1, 2, 3, 4, 5, 6, 7, 8}), 0, 8);
        assertEquals(0x0405, head.next().next().getUnsignedShort(0));
        byte[] out = new byte[6];
        head.copyTo(2, MemorySegment.ofArray(out), 1, 5);
        assertArrayEquals(new byte[]{0, 3, 4, 5, 6, 7}, out);
        head.copyFrom(3, MemorySegment.ofArray(new byte[]{0, 9, 9}), 1, 2);
        assertEquals(0x0909, head.next().next().getUnsignedShort(0));
        assertEquals(3, head.getUnsignedByte(2));
        assertEquals(6, head.next().next().next().getUnsignedByte(0));
        head.free();
    }

    @Test
    void copyOutsideThePacketIsAnError() {
        NetBuf head = packet(3, 5);
        MemorySegment bytes = MemorySegment.ofArray(new byte[16]);
        assertThrows(IndexOutOfBoundsException.class, () -> head.copyTo(5, bytes, 0, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> head.copyTo(-1, bytes, 0, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> head.copyTo(0, bytes, 0, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> head.copyFrom(9, bytes, 0, 0));
        head.copyTo(8, bytes, 0, 0);
        head.free();
    }

    /** Regression 27: a driver's header in the headroom showed to whoever else held the packet. */
    @Test
    void sharedPacketIsFrozenUntilTheOtherHolderLetsGo() {
        NetBuf head = packet(10, 20);
        NetBuf other = buffer(1);
        assertSame(head, head.retain());
        assertTrue(head.isShared());
        assertEquals(2, head.next().refCount());
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> head.prepend(1));
        assertEquals("buffer " + head.index() + " of pool p is shared by 2 holders: it may only be read",
                e.getMessage());
        assertThrows(IllegalStateException.class, () -> head.place(0, 0));
        assertThrows(IllegalStateException.class, () -> head.trimFront(1));
        assertThrows(IllegalStateException.class, () -> head.append(1));
        assertThrows(IllegalStateException.class, () -> head.trimBack(1));
        assertThrows(IllegalStateException.class, () -> head.chain(other));
        assertThrows(IllegalStateException.class, () -> other.chain(head));
        assertThrows(IllegalStateException.class, head::unchain);
        assertThrows(IllegalStateException.class, () -> head.setByte(0, 1));
        assertThrows(IllegalStateException.class, () -> head.next().setLong(0, 1));
        assertThrows(IllegalStateException.class,
                () -> head.copyFrom(0, MemorySegment.ofArray(new byte[1]), 0, 1));
        assertThrows(IllegalStateException.class, () -> head.flags(NetBuf.CHECKSUM_VALID));
        assertThrows(IllegalStateException.class, () -> head.partialChecksum(0, 0));
        assertThrows(IllegalStateException.class, () -> head.gso(GsoType.UDP, 1, 1));
        assertEquals(10, head.length());
        assertEquals(20, head.headroom());
        assertEquals(30, head.totalLength());

        head.free();
        assertFalse(head.isShared());
        head.prepend(1);
        assertEquals(31, head.totalLength());
        head.free();
        other.free();
    }

    @Test
    void sharedPacketComesBackWhenTheLastHolderFrees() {
        NetBuf head = packet(10, 20).retain().retain();
        head.free();
        head.free();
        assertEquals(6, pool.available());
        head.free();
    }

    @Test
    void doubleFreeNamesPoolAndBuffer() {
        NetBuf buf = buffer(1);
        buf.free();
        IllegalStateException e = assertThrows(IllegalStateException.class, buf::free);
        assertEquals("buffer " + buf.index() + " of pool p is freed twice", e.getMessage());
        assertThrows(IllegalStateException.class, () -> NetBuf.free(new NetBuf[]{buf}, 0, 1));
    }

    @Test
    void useAfterFreeIsDetected() {
        NetBuf buf = buffer(8);
        buf.free();
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> buf.getInt(0));
        assertEquals("buffer " + buf.index() + " of pool p is used after it was freed", e.getMessage());
        assertThrows(IllegalStateException.class, () -> buf.setByte(0, 0));
        assertThrows(IllegalStateException.class, () -> buf.append(1));
        assertThrows(IllegalStateException.class, () -> buf.place(0, 0));
        assertThrows(IllegalStateException.class, buf::retain);
        assertThrows(IllegalStateException.class, buf::totalLength);
        assertThrows(IllegalStateException.class, () -> buf.copyTo(0, MemorySegment.ofArray(new byte[1]), 0, 1));
    }

    @Test
    void freeingABurstNullsTheSlotsItFreed() {
        NetBuf a = buffer(1);
        NetBuf b = packet(1, 2);
        NetBuf c = buffer(1);
        NetBuf[] bufs = {a, b, c};
        NetBuf.free(bufs, 0, 2);
        assertNull(bufs[0]);
        assertNull(bufs[1]);
        assertSame(c, bufs[2]);
        assertEquals(7, pool.available());
        assertThrows(IndexOutOfBoundsException.class, () -> NetBuf.free(bufs, 2, 2));
        c.free();
    }

    @Test
    void burstWithADoubleFreeFreesWhatComesBeforeIt() {
        NetBuf a = buffer(1);
        NetBuf freed = buffer(1);
        NetBuf c = buffer(1);
        freed.free();
        NetBuf[] bufs = {a, freed, c};
        assertThrows(IllegalStateException.class, () -> NetBuf.free(bufs, 0, 3));
        assertEquals(7, pool.available());
        c.free();
    }

    @Test
    void piecesOfSeveralPoolsGoHome() {
        try (NetBufPool second = NetBufPool.builder().name("q").region(region).buffers(16).dataSize(64).build()) {
            NetBuf a = buffer(1);
            a.chain(second.allocate());
            NetBuf b = second.allocate();
            b.chain(buffer(1));
            NetBuf[] bufs = {a, b, buffer(1), second.allocate()};
            assertEquals(13, second.available());
            NetBuf.free(bufs, 0, 4);
            assertEquals(16, second.available());
            assertEquals(8, pool.available());
        }
    }

    @Test
    void checksumStartFollowsTheFrontOfThePacket() {
        NetBuf buf = buffer(60);
        buf.partialChecksum(34, 16);
        buf.gso(GsoType.TCP_IPV4, 1000, 54);
        buf.trimFront(14);
        assertEquals(20, buf.checksumStart());
        assertEquals(40, buf.headerLength());
        buf.prepend(18);
        assertEquals(38, buf.checksumStart());
        assertEquals(16, buf.checksumOffset());
        assertEquals(58, buf.headerLength());
        buf.trimFront(38);
        assertEquals(NetBuf.CHECKSUM_PARTIAL, buf.flags());
        buf.trimFront(1);
        assertEquals(0, buf.flags());
        assertEquals(1000, buf.gsoSize());
        buf.free();
    }

    @Test
    void offloadRequestsAreOfTheHeadOnly() {
        NetBuf head = buffer(10);
        head.partialChecksum(4, 2);
        NetBuf other = buffer(10);
        other.flags(NetBuf.CHECKSUM_VALID);
        other.gso(GsoType.UDP, 100, 42);
        head.chain(other);
        assertEquals(NetBuf.CHECKSUM_PARTIAL, head.flags());
        NetBuf rest = head.unchain();
        assertEquals(0, rest.flags());
        assertEquals(GsoType.NONE, rest.gsoType());
        assertEquals(NetBuf.CHECKSUM_PARTIAL, head.flags());
        head.free();
        rest.free();
    }

    @Test
    void wrongOffloadRequestsAreRefused() {
        NetBuf buf = buffer(10);
        assertThrows(IllegalArgumentException.class, () -> buf.flags(4));
        assertThrows(IllegalArgumentException.class, () -> buf.partialChecksum(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> buf.partialChecksum(0, -1));
        assertThrows(IllegalArgumentException.class, () -> buf.gso(GsoType.TCP_IPV6, 0, 54));
        assertThrows(NullPointerException.class, () -> buf.gso(null, 1, 54));
        assertEquals(0, buf.flags());
        buf.free();
    }
}
