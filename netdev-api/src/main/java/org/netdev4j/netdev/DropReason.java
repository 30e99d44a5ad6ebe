package org.netdev4j.netdev;

import java.util.Locale;

/** Why a queue gave up a packet; each is a counter of {@link QueueStats}. */
public enum DropReason {
    /** Receive: the pool was empty, or transmit: the ring was full and the driver had taken the packet already. */
    NO_BUFFER,
    /** Shorter than an Ethernet header. */
    RUNT,
    /** Larger than the MTU allows, or than the buffer. */
    OVERSIZE,
    /** Header or length from the other side that makes no sense. */
    MALFORMED,
    /** More pieces than the device takes. */
    TOO_MANY_SEGMENTS,
    /** In memory that the device cannot reach. */
    UNREACHABLE_MEMORY,
    /** Asks for work that the device did not negotiate. */
    UNSUPPORTED_OFFLOAD,
    /** The queue was stopped or broken with the packet in it. */
    RESET,
    /** Dropped on purpose, to see what its receiver makes of it. */
    INJECTED;

    /** For a person: "no buffer". */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
