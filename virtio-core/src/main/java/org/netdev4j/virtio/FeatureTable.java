package org.netdev4j.virtio;

import java.util.List;

/**
 * The feature bits of one device type with what each needs (virtio 1.4 §2.2.1, §5.1.3.1), and the operations negotiation is
 * made of.
 */
public final class FeatureTable {
    private FeatureTable() {}

    /** Starts a table that knows the bits of {@link VirtioFeature}. */
    public static Builder builder() {
        throw new UnsupportedOperationException();
    }

    /** Drops every bit whose needs are not met, to a fixed point. Bits the table does not know are dropped too. */
    public Features close(Features features) {
        throw new UnsupportedOperationException();
    }

    /** Names of the set bits in bit order; a bit the table does not know is "bit N". */
    public List<String> names(Features features) {
        throw new UnsupportedOperationException();
    }

    /** The bit of that name, for device strings ({@code features=+MRG_RXBUF-CSUM}), or null. */
    public FeatureBit find(String name) {
        throw new UnsupportedOperationException();
    }

    /** A table under construction. */
    public static final class Builder {
        private Builder() {}

        /** A bit that needs nothing. */
        public Builder add(FeatureBit bit) {
            throw new UnsupportedOperationException();
        }

        /** A bit that needs every one of {@code all}. */
        public Builder needsAll(FeatureBit bit, FeatureBit... all) {
            throw new UnsupportedOperationException();
        }

        /** A bit that needs at least one of {@code any}. */
        public Builder needsAny(FeatureBit bit, FeatureBit... any) {
            throw new UnsupportedOperationException();
        }

        public FeatureTable build() {
            throw new UnsupportedOperationException();
        }
    }
}
