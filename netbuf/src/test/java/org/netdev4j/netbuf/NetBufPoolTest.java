package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;

class NetBufPoolTest {
    @Test
    void everyBufferIsHandedOutOnceAndExhaustionIsCounted() {
        try (NetBufPool pool = NetBufPool.builder().buffers(100).build()) {
            NetBuf[] bufs = new NetBuf[128];
            assertEquals(100, pool.allocate(bufs, 0, 128));
            Set<Integer> indexes = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                assertTrue(indexes.add(bufs[i].index()));
            }
            assertEquals(1, pool.exhausted());
            assertNull(pool.allocate());
            assertEquals(2, pool.exhausted());
            assertEquals(0, pool.available());
            NetBuf.free(bufs, 0, 100);
            assertNull(bufs[0]);
            assertEquals(100, pool.available());
        }
    }

    @Test
    void buffersHeldAtCloseKeepTheMemoryMapped() {
        NetBufPool pool = NetBufPool.builder().buffers(64).build();
        NetBuf held = pool.allocate();
        pool.close();
        assertThrows(IllegalStateException.class, pool::allocate);
        held.append(1);
        held.setByte(0, 1);
        held.free();
        assertEquals(64, pool.available());
        assertFalse(pool.segment().scope().isAlive());
    }

    @Test
    void whatOtherThreadsKeepIsUsedBeforeARequestIsRefused() throws InterruptedException {
        try (NetBufPool pool = NetBufPool.builder().buffers(64).cacheSize(8).build()) {
            Thread other = new Thread(() -> pool.allocate().free());
            other.start();
            other.join();
            NetBuf[] bufs = new NetBuf[64];
            assertEquals(64, pool.allocate(bufs, 0, 64));
            NetBuf.free(bufs, 0, 64);
            assertNotNull(bufs);
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
}
