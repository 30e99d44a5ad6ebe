package org.netdev4j.virtio.net.backend;

/** What a port of a hub or switch counts. */
enum DeliveryCounter {
    /** Frames that waited because the receiver had no buffer. */
    QUEUED,
    /** Frames that came when as many waited as may. */
    DROP_QUEUE_FULL,
    /** Frames that waited when the receiver was reset. */
    DROP_RESET,
    /** Frames sent to a hub with no other port. */
    UNHEARD
}
