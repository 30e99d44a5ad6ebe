package org.netdev4j.virtio.net;

import org.netdev4j.virtio.FeatureBit;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** The features that say what a ring looks like. */
final class RingFeatures {
    private RingFeatures() {}

    /** Any of them, in any company. */
    static Arbitrary<Features> any() {
        return Arbitraries.of(VirtioFeature.RING_PACKED, VirtioFeature.EVENT_IDX, VirtioFeature.INDIRECT_DESC,
                VirtioFeature.IN_ORDER).set().map(features -> Features.of(features.toArray(FeatureBit[]::new)));
    }
}
