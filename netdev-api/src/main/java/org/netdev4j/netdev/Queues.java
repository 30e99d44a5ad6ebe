package org.netdev4j.netdev;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBufPool;

/**
 * The queues of one {@link NetDev}: what was prepared, checked against what the device can do, let through while it runs.
 * Guarded by the device's lock, except {@link #stats()}.
 */
final class Queues {
    private final NetDevOps ops;
    private volatile RxQueue[] rx = {};
    private volatile TxQueue[] tx = {};
    /** By receive queue. */
    private NetBufPool[] rxPools = {};

    Queues(NetDevOps ops) {
        this.ops = ops;
    }

    void configure(NetDevConfig config) {
        checkCounts(config, ops.info());
        ops.configure(config);
        forEachGate(QueueGate::invalidate);
        rx = new RxQueue[config.rxQueues()];
        tx = new TxQueue[config.txQueues()];
        rxPools = new NetBufPool[config.rxQueues()];
    }

    RxQueue configureRx(int index, RxQueueConfig config) {
        checkFree("receive", index, rx);
        NetDevInfo info = ops.info();
        if (config.listener() != null) {
            requireInterrupt(info, Capability.RX_INTERRUPT, "interrupt for received packets");
        }
        int size = ops.rxQueueInfo(index).check(config.size());
        RxQueue queue = ops.configureRxQueue(index, config.withSize(size));
        queue.gate.listener(config.listener() != null);
        rx[index] = queue;
        rxPools[index] = config.pool();
        return queue;
    }

    TxQueue configureTx(int index, TxQueueConfig config) {
        checkFree("transmit", index, tx);
        if (config.listener() != null) {
            requireInterrupt(ops.info(), Capability.TX_INTERRUPT, "interrupt for transmit space");
        }
        int size = ops.txQueueInfo(index).check(config.size());
        TxQueue queue = ops.configureTxQueue(index, config.withSize(size));
        queue.gate.listener(config.listener() != null);
        tx[index] = queue;
        return queue;
    }

    void start() {
        requireAllPrepared("receive", "configureRxQueue", rx);
        requireAllPrepared("transmit", "configureTxQueue", tx);
        ops.start();
        forEachGate(QueueGate::open);
    }

    void stop() {
        forEachGate(QueueGate::close);
        try {
            ops.stop();
        } catch (RuntimeException | Error e) {
            forEachGate(QueueGate::open);
            throw e;
        }
    }

    void close(boolean running) {
        forEachGate(QueueGate::invalidate);
        try {
            if (running) {
                ops.stop();
            }
        } catch (RuntimeException | Error e) {
            try {
                ops.close();
            } catch (RuntimeException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
        ops.close();
    }

    /** A device fills receive queues from memory it reaches. */
    void requireNoPoolIn(MemoryRegion region) {
        for (int i = 0; i < rxPools.length; i++) {
            if (rxPools[i] != null && rxPools[i].region() == region) {
                throw new NetDevException("cannot detach " + region + ": " + rxPools[i] + " of receive queue " + i
                        + " is in it; stop the device and configure it anew first");
            }
        }
    }

    QueueInfo rxInfo(int index) {
        checkIndex("receive", index, ops.info().maxRxQueues());
        return ops.rxQueueInfo(index);
    }

    QueueInfo txInfo(int index) {
        checkIndex("transmit", index, ops.info().maxTxQueues());
        return ops.txQueueInfo(index);
    }

    /** @throws IllegalArgumentException if no such receive queue is configured */
    void requireRx(int index) {
        checkIndex("receive", index, rx.length);
    }

    /** @throws IllegalArgumentException if no such transmit queue is configured */
    void requireTx(int index) {
        checkIndex("transmit", index, tx.length);
    }

    RxQueue rx(int index) {
        return prepared("receive", index, rx);
    }

    TxQueue tx(int index) {
        return prepared("transmit", index, tx);
    }

    /** From any thread. */
    NetDevStats stats() {
        return new NetDevStats(sum(rx, RxQueue::stats), sum(tx, TxQueue::stats));
    }

    private static <Q> QueueStats sum(Q[] queues, Function<Q, QueueStats> stats) {
        return Arrays.stream(queues).filter(Objects::nonNull).map(stats).reduce(QueueStats.ZERO, QueueStats::plus);
    }

    private void checkCounts(NetDevConfig config, NetDevInfo info) {
        if (config.rxQueues() > info.maxRxQueues() || config.txQueues() > info.maxTxQueues()) {
            throw new NetDevException("cannot configure " + config.rxQueues() + " receive and " + config.txQueues()
                    + " transmit queues: the device has up to " + info.maxRxQueues() + " and " + info.maxTxQueues());
        }
        if (info.inQueuePairs() && config.rxQueues() != config.txQueues()) {
            throw new NetDevException("cannot configure " + config.rxQueues() + " receive and " + config.txQueues()
                    + " transmit queues: the device has them in pairs, ask for the same number of both");
        }
    }

    private void requireInterrupt(NetDevInfo info, Capability capability, String what) {
        if (!info.has(capability)) {
            throw NetDevException.unsupported(what, ops.driverName());
        }
    }

    private static void checkIndex(String direction, int index, int count) {
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException(
                    "there is no " + direction + " queue " + index + ": allowed is from 0 to " + (count - 1));
        }
    }

    private static void checkFree(String direction, int index, Object[] queues) {
        checkIndex(direction, index, queues.length);
        if (queues[index] != null) {
            throw new IllegalStateException(
                    direction + " queue " + index + " is prepared already; NetDev.configure starts afresh");
        }
    }

    private static <Q> Q prepared(String direction, int index, Q[] queues) {
        checkIndex(direction, index, queues.length);
        if (queues[index] == null) {
            throw new IllegalStateException(direction + " queue " + index + " is not prepared");
        }
        return queues[index];
    }

    private static void requireAllPrepared(String direction, String call, Object[] queues) {
        for (int i = 0; i < queues.length; i++) {
            if (queues[i] == null) {
                throw new IllegalStateException("cannot start: " + direction + " queue " + i + " of " + queues.length
                        + " is not prepared; call " + call + "(" + i + ", ...) first");
            }
        }
    }

    private interface GateAction {
        void on(QueueGate gate);
    }

    private void forEachGate(GateAction action) {
        for (RxQueue queue : rx) {
            if (queue != null) {
                action.on(queue.gate);
            }
        }
        for (TxQueue queue : tx) {
            if (queue != null) {
                action.on(queue.gate);
            }
        }
    }
}
