package org.netdev4j.netdev;

/**
 * A transmit queue.
 *
 * @param size descriptors, or 0 for the device's default
 * @param dispatcher name of the thread that calls {@code listener}
 * @param listener called on that thread when space came back and the interrupt was armed, or null
 */
public record TxQueueConfig(int size, String dispatcher, QueueListener listener) {
    public static final TxQueueConfig POLLED = new TxQueueConfig(0, null, null);

    public TxQueueConfig withSize(int descriptors) {
        return new TxQueueConfig(descriptors, dispatcher, listener);
    }

    public TxQueueConfig withInterrupt(String dispatcherName, QueueListener queueListener) {
        return new TxQueueConfig(size, dispatcherName, queueListener);
    }
}
