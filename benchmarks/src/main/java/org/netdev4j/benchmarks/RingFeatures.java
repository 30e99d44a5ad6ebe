package org.netdev4j.benchmarks;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/** The ring formats to compare. */
public enum RingFeatures {
    SPLIT, SPLIT_EVENT_IDX;

    Features negotiated() {
        return switch (this) {
            case SPLIT -> Features.NONE;
            case SPLIT_EVENT_IDX -> Features.of(VirtioFeature.EVENT_IDX);
        };
    }
}
