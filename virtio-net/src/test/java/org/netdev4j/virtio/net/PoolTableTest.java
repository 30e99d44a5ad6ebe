package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;

/** Which pools a transmit queue knows, and when it forgets them. */
class PoolTableTest {
    private final Set<MemoryRegion> attached = new HashSet<>();
    private final PoolTable table = new PoolTable(attached::contains);
    private final List<NetBufPool> pools = new ArrayList<>();

    private NetBufPool pool() {
        NetBufPool pool = NetBufPool.builder().buffers(2).dataSize(64).cacheSize(0).build();
        attached.add(pool.region());
        pools.add(pool);
        return pool;
    }

    @AfterEach
    void closePools() {
        pools.forEach(NetBufPool::close);
    }

    @Test
    void aNameLeadsBackToItsPacket() {
        NetBufPool first = pool();
        NetBufPool second = pool();
        NetBuf a = first.allocate();
        NetBuf b = second.allocate();
        int nameOfA = table.number(first) | a.index();
        int nameOfB = table.number(second) | b.index();
        assertSame(a, table.packet(nameOfA));
        assertSame(b, table.packet(nameOfB));
        a.free();
        b.free();
    }

    @Test
    void detachedMemoryIsOutOfReachFromTheNextBurstOn() {
        NetBufPool pool = pool();
        int number = table.number(pool);
        attached.clear();
        table.forget();
        assertEquals(number, table.number(pool), "this burst goes on");
        table.refresh();
        assertEquals(PoolTable.UNREACHABLE, table.number(pool));
        attached.add(pool.region());
        assertEquals(number, table.number(pool), "attached again");
    }

    @Test
    void closedPoolsMakeRoomWithoutEnd() {
        for (int i = 0; i < 1000; i++) {
            NetBufPool pool = pool();
            assertNotEquals(PoolTable.UNREACHABLE, table.number(pool), "pool " + i);
            pool.close();
        }
    }

    @Test
    void aClosedPoolWithPacketsInFlightKeepsItsNumber() {
        NetBufPool closed = pool();
        NetBuf packet = closed.allocate();
        int name = table.number(closed) | packet.index();
        closed.close();
        for (int i = 0; i < 200; i++) {
            pool();
            assertNotEquals(table.number(closed), table.number(pools.getLast()));
            pools.getLast().close();
        }
        assertSame(packet, table.packet(name));
        packet.free();
    }
}
