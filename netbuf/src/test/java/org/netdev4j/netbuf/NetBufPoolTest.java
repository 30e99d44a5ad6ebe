package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import com.sun.management.ThreadMXBean;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class NetBufPoolTest {
    @Test
    void defaults() {
        try (NetBufPool pool = NetBufPool.builder().build()) {
            assertEquals(1024, pool.capacity());
            assertEquals(1024, pool.available());
            assertEquals(2048, pool.dataSize());
            assertEquals(128, pool.headroom());
            assertEquals("netbufs", pool.name());
            assertEquals("netbufs", pool.region().name());
        }
    }

    @Test
    void wrongSizesAreRefusedNamingWhatIsAllowed() {
        assertRefused(NetBufPool.builder().buffers(0), "pool netbufs: buffers 0 asked, 1 to 16777216 allowed");
        assertRefused(NetBufPool.builder().name("rx").dataSize(0), "pool rx: dataSize 0 asked, 1 to 1048576 allowed");
        assertRefused(NetBufPool.builder().headroom(-1), "pool netbufs: headroom -1 asked, 0 to 65536 allowed");
        assertRefused(NetBufPool.builder().buffers(64).cacheSize(9),
                "pool netbufs: cacheSize 9 asked, 0 to 8 allowed");
        assertThrows(IllegalArgumentException.class, () -> NetBufPool.builder().cacheSize(-1));
        assertThrows(NullPointerException.class, () -> NetBufPool.builder().name(null));
        assertThrows(NullPointerException.class, () -> NetBufPool.builder().region(null));
    }

    private static void assertRefused(NetBufPool.Builder builder, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, builder::build).getMessage());
    }

    /** Regression 18: a netbuf prepared in too small a region lay in front of it. */
    @Test
    void regionThatIsTooSmallIsRefusedAndStaysUsable() {
        try (MemoryRegion region = MemoryRegion.allocate("small", 4096)) {
            NetBufPool.Builder builder = NetBufPool.builder().region(region).buffers(2).dataSize(2048).headroom(0);
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, builder::build);
            assertTrue(e.getMessage().contains("region small"), e.getMessage());
            assertTrue(e.getMessage().contains("the largest free piece has 4096 bytes"), e.getMessage());
            builder.buffers(1).build().close();
            region.cut(4096, 1);
        }
    }

    @Property
    void buffersLieApartInsideTheSlice(@ForAll @IntRange(min = 1, max = 40) int buffers,
            @ForAll @IntRange(min = 1, max = 5000) int dataSize, @ForAll @IntRange(max = 300) int headroom) {
        try (NetBufPool pool = NetBufPool.builder().buffers(buffers).dataSize(dataSize).headroom(headroom).build()) {
            long lastEnd = 0;
            for (int i = 0; i < buffers; i++) {
                NetBuf buf = pool.get(i);
                assertEquals(i, buf.index());
                long start = buf.dataOffset() - buf.headroom();
                assertTrue(start >= lastEnd);
                assertEquals(0, (buf.segment().address() + start) % 64);
                lastEnd = start + buf.capacity();
                assertEquals(headroom + dataSize, buf.capacity());
            }
            assertTrue(lastEnd <= pool.segment().byteSize());
        }
    }

    @Test
    void strideIsAnOddMultipleOf128() {
        try (NetBufPool pool = NetBufPool.builder().buffers(2).dataSize(2048).headroom(0).build()) {
            assertEquals(17 * 128, pool.get(1).dataOffset() - pool.get(0).dataOffset());
        }
    }

    @Test
    void aRegionOfTheSizeThatTheBuilderNamesHoldsThePool() {
        NetBufPool.Builder builder = NetBufPool.builder().buffers(64).dataSize(1518).headroom(54);
        long bytes = builder.memoryBytes();
        try (MemoryRegion region = MemoryRegion.allocate("exact", bytes);
                NetBufPool pool = builder.region(region).build()) {
            assertEquals(64, pool.available());
            assertEquals(bytes, pool.segment().byteSize());
        }
    }

    @Test
    void severalPoolsShareARegionThatStaysTheCallers() {
        MemoryRegion region = MemoryRegion.allocate("r", 1 << 16);
        NetBufPool first = NetBufPool.builder().region(region).buffers(8).build();
        NetBufPool second = NetBufPool.builder().region(region).buffers(8).build();
        assertSame(region, first.region());
        assertFalse(first.segment().asOverlappingSlice(second.segment()).isPresent());
        first.close();
        second.close();
        assertTrue(region.segment().scope().isAlive());
        region.cut(1 << 16, 4096).close();
        region.close();
        assertFalse(region.segment().scope().isAlive());
    }

    @Test
    void everyBufferIsHandedOutOnceAndExhaustionIsCounted() {
        try (NetBufPool pool = NetBufPool.builder().buffers(100).build()) {
            NetBuf[] bufs = new NetBuf[128];
            assertEquals(100, pool.allocate(bufs, 10, 110));
            assertNull(bufs[9]);
            assertNull(bufs[110]);
            Set<Integer> indexes = new HashSet<>();
            for (int i = 10; i < 110; i++) {
                assertTrue(indexes.add(bufs[i].index()));
            }
            assertEquals(1, pool.exhausted());
            assertNull(pool.allocate());
            assertEquals(2, pool.exhausted());
            assertEquals(0, pool.available());
            NetBuf.free(bufs, 10, 100);
            assertEquals(100, pool.available());
            assertNotNull(pool.allocate());
            assertEquals(2, pool.exhausted());
        }
    }

    @Test
    void allocatingOutsideTheArrayIsAnErrorAndTakesNothing() {
        try (NetBufPool pool = NetBufPool.builder().buffers(64).build()) {
            assertThrows(IndexOutOfBoundsException.class, () -> pool.allocate(new NetBuf[8], 1, 8));
            assertEquals(64, pool.available());
        }
    }

    /** Each number is a burst: so many allocated, or, if negative, so many freed. */
    @Property
    void ownershipIsConserved(@ForAll @IntRange(min = 1, max = 70) int buffers,
            @ForAll @IntRange(max = 8) int cacheSize,
            @ForAll @Size(max = 100) List<@IntRange(min = -40, max = 40) Integer> bursts) {
        try (NetBufPool pool = NetBufPool.builder().buffers(buffers).dataSize(64)
                .cacheSize(Math.min(cacheSize, buffers / 8)).build()) {
            NetBuf[] held = new NetBuf[buffers];
            int count = 0;
            for (int burst : bursts) {
                if (burst >= 0) {
                    int asked = Math.min(burst, buffers - count);
                    assertEquals(asked, pool.allocate(held, count, asked));
                    count += asked;
                } else {
                    int freed = Math.min(-burst, count);
                    count -= freed;
                    NetBuf.free(held, count, freed);
                }
                assertEquals(buffers - count, pool.available());
                Set<Integer> indexes = new HashSet<>();
                for (int i = 0; i < count; i++) {
                    assertTrue(indexes.add(held[i].index()));
                    assertEquals(1, held[i].refCount());
                }
            }
            assertEquals(0, pool.exhausted());
            NetBuf.free(held, 0, count);
        }
    }

    @Test
    void buffersHeldAtCloseKeepTheMemoryMapped() {
        NetBufPool pool = NetBufPool.builder().name("p").buffers(64).build();
        NetBuf[] held = new NetBuf[3];
        pool.allocate(held, 0, 3);
        pool.close();
        pool.close();
        assertEquals(61, pool.available());
        held[0].append(1);
        held[0].setByte(0, 1);
        held[0].chain(held[1]);
        held[0].free();
        assertTrue(pool.segment().scope().isAlive());
        held[2].free();
        assertEquals(64, pool.available());
        assertFalse(pool.segment().scope().isAlive());
    }

    @Test
    void allocationFromAClosedPoolIsAnError() {
        NetBufPool pool = NetBufPool.builder().name("p").build();
        pool.allocate().free();
        pool.close();
        assertEquals("pool p is closed", assertThrows(IllegalStateException.class, pool::allocate).getMessage());
        assertThrows(IllegalStateException.class, () -> pool.allocate(new NetBuf[4], 0, 4));
    }

    @Test
    void freeToAClosedPoolOfABufferThatIsNotHeldIsAnError() {
        NetBufPool pool = NetBufPool.builder().build();
        NetBuf buf = pool.allocate();
        buf.free();
        pool.close();
        assertThrows(IllegalStateException.class, buf::free);
        assertThrows(IllegalStateException.class, () -> buf.getUnsignedByte(0));
    }

    @Test
    void statisticsSayWhereTheBuffersAre() {
        try (NetBufPool pool = NetBufPool.builder().buffers(64).cacheSize(8).build()) {
            NetBuf buf = pool.allocate();
            NetBuf duplicate = buf.duplicate();
            assertEquals(new PoolStatistics(64, 63, 3, 1, 0, 0), pool.statistics());
            assertEquals(1, pool.statistics().inUse());
            duplicate.free();
            buf.free();
        }
    }

    @Test
    void openPoolsAreKnownByNameAndNumber() {
        NetBufPool second = NetBufPool.builder().name("known b").buffers(1).build();
        NetBufPool first = NetBufPool.builder().name("known a").buffers(1).build();
        NetBufPool third = NetBufPool.builder().name("known b").buffers(1).build();
        assertTrue(third.number() > second.number());
        assertEquals(List.of(first, second, third),
                NetBufPool.all().stream().filter(pool -> pool.name().startsWith("known")).toList());
        for (NetBufPool pool : List.of(first, second, third)) {
            pool.close();
            assertFalse(NetBufPool.all().contains(pool));
        }
    }

    @Test
    void moreDuplicatesThanIndexesAreRefused() {
        assertRefused(NetBufPool.builder().buffers(16).duplicates(1 << 24),
                "pool netbufs: duplicates 16777216 asked, 0 to 16777200 allowed");
    }

    @Test
    void nothingIsAllocatedOnTheHeapForAPacket() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (NetBufPool pool = NetBufPool.builder().buffers(512).build()) {
            NetBuf[] bufs = new NetBuf[200];
            for (int i = 0; i < 1000; i++) {
                movePackets(pool, bufs);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 100; i++) {
                movePackets(pool, bufs);
            }
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(bytes < 100, bytes + " bytes for 20000 packets");
        }
    }

    private static void movePackets(NetBufPool pool, NetBuf[] bufs) {
        int count = pool.allocate(bufs, 0, bufs.length);
        for (int i = 0; i < count; i++) {
            bufs[i].append(64);
            bufs[i].setLong(0, i);
        }
        bufs[0].chain(pool.allocate());
        bufs[1].retain().free();
        bufs[2].duplicate().free();
        bufs[3].pullUp(64);
        NetBuf.free(bufs, 0, count);
    }
}
