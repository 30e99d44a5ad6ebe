package org.netdev4j.netdev;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a device can do, asked before it is configured. A driver starts from {@link #pairs} and says what is different.
 *
 * @param maxRxQueues receive queues it can have
 * @param maxTxQueues transmit queues it can have
 * @param inQueuePairs receive and transmit queues come in pairs of equal number
 * @param maxMtu largest MTU, bytes
 * @param rxHeadroom headroom in the buffers of a receive pool that lets a packet arrive without an extra descriptor, bytes;
 *     less is slower, not wrong
 * @param txHeadroom headroom that lets a packet be sent without an extra descriptor, bytes; less is slower, not wrong
 * @param bufferAlignment alignment of packet buffers, bytes, a power of two
 * @param capabilities what the device offers to do
 */
public record NetDevInfo(int maxRxQueues, int maxTxQueues, boolean inQueuePairs, int maxMtu, int rxHeadroom,
        int txHeadroom, int bufferAlignment, Set<Capability> capabilities) {
    /** Smallest MTU of any device, bytes: what every IPv4 link carries (RFC 791 §3.2). */
    public static final int MIN_MTU = 68;

    /** MTU of Ethernet, bytes (RFC 894). */
    public static final int DEFAULT_MTU = 1500;

    public NetDevInfo {
        capabilities = Set.copyOf(capabilities);
    }

    /** Up to {@code count} queue pairs, the MTU of Ethernet, no headroom, alignment or capability. */
    public static NetDevInfo pairs(int count) {
        return new NetDevInfo(count, count, true, DEFAULT_MTU, 0, 0, 1, Set.of());
    }

    public boolean has(Capability capability) {
        return capabilities.contains(capability);
    }

    /** Queues of either direction, not in pairs. */
    public NetDevInfo withMaxQueues(int rx, int tx) {
        return new NetDevInfo(rx, tx, false, maxMtu, rxHeadroom, txHeadroom, bufferAlignment,
                capabilities);
    }

    public NetDevInfo withMaxMtu(int bytes) {
        return new NetDevInfo(maxRxQueues, maxTxQueues, inQueuePairs, bytes, rxHeadroom, txHeadroom, bufferAlignment,
                capabilities);
    }

    /** Bytes. */
    public NetDevInfo withHeadroom(int rx, int tx) {
        return new NetDevInfo(maxRxQueues, maxTxQueues, inQueuePairs, maxMtu, rx, tx, bufferAlignment,
                capabilities);
    }

    public NetDevInfo withBufferAlignment(int bytes) {
        return new NetDevInfo(maxRxQueues, maxTxQueues, inQueuePairs, maxMtu, rxHeadroom, txHeadroom, bytes,
                capabilities);
    }

    /** With those capabilities and no others. */
    public NetDevInfo withCapabilities(Set<Capability> all) {
        return new NetDevInfo(maxRxQueues, maxTxQueues, inQueuePairs, maxMtu, rxHeadroom, txHeadroom, bufferAlignment,
                all);
    }

    /** With those capabilities too. */
    public NetDevInfo with(Capability... more) {
        EnumSet<Capability> all = EnumSet.noneOf(Capability.class);
        all.addAll(capabilities);
        all.addAll(Set.of(more));
        return withCapabilities(all);
    }
}
