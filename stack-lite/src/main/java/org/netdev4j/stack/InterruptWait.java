package org.netdev4j.stack;

import java.util.concurrent.locks.LockSupport;

import org.agrona.concurrent.IdleStrategy;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.TxQueue;

/** Parks the stack's thread until one of its queues, or another thread, wakes it. */
final class InterruptWait implements IdleStrategy {
    /** How long to wait for transmit space where the device has no interrupt for it. */
    private static final long TRANSMIT_RETRY_NS = 1_000_000;
    /** An agent runner that closes does not wake its thread, but waits until it looks again. */
    private static final long MAX_IDLE_NS = 100_000_000;

    private final NetStack stack;
    private volatile Thread waiting;
    private volatile boolean awake;

    InterruptWait(NetStack stack) {
        this.stack = stack;
    }

    /** Any thread. */
    void wakeUp() {
        awake = true;
        LockSupport.unpark(waiting);
    }

    /** @param tx the queue that frames wait for, or null if none do */
    void await(RxQueue rx, TxQueue tx, boolean txInterrupts, long maxNs) {
        waiting = Thread.currentThread();
        if (rx.armInterrupt()) {
            long limitNs = maxNs;
            boolean room = false;
            if (tx != null && txInterrupts) {
                room = !tx.armInterrupt();
            } else if (tx != null) {
                limitNs = Math.min(maxNs, TRANSMIT_RETRY_NS);
            }
            if (!room && !awake) {
                LockSupport.parkNanos(this, limitNs);
            }
        }
        awake = false;
    }

    @Override
    public void idle(int workCount) {
        if (workCount == 0) {
            idle();
        }
    }

    @Override
    public void idle() {
        stack.await(MAX_IDLE_NS);
    }

    @Override
    public void reset() {}

    @Override
    public String alias() {
        return "interrupt";
    }
}
