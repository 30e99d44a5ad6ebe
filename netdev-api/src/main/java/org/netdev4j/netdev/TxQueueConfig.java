package org.netdev4j.netdev;

/**
 * A transmit queue.
 *
 * @param size descriptors, or 0 for the device's default
 * @param dispatcher name of the thread that calls {@code listener}; queues that name the same dispatcher share one thread;
 *     null without a listener
 * @param listener called on that thread when space came back and the interrupt was armed, or null
 */
public record TxQueueConfig(int size, String dispatcher, QueueListener listener) {
    /** The device's default size, no interrupt. */
    public static final TxQueueConfig POLLED = new TxQueueConfig(0, null, null);

    public TxQueueConfig {
        requireDispatcherIffListener(dispatcher, listener);
    }

    public TxQueueConfig withSize(int descriptors) {
        return new TxQueueConfig(descriptors, dispatcher, listener);
    }

    public TxQueueConfig withInterrupt(String dispatcherName, QueueListener queueListener) {
        return new TxQueueConfig(size, dispatcherName, queueListener);
    }

    static void requireDispatcherIffListener(String dispatcher, QueueListener listener) {
        if ((dispatcher == null) != (listener == null)) {
            throw new IllegalArgumentException(dispatcher == null
                    ? "the listener needs the name of a dispatcher"
                    : "dispatcher " + dispatcher + " has no listener to call");
        }
    }
}
