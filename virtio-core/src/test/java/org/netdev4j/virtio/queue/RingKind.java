package org.netdev4j.virtio.queue;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/** A combination of the features that change what a ring looks like or how it is used. */
record RingKind(boolean packed, boolean indirect, boolean eventIndex, boolean inOrder) {
    static List<RingKind> all() {
        List<RingKind> kinds = new ArrayList<>();
        for (int bits = 0; bits < 16; bits++) {
            kinds.add(new RingKind((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0));
        }
        return kinds;
    }

    Features features() {
        Features features = packed ? Features.of(VirtioFeature.RING_PACKED) : Features.NONE;
        features = indirect ? features.with(VirtioFeature.INDIRECT_DESC) : features;
        features = eventIndex ? features.with(VirtioFeature.EVENT_IDX) : features;
        return inOrder ? features.with(VirtioFeature.IN_ORDER) : features;
    }

    /** The largest legal size up to {@code size}. */
    int size(int size) {
        return packed ? size : Integer.highestOneBit(size);
    }

    /**
     * Where a ring of {@code size} starts for a number of 16 bits: a ring index as it is; in a packed ring as far from the
     * beginning or the end, with bit 15 as wrap counter.
     */
    int position(int number, int size) {
        if (!packed) {
            return number;
        }
        int slot = number & 0x7fff;
        int inRing = slot < 0x4000 ? slot % size : size - 1 - (0x7fff - slot) % size;
        return inRing | (number & 0x8000);
    }

    /** Positions of a ring that a buffer of {@code descriptors} goes over. */
    int positions(int descriptors) {
        return packed ? descriptors : 1;
    }

    @Override
    public String toString() {
        return (packed ? "packed" : "split") + (indirect ? "+indirect" : "") + (eventIndex ? "+event-index" : "")
                + (inOrder ? "+in-order" : "");
    }
}
