package org.netdev4j.netdev.fault;

/**
 * What happens to the packets of one direction. Probabilities are from 0, never, to 1, always; they are drawn for each packet,
 * independently.
 *
 * @param drop probability that a packet is lost
 * @param duplicate probability that a packet comes twice
 * @param corrupt probability that one bit of a packet is wrong
 * @param reorder probability that a packet is overtaken by the one behind it
 * @param delayNanos how much later every packet comes, ns
 * @param rate what passes in a second, or null: everything. Packets beyond it wait, none is lost
 */
public record Faults(double drop, double duplicate, double corrupt, double reorder, long delayNanos, RateLimit rate) {
    /** Nothing goes wrong. */
    public static final Faults NONE = new Faults(0, 0, 0, 0, 0, null);

    /** @throws IllegalArgumentException if a probability is not from 0 to 1, or the delay is negative */
    public Faults {
        requireProbability("drop", drop);
        requireProbability("duplicate", duplicate);
        requireProbability("corrupt", corrupt);
        requireProbability("reorder", reorder);
        if (delayNanos < 0) {
            throw new IllegalArgumentException("a delay of " + delayNanos + " ns is not possible");
        }
    }

    public Faults withDrop(double probability) {
        return new Faults(probability, duplicate, corrupt, reorder, delayNanos, rate);
    }

    public Faults withDuplicate(double probability) {
        return new Faults(drop, probability, corrupt, reorder, delayNanos, rate);
    }

    public Faults withCorrupt(double probability) {
        return new Faults(drop, duplicate, probability, reorder, delayNanos, rate);
    }

    public Faults withReorder(double probability) {
        return new Faults(drop, duplicate, corrupt, probability, delayNanos, rate);
    }

    public Faults withDelayNanos(long nanos) {
        return new Faults(drop, duplicate, corrupt, reorder, nanos, rate);
    }

    public Faults withRate(RateLimit limit) {
        return new Faults(drop, duplicate, corrupt, reorder, delayNanos, limit);
    }

    /** True if packets become due by the clock. */
    boolean holdsBack() {
        return reorder > 0 || delayNanos > 0 || rate != null;
    }

    private static void requireProbability(String what, double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException(
                    what + " " + probability + " is not a probability: allowed is from 0 to 1");
        }
    }
}
