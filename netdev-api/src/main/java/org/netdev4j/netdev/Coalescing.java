package org.netdev4j.netdev;

/**
 * How long a device holds interrupts of a queue back, best effort: until so many packets, or so much time since the first.
 *
 * @param maxPackets packets, 0: none is held back
 * @param maxMicros microseconds, 0: none is held back
 */
public record Coalescing(int maxPackets, int maxMicros) {
    /** An interrupt for each packet that is asked for one. */
    public static final Coalescing NONE = new Coalescing(0, 0);

    /** @throws IllegalArgumentException if a limit is negative */
    public Coalescing {
        if (maxPackets < 0 || maxMicros < 0) {
            throw new IllegalArgumentException(
                    "interrupts cannot be held back for " + maxPackets + " packets and " + maxMicros + " us");
        }
    }
}
