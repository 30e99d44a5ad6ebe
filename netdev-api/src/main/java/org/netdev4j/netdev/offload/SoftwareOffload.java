package org.netdev4j.netdev.offload;

import org.netdev4j.netdev.NetDevDecorator;
import org.netdev4j.netdev.NetDevOps;

/**
 * Does for transmitted packets what the device cannot: completes checksums, cuts TCP over IPv4 and IPv6 and UDP into segments,
 * copies packets in more pieces than the device takes into fewer. Every {@link org.netdev4j.netdev.NetDev} has it around its
 * device, so that a stack asks once and correct frames leave; what the device does itself is left to it.
 * <p>
 * Copies and segments are made of buffers from the pool of the packet's first piece. When that has none left, the packet is
 * refused like one that finds the queue full as long as the device has packets to give back, and is a
 * {@link org.netdev4j.netdev.DropReason#NO_BUFFER} otherwise. A request that makes no sense is
 * {@link org.netdev4j.netdev.DropReason#MALFORMED}.
 * <p>
 * A packet with more segments than the queue has room for at its emptiest is taken, and sent on as space comes back: by the
 * next transmit, reclaim, space or armInterrupt of the queue, before anything else.
 */
public final class SoftwareOffload implements NetDevDecorator {
    /** For any device. */
    public static final SoftwareOffload AROUND_ANY = new SoftwareOffload();

    private SoftwareOffload() {}

    @Override
    public NetDevOps decorate(NetDevOps device, String name) {
        return new OffloadingNetDev(device);
    }
}
