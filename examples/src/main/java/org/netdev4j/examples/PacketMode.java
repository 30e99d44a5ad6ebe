package org.netdev4j.examples;

import java.util.Locale;

import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.TxQueue;

/** What {@link PktgenCommand} does with frames. */
enum PacketMode {
    TX, RX, IO, MACSWAP;

    /**
     * The duty cycle of one queue pair.
     *
     * @param size of the frames sent, bytes
     * @param rate most frames a second, 0: no limit
     */
    PacketLoop loop(RxQueue rx, TxQueue tx, NetBufPool pool, int size, int burst, long rate) {
        return switch (this) {
            case TX -> new SendLoop(tx, pool, size, burst, rate);
            case RX -> new ReceiveLoop(rx, burst);
            case IO, MACSWAP -> new ForwardLoop(rx, tx, burst, this == MACSWAP);
        };
    }

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
