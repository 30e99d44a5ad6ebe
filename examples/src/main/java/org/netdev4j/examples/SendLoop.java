package org.netdev4j.examples;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.TxQueue;

/** Fills a transmit queue with UDP datagrams of one size. */
final class SendLoop implements PacketLoop {
    private static final long SECOND_NS = 1_000_000_000;

    private final TxQueue queue;
    private final NetBufPool pool;
    private final MemorySegment header = TestFrame.header();
    private final int size;
    private final long rate;
    private final NetBuf[] burst;
    /** At the end of {@link #burst}: made, not sent yet. */
    private int waiting;
    private long begun;
    private long sent;

    SendLoop(TxQueue queue, NetBufPool pool, int size, int burst, long rate) {
        this.queue = queue;
        this.pool = pool;
        this.size = size;
        this.rate = rate;
        this.burst = new NetBuf[burst];
        TestFrame.length(header, size);
    }

    @Override
    public void begin() {
        begun = System.nanoTime();
    }

    @Override
    public int doWork() {
        NetBuf[] burst = this.burst;
        if (waiting == 0 && isDue()) {
            fill();
        }
        int taken = queue.transmit(burst, burst.length - waiting, waiting);
        waiting -= taken;
        sent += taken;
        return taken;
    }

    private boolean isDue() {
        return rate == 0 || sent < (System.nanoTime() - begun) / (double) SECOND_NS * rate;
    }

    private void fill() {
        NetBuf[] burst = this.burst;
        int count = pool.allocate(burst, 0, burst.length);
        for (int i = 0; i < count; i++) {
            NetBuf frame = burst[i];
            frame.append(size);
            MemorySegment.copy(header, 0, frame.segment(), frame.dataOffset(), TestFrame.HEADER_BYTES);
        }
        if (count < burst.length) {
            System.arraycopy(burst, 0, burst, burst.length - count, count);
        }
        waiting = count;
    }

    @Override
    public void end() {
        NetBuf.free(burst, burst.length - waiting, waiting);
        waiting = 0;
    }

    @Override
    public String name() {
        return "tx" + queue.index();
    }
}
