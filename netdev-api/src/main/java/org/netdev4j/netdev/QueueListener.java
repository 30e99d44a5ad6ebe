package org.netdev4j.netdev;

/** Told that a queue has something for its user. The interrupt is disarmed when this is called. */
@FunctionalInterface
public interface QueueListener {
    /** Called on the dispatcher's thread; must not block. May use the queue if no other thread does. */
    void onInterrupt(int queueIndex);
}
