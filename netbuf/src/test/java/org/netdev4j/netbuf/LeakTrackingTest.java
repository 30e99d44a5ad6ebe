package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who had a buffer, and who wrote to one that nobody had. */
class LeakTrackingTest {
    private final NetBufPool pool = NetBufPool.builder().name("p").buffers(16).leakTracking(LeakTracking.PARANOID)
            .build();

    @AfterEach
    void close() {
        pool.close();
    }

    private static void assertPlace(String method, Throwable place) {
        assertTrue(Arrays.stream(place.getStackTrace()).anyMatch(frame -> frame.getMethodName().equals(method)),
                () -> method + " is not in " + Arrays.toString(place.getStackTrace()));
    }

    private NetBuf allocateHere() {
        return pool.allocate();
    }

    private static void freeHere(NetBuf buf) {
        buf.free();
    }

    private static void touchHere(NetBuf buf) {
        buf.touch();
    }

    @Test
    void offIsTheDefaultAndKnowsNothing() {
        try (NetBufPool plain = NetBufPool.builder().buffers(4).build()) {
            NetBuf buf = plain.allocate();
            buf.touch();
            assertEquals(List.of(), plain.leaks());
            buf.free();
            assertNull(assertThrows(IllegalStateException.class, buf::free).getCause());
        }
    }

    @Test
    void heldBufferKnowsWhoAllocatedAndWhoTouchedIt() {
        NetBuf buf = allocateHere();
        touchHere(buf);
        pool.allocate().free();
        List<HeldBuffer> held = pool.leaks();
        assertEquals(1, held.size());
        HeldBuffer leak = held.getFirst();
        assertEquals(buf.index(), leak.index());
        assertEquals(1, leak.refCount());
        assertEquals(buf + " was allocated by thread " + Thread.currentThread().getName(),
                leak.allocated().getMessage());
        assertPlace("allocateHere", leak.allocated());
        assertPlace("touchHere", leak.touched());
        buf.free();
        assertEquals(List.of(), pool.leaks());
    }

    @Test
    void duplicateIsHeldAndHoldsItsOriginal() {
        NetBuf buf = pool.allocate();
        NetBuf duplicate = buf.duplicate();
        buf.free();
        List<HeldBuffer> held = pool.leaks();
        assertEquals(2, held.size());
        assertEquals(0, held.get(0).refCount());
        assertEquals(1, held.get(1).refCount());
        duplicate.free();
        assertEquals(List.of(), pool.leaks());
    }

    @Test
    void doubleFreeSaysWhereTheBufferWasFreedFirst() {
        NetBuf buf = pool.allocate();
        freeHere(buf);
        IllegalStateException e = assertThrows(IllegalStateException.class, buf::free);
        assertEquals("buffer " + buf.index() + " of pool p is freed twice", e.getMessage());
        assertPlace("freeHere", e.getCause());
        assertPlace("freeHere", assertThrows(IllegalStateException.class, () -> buf.getInt(0)).getCause());
    }

    @Test
    void freeBufferIsFilledSoThatStaleReadsShow() {
        NetBuf buf = pool.allocate();
        buf.append(8);
        buf.setLong(0, 1);
        long at = buf.dataOffset();
        buf.free();
        assertEquals(0xdbdbdbdb_dbdbdbdbL, pool.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, at));
    }

    /** What a device does that writes to a buffer after its queue was reset. */
    @Test
    void writeAfterFreeIsFoundAtTheNextAllocationAndLosesNothing() {
        NetBuf buf = pool.allocate();
        int index = buf.index();
        long at = buf.dataOffset() + 5;
        freeHere(buf);
        pool.segment().set(ValueLayout.JAVA_BYTE, at, (byte) 1);
        NetBuf[] all = new NetBuf[16];
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> pool.allocate(all, 0, 16));
        assertEquals("buffer " + index + " of pool p was written to after it was freed, at byte 133 of its 2176,"
                + " headroom included", e.getMessage());
        assertPlace("freeHere", e.getCause());
        assertEquals(16, pool.available());
        assertEquals(16, pool.allocate(all, 0, 16));
        NetBuf.free(all, 0, 16);
    }

    @Test
    void oneBufferIn128IsSampled() {
        try (NetBufPool sampled = NetBufPool.builder().buffers(512).leakTracking(LeakTracking.SAMPLED).build()) {
            NetBuf[] bufs = new NetBuf[512];
            sampled.allocate(bufs, 0, 512);
            List<HeldBuffer> held = sampled.leaks();
            assertEquals(512, held.size());
            assertEquals(4, held.stream().filter(leak -> leak.allocated() != null).count());
            NetBuf.free(bufs, 0, 512);
        }
    }

    @Test
    void sampleEndsWithTheBuffersLife() {
        try (NetBufPool sampled = NetBufPool.builder().buffers(1).leakTracking(LeakTracking.SAMPLED).build()) {
            NetBuf buf = sampled.allocate();
            assertNotNull(sampled.leaks().getFirst().allocated());
            buf.free();
            assertNotNull(assertThrows(IllegalStateException.class, buf::free).getCause());
            sampled.allocate();
            assertNull(sampled.leaks().getFirst().allocated());
            buf.free();
            assertNull(assertThrows(IllegalStateException.class, buf::free).getCause());
        }
    }

    @Test
    void reportGroupsHeldBuffersByPlace() {
        NetBuf[] burst = new NetBuf[3];
        pool.allocate(burst, 0, 3);
        NetBuf single = allocateHere();
        String report = LeakReport.of(pool, pool.leaks());
        List<String> lines = report.lines().toList();
        assertEquals("pool p is closed while 4 of its buffers are held", lines.get(0));
        assertTrue(lines.get(1).startsWith("3 like this one: buffer "), lines.get(1));
        assertTrue(report.contains("\n1 like this one: " + single + " was allocated by thread "), report);
        assertTrue(report.contains("\tat " + LeakTrackingTest.class.getName() + ".allocateHere("), report);
        NetBuf.free(burst, 0, 3);
        single.free();
    }

    @Test
    void everyOtherCheckStillHolds() {
        NetBuf packet = pool.allocate();
        packet.append(10);
        NetBuf other = packet.copy();
        packet.chain(other);
        packet.retain();
        assertThrows(IllegalStateException.class, () -> packet.setByte(0, 1));
        packet.free();
        packet.setByte(0, 1);
        packet.free();
        assertEquals(16, pool.available());
    }
}
