package org.netdev4j.netdev.fault;

import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.ForwardingTxQueue;
import org.netdev4j.netdev.TxQueue;

/**
 * Packets go through a {@link FaultLine}. The timer sends those held back when they are due, so its thread and the user's take
 * turns in the queue behind: each call holds a lock.
 */
final class FaultyTxQueue extends ForwardingTxQueue implements DueTimer.Task {
    private static final int BURST = 64;
    /** How long the timer waits for room in the queue behind, ns. */
    private static final long RETRY_NANOS = 1_000_000;

    private final FaultLine line;
    private final LongSupplier nanoTime;
    private final DueTimer timer;
    private final NetBuf[] burst = new NetBuf[BURST];
    private final ReentrantLock lock = new ReentrantLock();
    private volatile long due = FaultLine.NEVER;

    FaultyTxQueue(TxQueue inner, FaultLine line, LongSupplier nanoTime, DueTimer timer) {
        super(inner);
        this.line = line;
        this.nanoTime = nanoTime;
        this.timer = timer;
    }

    @Override
    protected int transmitBurst(NetBuf[] bufs, int from, int count) {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            int taken = 0;
            int dropped = 0;
            while (taken < count && sendDue(now) && line.room() > 0) {
                int batch = Math.min(Math.min(count - taken, BURST), Math.min(line.room(), roomBehind(now)));
                for (int i = 0; i < batch; i++) {
                    if (line.accept(bufs[from + taken], now)) {
                        dropped++;
                    }
                    bufs[from + taken++] = null;
                }
                if (batch == 0) {
                    break;
                }
            }
            sendDue(now);
            if (dropped > 0) {
                counters.drop(DropReason.INJECTED, dropped);
            }
            if (taken == 0 && count > 0) {
                counters.empty();
            }
            schedule(now);
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** How many packets may be accepted now: what goes at once needs a place behind, what waits does not. */
    private int roomBehind(long now) {
        if (line.nextDue() > now && line.nextDue() != FaultLine.NEVER) {
            return BURST;
        }
        int room = super.freeSlots();
        if (room == 0) {
            super.reclaimCompleted();
            room = super.freeSlots();
        }
        return room;
    }

    /** Sends what is due; false if the queue behind did not take all of it. */
    private boolean sendDue(long now) {
        while (true) {
            int ready = 0;
            for (NetBuf packet; ready < BURST && (packet = line.peek(ready, now)) != null; ready++) {
                burst[ready] = packet;
            }
            if (ready == 0) {
                return true;
            }
            int sent = super.transmitBurst(burst, 0, ready);
            line.remove(sent);
            Arrays.fill(burst, sent, ready, null);
            if (sent < ready) {
                return false;
            }
        }
    }

    private void schedule(long now) {
        long next = line.nextDue();
        due = next <= now ? now + RETRY_NANOS : next;
        timer.dueBy(due);
    }

    @Override
    protected int reclaimCompleted() {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            int freed = super.reclaimCompleted();
            sendDue(now);
            schedule(now);
            return freed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    protected int freeSlots() {
        lock.lock();
        try {
            return Math.min(line.room(), super.freeSlots());
        } finally {
            lock.unlock();
        }
    }

    @Override
    protected boolean arm() {
        lock.lock();
        try {
            return super.arm();
        } finally {
            lock.unlock();
        }
    }

    @Override
    protected void disarm() {
        lock.lock();
        try {
            super.disarm();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long due() {
        return due;
    }

    @Override
    public void onDue(long now) {
        lock.lock();
        try {
            if (due <= now) {
                sendDue(now);
                schedule(now);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The timer sends nothing until {@link #reset()} or the user's next call; no other thread is in the queue. */
    void pause() {
        lock.lock();
        try {
            due = FaultLine.NEVER;
        } finally {
            lock.unlock();
        }
    }

    /** The queue behind goes on after all. */
    void resume() {
        lock.lock();
        try {
            schedule(nanoTime.getAsLong());
        } finally {
            lock.unlock();
        }
    }

    /** Frees what is held back; after {@link #pause()}. */
    void reset() {
        int held = line.clear();
        if (held > 0) {
            counters.drop(DropReason.RESET, held);
        }
    }
}
