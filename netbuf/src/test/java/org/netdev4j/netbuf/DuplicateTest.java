package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Second packets over the same bytes, and who is told when bytes are free. */
class DuplicateTest {
    private final NetBufPool pool = NetBufPool.builder().name("p").buffers(4).duplicates(3).dataSize(100).headroom(20)
            .build();

    @AfterEach
    void everyBufferAndDuplicateCameBack() {
        assertEquals(4, pool.available());
        assertEquals(0, pool.statistics().duplicates());
        pool.close();
        assertFalse(pool.segment().scope().isAlive());
    }

    private NetBuf buffer(int length) {
        NetBuf buf = pool.allocate();
        buf.append(length);
        for (int i = 0; i < length; i++) {
            buf.setByte(i, i);
        }
        return buf;
    }

    @Test
    void duplicateHasTheSameBytesAndAPositionOfItsOwn() {
        NetBuf original = buffer(60);
        original.partialChecksum(34, 16);
        NetBuf duplicate = original.duplicate();
        assertEquals(original.dataAddress(), duplicate.dataAddress());
        assertEquals(34, duplicate.checksumStart());
        duplicate.trimFront(14);
        duplicate.trimBack(6);
        duplicate.flags(0);
        assertEquals(40, duplicate.totalLength());
        assertEquals(14, duplicate.getUnsignedByte(0));
        assertEquals(20, duplicate.headroom() - 14);
        assertEquals(60, original.totalLength());
        assertEquals(0, original.getUnsignedByte(0));
        assertEquals(34, original.checksumStart());
        original.trimFront(1);
        assertEquals(40, duplicate.totalLength());
        duplicate.free();
        original.free();
    }

    /** Regression 27: with two references, a driver's header and its data position showed to the other holder. */
    @Test
    void bytesAndTheRoomAroundThemAreFrozenWhileThereAreTwo() {
        NetBuf original = buffer(60);
        NetBuf duplicate = original.duplicate();
        for (NetBuf packet : List.of(original, duplicate)) {
            assertTrue(packet.isShared());
            assertEquals(1, packet.refCount());
            IllegalStateException e = assertThrows(IllegalStateException.class, () -> packet.setByte(0, 1));
            assertEquals("buffer " + packet.index() + " of pool p shares its bytes with a duplicate: they may only be"
                    + " read, and there is no headroom or tailroom", e.getMessage());
            assertThrows(IllegalStateException.class, () -> packet.prepend(1));
            assertThrows(IllegalStateException.class, () -> packet.append(1));
            assertThrows(IllegalStateException.class, () -> packet.place(0, 1));
            assertThrows(IllegalStateException.class,
                    () -> packet.copyFrom(0, MemorySegment.ofArray(new byte[1]), 0, 1));
        }
        original.free();
        assertFalse(duplicate.isShared());
        duplicate.setByte(0, 9);
        duplicate.prepend(20);
        duplicate.append(40);
        duplicate.free();
    }

    @Test
    void headerGoesInFrontOfSharedBytesAsAPieceOfItsOwn() {
        NetBuf original = buffer(60);
        NetBuf packet = original.duplicate().prepend(buffer(14));
        assertEquals(74, packet.totalLength());
        packet.setByte(0, 1);
        assertEquals(60, original.totalLength());
        packet.free();
        assertFalse(original.isShared());
        original.free();
    }

    @Test
    void refusedCopyIntoAPacketWithSharedBytesWritesNothing() {
        NetBuf packet = buffer(10);
        NetBuf second = buffer(10);
        NetBuf duplicate = second.duplicate();
        packet.chain(second);
        assertThrows(IllegalStateException.class,
                () -> packet.copyFrom(5, MemorySegment.ofArray(new byte[10]), 0, 10));
        assertEquals(5, packet.getUnsignedByte(5));
        packet.copyFrom(5, MemorySegment.ofArray(new byte[5]), 0, 5);
        assertEquals(0, packet.getUnsignedByte(5));
        duplicate.free();
        packet.free();
    }

    @Test
    void bytesComeBackWithTheLastWhoUsesThem() {
        NetBuf original = buffer(10);
        NetBuf first = original.duplicate();
        NetBuf second = first.duplicate(2, 5);
        original.free();
        assertEquals(3, pool.available());
        assertThrows(IllegalStateException.class, original::free);
        assertThrows(IllegalStateException.class, () -> original.getUnsignedByte(0));
        first.free();
        assertEquals(3, pool.available());
        assertEquals(2, second.getUnsignedByte(0));
        second.free();
        assertEquals(4, pool.available());
    }

    @Test
    void partOfAChainIsDuplicatedPieceByPiece() {
        NetBuf packet = buffer(10);
        packet.chain(buffer(0));
        packet.chain(buffer(10));
        NetBuf part = packet.duplicate(8, 5);
        assertEquals(2, part.segmentCount());
        assertEquals(0x0809, part.getUnsignedShort(0));
        assertEquals(0x0001, part.next().getUnsignedShort(0));
        assertThrows(IndexOutOfBoundsException.class, () -> packet.duplicate(8, 13));
        packet.free();
        assertEquals(2, pool.available());
        part.free();
    }

    @Test
    void retainedDuplicateIsFrozenWholly() {
        NetBuf original = buffer(10);
        NetBuf duplicate = original.duplicate().retain();
        assertThrows(IllegalStateException.class, () -> duplicate.trimFront(1));
        original.trimFront(1);
        duplicate.free();
        duplicate.trimFront(1);
        duplicate.free();
        original.free();
    }

    @Test
    void noDuplicateLeftIsCountedAndTakesNothing() {
        NetBuf packet = buffer(10);
        packet.chain(buffer(10));
        NetBuf first = packet.duplicate();
        assertNull(packet.duplicate());
        assertEquals(1, pool.exhausted());
        assertEquals(2, pool.statistics().duplicates());
        first.free();
        packet.free();
    }

    @Test
    void indexNamesADuplicateToo() {
        NetBuf original = buffer(10);
        NetBuf duplicate = original.duplicate();
        assertTrue(duplicate.index() >= pool.capacity());
        assertSame(duplicate, pool.get(duplicate.index()));
        original.free();
        duplicate.free();
    }

    @Test
    void duplicateKeepsTheMemoryOfAClosedPoolMapped() {
        NetBufPool closing = NetBufPool.builder().buffers(2).build();
        NetBuf original = closing.allocate();
        NetBuf duplicate = original.duplicate();
        original.free();
        closing.close();
        assertTrue(closing.segment().scope().isAlive());
        duplicate.free();
        assertFalse(closing.segment().scope().isAlive());
    }

    @Test
    void listenerIsToldOnceWhenTheBufferIsFreeAgain() {
        List<Long> freed = new ArrayList<>();
        NetBuf packet = buffer(10);
        packet.onFree(freed::add, 7);
        packet.retain();
        packet.free();
        assertEquals(List.of(), freed);
        packet.free();
        assertEquals(List.of(7L), freed);
        NetBuf[] all = new NetBuf[4];
        pool.allocate(all, 0, 4);
        NetBuf.free(all, 0, 4);
        assertEquals(List.of(7L), freed);
    }

    @Test
    void listenerWaitsForEveryDuplicateOfTheBytes() {
        List<Long> freed = new ArrayList<>();
        NetBuf packet = buffer(10);
        NetBuf duplicate = packet.duplicate();
        packet.onFree(freed::add, 1);
        duplicate.onFree(freed::add, 2);
        packet.free();
        assertEquals(List.of(), freed);
        duplicate.free();
        assertEquals(List.of(2L, 1L), freed);
    }

    @Test
    void listenersOfABurstFindTheirBuffersInThePool() {
        List<Integer> available = new ArrayList<>();
        NetBuf[] burst = {buffer(1), buffer(2), buffer(3)};
        for (NetBuf packet : burst) {
            packet.onFree(token -> {
                NetBuf again = pool.allocate();
                available.add(pool.available());
                again.free();
            }, 0);
        }
        NetBuf.free(burst, 0, 3);
        assertEquals(3, available.size());
        assertTrue(available.stream().allMatch(count -> count >= 1), available.toString());
    }

    @Test
    void listenerCanBeRemoved() {
        NetBuf packet = buffer(10);
        packet.onFree(token -> {
            throw new AssertionError("told though removed");
        }, 0);
        packet.onFree(null, 0);
        packet.free();
    }

    @Test
    void whatAListenerThrowsGoesToTheThreadsHandlerAndLosesNothing() throws InterruptedException {
        List<Throwable> uncaught = new ArrayList<>();
        NetBuf[] burst = {buffer(1), buffer(2)};
        burst[0].onFree(token -> {
            throw new IllegalStateException("from the listener");
        }, 0);
        Thread thread = new Thread(() -> NetBuf.free(burst, 0, 2));
        thread.setUncaughtExceptionHandler((where, thrown) -> uncaught.add(thrown));
        thread.start();
        thread.join();
        assertEquals(1, uncaught.size());
        assertEquals("from the listener", uncaught.getFirst().getMessage());
    }
}
