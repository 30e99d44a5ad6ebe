package org.netdev4j.netdev;

/** How many queues to use. */
public record NetDevConfig(int rxQueues, int txQueues) {
    /** One queue in each direction. */
    public static final NetDevConfig ONE_PAIR = new NetDevConfig(1, 1);
}
