package org.netdev4j.virtio.queue;

/**
 * Where the parts of a virtqueue are, in device addresses (virtio 1.4 §2.6): for a split queue descriptor table, available
 * ring, used ring; for a packed one descriptor ring, driver and device event suppression.
 *
 * @param size descriptors
 */
public record QueuePlacement(int size, long descriptorAddress, long driverAddress, long deviceAddress) {}
