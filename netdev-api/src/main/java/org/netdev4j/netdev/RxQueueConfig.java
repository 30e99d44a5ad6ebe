package org.netdev4j.netdev;

import java.util.Objects;

import org.netdev4j.netbuf.NetBufPool;

/**
 * A receive queue.
 *
 * @param size descriptors, or 0 for the device's default
 * @param pool where the driver takes buffers from to keep the queue filled
 * @param dispatcher name of the thread that calls {@code listener}; queues that name the same dispatcher share one thread;
 *     null without a listener
 * @param listener called on that thread when packets wait and the interrupt was armed, or null: polling only
 */
public record RxQueueConfig(int size, NetBufPool pool, String dispatcher, QueueListener listener) {
    public RxQueueConfig {
        Objects.requireNonNull(pool, "pool");
        TxQueueConfig.requireDispatcherIffListener(dispatcher, listener);
    }

    /** Polling only. */
    public static RxQueueConfig polled(NetBufPool pool) {
        return new RxQueueConfig(0, pool, null, null);
    }

    public RxQueueConfig withSize(int descriptors) {
        return new RxQueueConfig(descriptors, pool, dispatcher, listener);
    }

    public RxQueueConfig withInterrupt(String dispatcherName, QueueListener queueListener) {
        return new RxQueueConfig(size, pool, dispatcherName, queueListener);
    }
}
