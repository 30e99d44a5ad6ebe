package org.netdev4j.netdev.fault;

import java.util.Objects;

/**
 * How much passes in a second.
 *
 * @param perSecond bits or packets, 1 or more
 */
public record RateLimit(long perSecond, Unit unit) {
    /** What is counted. */
    public enum Unit {
        /** Bits of frames, without preamble, checksum and gap. */
        BITS,
        PACKETS
    }

    /** @throws IllegalArgumentException if nothing would pass */
    public RateLimit {
        Objects.requireNonNull(unit, "unit");
        if (perSecond < 1) {
            throw new IllegalArgumentException("a rate of " + perSecond + " a second lets nothing pass");
        }
    }

    /** How long the link is busy with a packet, ns. */
    long busyNanos(int bytes) {
        double amount = unit == Unit.BITS ? 8.0 * bytes : 1;
        return (long) (amount * 1e9 / perSecond);
    }
}
