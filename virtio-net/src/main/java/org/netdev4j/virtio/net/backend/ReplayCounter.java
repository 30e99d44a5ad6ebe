package org.netdev4j.virtio.net.backend;

/** What a {@link Replay} counts. */
enum ReplayCounter {
    /** Frames delivered. */
    REPLAYED,
    /** Frames that the receiver dropped. */
    DROPPED,
    /** Frames longer than any that can be delivered, or without an Ethernet header. */
    SKIPPED_LENGTH,
    /** Packets of the file that are not whole Ethernet frames. */
    SKIPPED_PACKETS,
    /** Times that the end of the file was reached. */
    ROUNDS,
    /** Those of them where the file was damaged or cut off. */
    ROUNDS_DAMAGED
}
