package org.netdev4j.virtio.queue;

/**
 * Learns what a device wrote to its driver's memory, each time before the driver can see that it did: whoever copies that memory
 * while the device runs copies it again. On the queue's thread.
 */
@FunctionalInterface
public interface WriteLog {
    /**
     * Bytes were written.
     *
     * @param deviceAddress of the first
     * @param bytes at least 1
     */
    void written(long deviceAddress, long bytes);
}
