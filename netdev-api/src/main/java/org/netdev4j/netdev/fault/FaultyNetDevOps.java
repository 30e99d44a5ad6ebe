package org.netdev4j.netdev.fault;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.ForwardingNetDevOps;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevInfo;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;

/** A device whose queues have faults; what they hold back goes back to its pools when it stops. */
final class FaultyNetDevOps extends ForwardingNetDevOps {
    /** Work that would be done after the damage, and so hide it. */
    private static final Set<Capability> TX_OFFLOADS = EnumSet.of(Capability.TX_CHECKSUM, Capability.TX_TSO4,
            Capability.TX_TSO6, Capability.TX_TSO_ECN, Capability.TX_USO);

    private final Faults rxFaults;
    private final Faults txFaults;
    private final long seed;
    private final LongSupplier nanoTime;
    private final FaultCounters rxCounters = new FaultCounters();
    private final FaultCounters txCounters = new FaultCounters();
    private final DueTimer timer;
    private final List<FaultyRxQueue> rxQueues = new ArrayList<>();
    private final List<FaultyTxQueue> txQueues = new ArrayList<>();

    FaultyNetDevOps(NetDevOps inner, String name, Faults rx, Faults tx, long seed, LongSupplier nanoTime) {
        super(inner);
        this.rxFaults = rx;
        this.txFaults = tx;
        this.seed = seed;
        this.nanoTime = nanoTime;
        timer = new DueTimer("netdev4j faults " + name, nanoTime);
    }

    /** From now on packets that are due go without a call of the user. */
    FaultyNetDevOps startTimer() {
        timer.start();
        return this;
    }

    @Override
    public NetDevInfo info() {
        NetDevInfo info = inner.info();
        if (txFaults.corrupt() == 0) {
            return info;
        }
        Set<Capability> left = EnumSet.noneOf(Capability.class);
        left.addAll(info.capabilities());
        left.removeAll(TX_OFFLOADS);
        return info.withCapabilities(left);
    }

    @Override
    public void configure(NetDevConfig config) {
        inner.configure(config);
        timer.removeAll();
        rxQueues.clear();
        txQueues.clear();
    }

    @Override
    public RxQueue configureRxQueue(int index, RxQueueConfig config) {
        FaultLine line = new FaultLine(rxFaults, rxCounters, random(2 * index));
        FaultyRxQueue queue = new FaultyRxQueue(inner.configureRxQueue(index, config), line, nanoTime, timer);
        rxQueues.add(queue);
        timer.add(queue);
        return queue;
    }

    @Override
    public TxQueue configureTxQueue(int index, TxQueueConfig config) {
        FaultLine line = new FaultLine(txFaults, txCounters, random(2 * index + 1));
        FaultyTxQueue queue = new FaultyTxQueue(inner.configureTxQueue(index, config), line, nanoTime, timer);
        txQueues.add(queue);
        timer.add(queue);
        return queue;
    }

    /** Of its own for each queue, so that the threads of one do not change the faults of another. */
    private SplittableRandom random(int number) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < number; i++) {
            random.nextLong();
        }
        return random.split();
    }

    @Override
    public void stop() {
        txQueues.forEach(FaultyTxQueue::pause);
        try {
            inner.stop();
        } catch (RuntimeException | Error e) {
            txQueues.forEach(FaultyTxQueue::resume);
            throw e;
        }
        reset();
    }

    @Override
    public void close() {
        txQueues.forEach(FaultyTxQueue::pause);
        timer.close();
        try {
            inner.close();
        } finally {
            reset();
        }
    }

    private void reset() {
        rxQueues.forEach(FaultyRxQueue::reset);
        txQueues.forEach(FaultyTxQueue::reset);
    }

    @Override
    public Map<String, Long> counters() {
        Map<String, Long> counters = new LinkedHashMap<>(inner.counters());
        rxCounters.putInto(counters, "rx");
        txCounters.putInto(counters, "tx");
        return counters;
    }
}
