package org.netdev4j.netdev;

import java.util.Set;

/**
 * What a device can do, asked before it is configured.
 *
 * @param maxRxQueues receive queues it can have
 * @param maxTxQueues transmit queues it can have
 * @param inQueuePairs receive and transmit queues come in pairs of equal number
 * @param maxMtu largest MTU, bytes
 * @param rxHeadroom headroom in the buffers of a receive pool that lets a packet arrive without an extra descriptor, bytes;
 *     less is slower, not wrong
 * @param txHeadroom headroom that lets a packet be sent without an extra descriptor, bytes; less is slower, not wrong
 * @param bufferAlignment alignment of packet buffers, bytes, a power of two
 * @param maxTxSegments pieces of a packet that the device takes as they are
 * @param capabilities what the device offers to do
 */
public record NetDevInfo(int maxRxQueues, int maxTxQueues, boolean inQueuePairs, int maxMtu, int rxHeadroom,
        int txHeadroom, int bufferAlignment, int maxTxSegments, Set<Capability> capabilities) {
    /** Smallest MTU of any device, bytes: what every IPv4 link carries (RFC 791 §3.2). */
    public static final int MIN_MTU = 68;

    public NetDevInfo {
        capabilities = Set.copyOf(capabilities);
    }

    public boolean has(Capability capability) {
        return capabilities.contains(capability);
    }
}
