package org.netdev4j.netdev.jmx;

import java.util.Map;

/** One queue, since it was configured. */
public interface NetQueueMXBean {
    int getIndex();

    long getPackets();

    long getBytes();

    /** Bursts that found nothing (receive) or the queue full (transmit). */
    long getEmpty();

    /** Calls of the listener. */
    long getInterrupts();

    /** Packets given up, by reason; reasons that never occurred are absent. */
    Map<String, Long> getDrops();

    /** How the device broke the queue, or null. */
    String getBrokenReason();
}
