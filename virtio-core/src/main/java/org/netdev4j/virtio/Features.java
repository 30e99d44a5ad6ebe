package org.netdev4j.virtio;

import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A set of feature bits 0..127 (virtio 1.4 §2.2): immutable.
 *
 * @param low bits 0..63
 * @param high bits 64..127
 */
public record Features(long low, long high) {
    /** Feature bits there are, virtio 1.4 §2.2. */
    public static final int BITS = 128;
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

    /** @param bit 0..127 */
    public boolean has(int bit) {
        return ((check(bit) < 64 ? low : high) >>> (bit & 63) & 1) != 0;
    }

    public Features with(FeatureBit feature) {
        return with(feature.bit());
    }

    /** @param bit 0..127 */
    public Features with(int bit) {
        long mask = 1L << (check(bit) & 63);
        return bit < 64 ? new Features(low | mask, high) : new Features(low, high | mask);
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

    public boolean isEmpty() {
        return (low | high) == 0;
    }

    public boolean isSubsetOf(Features other) {
        return minus(other).isEmpty();
    }

    /** The numbers of the set bits, {@code "{0, 5, 32}"}; {@link FeatureTable#names} has their names. */
    @Override
    public String toString() {
        return IntStream.range(0, BITS).filter(this::has).mapToObj(Integer::toString)
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static int check(int bit) {
        return Objects.checkIndex(bit, BITS);
    }
}
