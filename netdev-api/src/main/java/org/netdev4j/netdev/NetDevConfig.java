package org.netdev4j.netdev;

/** How many queues to use in each direction; at least one. */
public record NetDevConfig(int rxQueues, int txQueues) {
    /** One queue in each direction. */
    public static final NetDevConfig ONE_PAIR = new NetDevConfig(1, 1);

    /** @throws IllegalArgumentException if a direction has no queue */
    public NetDevConfig {
        if (rxQueues < 1 || txQueues < 1) {
            throw new IllegalArgumentException("at least one queue is needed in each direction, not " + rxQueues
                    + " receive and " + txQueues + " transmit queues");
        }
    }

    /** {@code count} queues in each direction. */
    public static NetDevConfig pairs(int count) {
        return new NetDevConfig(count, count);
    }
}
