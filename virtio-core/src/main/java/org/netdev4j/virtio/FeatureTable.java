package org.netdev4j.virtio;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The feature bits of one device type with what each needs (virtio 1.4 §2.2.1, §5.1.3.1), and the operations negotiation is
 * made of. Immutable.
 */
public final class FeatureTable {
    private final FeatureBit[] bits;
    private final Features known;
    private final List<Rule> rules;

    private FeatureTable(FeatureBit[] bits, Features known, List<Rule> rules) {
        this.bits = bits;
        this.known = known;
        this.rules = rules;
    }

    /** Starts a table that knows the bits of {@link VirtioFeature}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Every bit the table knows. */
    public Features known() {
        return known;
    }

    /** Drops every bit whose needs are not met, to a fixed point. Bits the table does not know are dropped too. */
    public Features close(Features features) {
        Features before;
        Features now = features.and(known);
        do {
            before = now;
            for (Rule rule : rules) {
                if (now.has(rule.bit) && !rule.isMetBy(now)) {
                    now = now.without(rule.bit);
                }
            }
        } while (!now.equals(before));
        return now;
    }

    /** Names of the set bits in bit order; a bit the table does not know is "bit N". */
    public List<String> names(Features features) {
        List<String> names = new ArrayList<>();
        for (int bit = 0; bit < Features.BITS; bit++) {
            if (features.has(bit)) {
                names.add(bits[bit] == null ? "bit " + bit : bits[bit].name());
            }
        }
        return names;
    }

    /** The bit of that name, in any case, for device strings ({@code features=+MRG_RXBUF-CSUM}), or null. */
    public FeatureBit find(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        for (FeatureBit bit : bits) {
            if (bit != null && bit.name().equals(upper)) {
                return bit;
            }
        }
        return null;
    }

    /** {@code bit} needs every one of {@code all}, and one of {@code any} unless that is empty. */
    private record Rule(FeatureBit bit, Features all, Features any) {
        boolean isMetBy(Features features) {
            return all.isSubsetOf(features) && (any.isEmpty() || !any.and(features).isEmpty());
        }
    }

    /** A table under construction. */
    public static final class Builder {
        private final FeatureBit[] bits = new FeatureBit[Features.BITS];
        private final List<Rule> rules = new ArrayList<>();

        private Builder() {
            for (FeatureBit bit : VirtioFeature.values()) {
                add(bit);
            }
        }

        /**
         * A bit that needs nothing. Adding a bit again is allowed, and how one gets several needs.
         *
         * @throws IllegalArgumentException if the table knows its number by another name
         */
        public Builder add(FeatureBit bit) {
            FeatureBit there = bits[bit.bit()];
            if (there != null && !there.name().equals(bit.name())) {
                throw new IllegalArgumentException("bit " + bit.bit() + " is " + there.name() + ", not " + bit.name());
            }
            bits[bit.bit()] = bit;
            return this;
        }

        /** A bit that needs every one of {@code all}. */
        public Builder needsAll(FeatureBit bit, FeatureBit... all) {
            rules.add(new Rule(bit, Features.of(all), Features.NONE));
            return add(bit);
        }

        /** A bit that needs at least one of {@code any}. */
        public Builder needsAny(FeatureBit bit, FeatureBit... any) {
            rules.add(new Rule(bit, Features.NONE, Features.of(any)));
            return add(bit);
        }

        /** @throws IllegalArgumentException if a bit needs one that was not added */
        public FeatureTable build() {
            Features known = Features.NONE;
            for (FeatureBit bit : bits) {
                known = bit == null ? known : known.with(bit);
            }
            for (Rule rule : rules) {
                Features unknown = rule.all.or(rule.any).minus(known);
                if (!unknown.isEmpty()) {
                    throw new IllegalArgumentException(rule.bit.name() + " needs bits that were not added: " + unknown);
                }
            }
            return new FeatureTable(bits.clone(), known, List.copyOf(rules));
        }
    }
}
