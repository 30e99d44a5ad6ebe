package org.netdev4j.benchmarks;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/** The ring formats to compare. */
public enum RingFeatures {
    SPLIT, SPLIT_EVENT_IDX, SPLIT_IN_ORDER, PACKED, PACKED_EVENT_IDX, PACKED_IN_ORDER;

    Features negotiated() {
        return switch (this) {
            case SPLIT -> Features.NONE;
            case SPLIT_EVENT_IDX -> Features.of(VirtioFeature.EVENT_IDX);
            case SPLIT_IN_ORDER -> Features.of(VirtioFeature.IN_ORDER);
            case PACKED -> Features.of(VirtioFeature.RING_PACKED);
            case PACKED_EVENT_IDX -> Features.of(VirtioFeature.RING_PACKED, VirtioFeature.EVENT_IDX);
            case PACKED_IN_ORDER -> Features.of(VirtioFeature.RING_PACKED, VirtioFeature.IN_ORDER);
        };
    }
}
