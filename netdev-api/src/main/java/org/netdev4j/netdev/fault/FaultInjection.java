package org.netdev4j.netdev.fault;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import org.netdev4j.netdev.NetDevDecorator;
import org.netdev4j.netdev.NetDevOps;

/**
 * Makes a device bad on purpose, each direction in its own way. The same seed brings the same faults to the same packets of a
 * queue; a second device that it decorates has others.
 * <p>
 * Packets that are dropped count as {@link org.netdev4j.netdev.DropReason#INJECTED}; {@link org.netdev4j.netdev.NetDev#counters()}
 * tells faults by kind. Packets that are held back are received by polling, or by the interrupt, when they are due; a
 * transmit queue sends them by itself, on a thread of the injection's. A stopped device drops them as
 * {@link org.netdev4j.netdev.DropReason#RESET}. A queue holds a bounded number of packets back; beyond it, packets wait in
 * the device or with their sender.
 * <p>
 * A packet that is duplicated or shared is copied within its pool; one whose pool is empty is not duplicated, or stays whole.
 * A device that damages what it sends offers no checksum or segmentation offload, or the damage would be hidden.
 */
public final class FaultInjection implements NetDevDecorator {
    private final Faults rx;
    private final Faults tx;
    private final LongSupplier nanoTime;
    private final AtomicLong nextSeed;

    /** @param nanoTime as {@link System#nanoTime()}, which the thread that sends late packets sleeps by; asked once a burst */
    public FaultInjection(Faults rx, Faults tx, long seed, LongSupplier nanoTime) {
        this.rx = Objects.requireNonNull(rx, "rx");
        this.tx = Objects.requireNonNull(tx, "tx");
        this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
        nextSeed = new AtomicLong(seed);
    }

    @Override
    public NetDevOps decorate(NetDevOps device, String name) {
        return new FaultyNetDevOps(device, name, rx, tx, nextSeed.getAndIncrement(), nanoTime).startTimer();
    }
}
