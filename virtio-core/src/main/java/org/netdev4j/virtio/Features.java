package org.netdev4j.virtio;

/**
 * A set of feature bits 0..127 (virtio 1.4 §2.2): immutable.
 *
 * @param low bits 0..63
 * @param high bits 64..127
 */
public record Features(long low, long high) {
    public static final Features NONE = new Features(0, 0);

    public static Features of(FeatureBit... bits) {
        Features set = NONE;
        for (FeatureBit bit : bits) {
            set = set.with(bit);
        }
        return set;
    }

    public boolean has(FeatureBit feature) {
        return has(feature.bit());
    }

    public boolean has(int bit) {
        return ((bit < 64 ? low : high) >>> (bit & 63) & 1) != 0;
    }

    public Features with(FeatureBit feature) {
        long mask = 1L << (feature.bit() & 63);
        return feature.bit() < 64 ? new Features(low | mask, high) : new Features(low, high | mask);
    }

    public Features without(FeatureBit feature) {
        return minus(of(feature));
    }

    public Features and(Features other) {
        return new Features(low & other.low, high & other.high);
    }

    public Features or(Features other) {
        return new Features(low | other.low, high | other.high);
    }

    public Features minus(Features other) {
        return new Features(low & ~other.low, high & ~other.high);
    }

    public boolean isSubsetOf(Features other) {
        return minus(other).equals(NONE);
    }
}
