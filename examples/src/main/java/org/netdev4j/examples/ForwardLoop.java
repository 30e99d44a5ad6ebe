package org.netdev4j.examples;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.TxQueue;

/** Sends back what comes; what does not fit is dropped. */
final class ForwardLoop implements PacketLoop {
    private final RxQueue rx;
    private final TxQueue tx;
    private final boolean swapAddresses;
    private final NetBuf[] burst;

    ForwardLoop(RxQueue rx, TxQueue tx, int burst, boolean swapAddresses) {
        this.rx = rx;
        this.tx = tx;
        this.swapAddresses = swapAddresses;
        this.burst = new NetBuf[burst];
    }

    @Override
    public int doWork() {
        NetBuf[] burst = this.burst;
        int received = rx.receive(burst);
        if (received == 0) {
            tx.reclaim();
            return 0;
        }
        if (swapAddresses) {
            for (int i = 0; i < received; i++) {
                swapAddresses(burst[i]);
            }
        }
        int sent = tx.transmit(burst, 0, received);
        NetBuf.free(burst, sent, received - sent);
        return received;
    }

    /** Twelve bytes: destination, source. */
    private static void swapAddresses(NetBuf frame) {
        long first = frame.getLong(0);
        int last = frame.getInt(8);
        long destination = first >>> 16;
        frame.setLong(0, (first << 48 | Integer.toUnsignedLong(last) << 16) | destination >>> 32);
        frame.setInt(8, (int) destination);
    }

    @Override
    public String name() {
        return "io" + rx.index();
    }
}
