package org.netdev4j.virtio.queue;

/** The driver end of a queue in a test: the one under test, or one that writes the rings by hand. */
interface DriverEnd {
    /** False if there is no room. */
    boolean add(Buffer buffer);

    /** How many descriptors the buffer takes. */
    int descriptors(Buffer buffer);

    boolean publish();

    int pop(int[] tokens, int[] written, int max);

    boolean hasUsed();

    boolean armInterrupt();

    void disarmInterrupt();
}
