package org.netdev4j.netdev.fault;

import java.util.function.LongSupplier;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.ForwardingRxQueue;
import org.netdev4j.netdev.QueueStats;
import org.netdev4j.netdev.RxQueue;

/** Packets come through a {@link FaultLine}; while one is held back for the clock, the timer raises the interrupt for it. */
final class FaultyRxQueue extends ForwardingRxQueue implements DueTimer.Task {
    private static final int BURST = 64;

    private final FaultLine line;
    private final LongSupplier nanoTime;
    private final DueTimer timer;
    private final NetBuf[] burst = new NetBuf[BURST];
    private volatile long raiseAt = FaultLine.NEVER;

    FaultyRxQueue(RxQueue inner, FaultLine line, LongSupplier nanoTime, DueTimer timer) {
        super(inner);
        this.line = line;
        this.nanoTime = nanoTime;
        this.timer = timer;
    }

    @Override
    public QueueStats stats() {
        return statsInFront();
    }

    @Override
    protected int receiveBurst(NetBuf[] bufs, int from, int count) {
        long now = nanoTime.getAsLong();
        int arrived = super.receiveBurst(burst, 0, Math.min(Math.min(count, BURST), line.room()));
        int dropped = 0;
        for (int i = 0; i < arrived; i++) {
            if (line.accept(burst[i], now)) {
                dropped++;
            }
            burst[i] = null;
        }
        if (dropped > 0) {
            counters.drop(DropReason.INJECTED, dropped);
        }
        return handOut(bufs, from, count, now);
    }

    private int handOut(NetBuf[] bufs, int from, int count, long now) {
        int out = 0;
        long bytes = 0;
        for (NetBuf packet; out < count && (packet = line.peek(out, now)) != null; out++) {
            bufs[from + out] = packet;
            bytes += packet.totalLength();
        }
        line.remove(out);
        if (out > 0) {
            counters.add(out, bytes);
        } else {
            counters.empty();
        }
        return out;
    }

    @Override
    protected boolean arm() {
        long now = nanoTime.getAsLong();
        if (line.nextDue() <= now || !super.arm()) {
            return false;
        }
        raiseAt = line.nextDue();
        timer.dueBy(raiseAt);
        return true;
    }

    @Override
    protected void disarm() {
        raiseAt = FaultLine.NEVER;
        super.disarm();
    }

    @Override
    public long due() {
        return raiseAt;
    }

    @Override
    public void onDue(long now) {
        raiseAt = FaultLine.NEVER;
        raise();
    }

    /** Frees what is held back; no thread is in the queue. */
    void reset() {
        raiseAt = FaultLine.NEVER;
        int held = line.clear();
        if (held > 0) {
            counters.drop(DropReason.RESET, held);
        }
    }
}
