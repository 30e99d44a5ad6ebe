package org.netdev4j.netdev.capture;

/** Which way a captured frame went, as seen by the interface it is recorded under. */
public enum Direction {
    UNKNOWN(0),
    /** Received by the interface. */
    INBOUND(1),
    /** Sent by the interface. */
    OUTBOUND(2);

    /** Bits 0 and 1 of {@code epb_flags}, pcapng §4.3.1. */
    final int flags;

    Direction(int flags) {
        this.flags = flags;
    }
}
