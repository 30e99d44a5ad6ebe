package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NetBufTest {
    private final Arena arena = Arena.ofShared();
    private final MemoryRegion region = MemoryRegion.of("r", arena.allocate(1 << 16, 4096), 0x10_0000, null,
            arena::close);
    private final NetBufPool pool = NetBufPool.builder().name("p").region(region).buffers(8).dataSize(200).headroom(20)
            .build();

    @AfterEach
    void everyBufferCameBackAndTheMemoryGoes() {
        assertEquals(8, pool.available());
        pool.close();
        region.close();
        assertTrue(!region.segment().scope().isAlive());
    }

    @Test
    void freshBufferHasHeadroomAndNoData() {
        NetBuf buf = pool.allocate();
        assertEquals(20, buf.headroom());
        assertEquals(0, buf.length());
        assertEquals(200, buf.tailroom());
        assertEquals(220, buf.capacity());
        assertEquals(1, buf.segmentCount());
        assertEquals(1, buf.refCount());
        assertSame(buf, pool.get(buf.index()));
        buf.free();
    }

    @Test
    void deviceAddressIsThatOfTheRegionNotOfTheHost() {
        NetBuf buf = pool.allocate();
        long inRegion = buf.segment().address() + buf.dataOffset() - region.segment().address();
        assertEquals(0x10_0000 + inRegion, buf.dataAddress());
        buf.free();
    }

    @Test
    void fieldsAreInNetworkByteOrder() {
        NetBuf buf = pool.allocate();
        buf.append(8);
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
        NetBuf buf = pool.allocate();
        buf.append(4);
        assertThrows(IndexOutOfBoundsException.class, () -> buf.getInt(1));
        assertThrows(IndexOutOfBoundsException.class, () -> buf.getUnsignedByte(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> buf.setShort(3, 0));
        buf.free();
    }

    @Test
    void chainAndUnchainKeepTotals() {
        NetBuf head = pool.allocate();
        head.append(10);
        NetBuf middle = pool.allocate();
        middle.append(20);
        NetBuf tail = pool.allocate();
        tail.append(30);
        middle.chain(tail);
        head.chain(middle);
        assertEquals(3, head.segmentCount());
        assertEquals(60, head.totalLength());
        head.append(5);
        assertEquals(35, tail.length());
        assertEquals(65, head.totalLength());
        NetBuf rest = head.unchain();
        assertSame(middle, rest);
        assertEquals(55, rest.totalLength());
        assertEquals(2, rest.segmentCount());
        assertEquals(10, head.totalLength());
        assertNull(head.unchain());
        head.free();
        rest.free();
    }

    @Test
    void copiesAcrossPieces() {
        NetBuf head = pool.allocate();
        head.append(3);
        NetBuf tail = pool.allocate();
        tail.append(5);
        head.chain(tail);
        MemorySegment bytes = MemorySegment.ofArray(new byte[]{1, 2, 3, 4, 5, 6, 7, 8});
        head.copyFrom(0, bytes, 0, 8);
        assertEquals(4, tail.getUnsignedByte(0));
        byte[] out = new byte[4];
        head.copyTo(2, MemorySegment.ofArray(out), 0, 4);
        assertEquals(0x03040506, MemorySegment.ofArray(out).get(
                ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN), 0));
        assertThrows(IndexOutOfBoundsException.class, () -> head.copyTo(5, MemorySegment.ofArray(out), 0, 4));
        head.free();
    }

    @Test
    void sharedPacketIsFrozenUntilTheOtherHolderLetsGo() {
        NetBuf buf = pool.allocate();
        buf.append(10);
        buf.retain();
        assertTrue(buf.isShared());
        assertThrows(IllegalStateException.class, () -> buf.prepend(1));
        assertThrows(IllegalStateException.class, () -> buf.setByte(0, 1));
        buf.free();
        buf.prepend(1);
        buf.free();
    }

    @Test
    void doubleFreeNamesPoolAndBuffer() {
        NetBuf buf = pool.allocate();
        buf.free();
        IllegalStateException e = assertThrows(IllegalStateException.class, buf::free);
        assertEquals("buffer " + buf.index() + " of pool p is freed twice", e.getMessage());
        assertThrows(IllegalStateException.class, () -> buf.getUnsignedByte(0));
        assertThrows(IllegalStateException.class, () -> buf.append(1));
    }
}
