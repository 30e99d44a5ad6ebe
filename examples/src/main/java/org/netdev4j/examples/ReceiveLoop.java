package org.netdev4j.examples;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.RxQueue;

/** Empties a receive queue. */
final class ReceiveLoop implements PacketLoop {
    private final RxQueue queue;
    private final NetBuf[] burst;

    ReceiveLoop(RxQueue queue, int burst) {
        this.queue = queue;
        this.burst = new NetBuf[burst];
    }

    @Override
    public int doWork() {
        int received = queue.receive(burst);
        NetBuf.free(burst, 0, received);
        return received;
    }

    @Override
    public String name() {
        return "rx" + queue.index();
    }
}
