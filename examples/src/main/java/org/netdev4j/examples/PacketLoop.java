package org.netdev4j.examples;

/** The duty cycle of one queue pair: called again and again by the thread that owns it. */
interface PacketLoop {
    /** Before the first cycle. */
    default void begin() {}

    /** One burst; returns frames moved. */
    int doWork();

    /** After the last cycle: lets go what it holds. */
    default void end() {}

    /** For the thread and for messages, {@code tx0}. */
    String name();
}
