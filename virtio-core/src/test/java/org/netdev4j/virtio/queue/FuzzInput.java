package org.netdev4j.virtio.queue;

import java.util.EnumSet;
import java.util.Set;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/** The bytes of a fuzzer, read from front to back; past the end they are 0. */
final class FuzzInput {
    private static final VirtioFeature[] FEATURES = {VirtioFeature.RING_PACKED, VirtioFeature.EVENT_IDX,
        VirtioFeature.INDIRECT_DESC, VirtioFeature.IN_ORDER};
    private static final int[] FIRST_INDEXES = {0, 0x7ffe, 0x8000, 0xfffd};

    private final byte[] bytes;
    private int next;

    FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean isEmpty() {
        return next >= bytes.length;
    }

    /** 0..255. */
    int u8() {
        return next < bytes.length ? bytes[next++] & 0xff : 0;
    }

    /** 0..bound-1, of one byte. */
    int below(int bound) {
        return u8() % bound;
    }

    int u16() {
        return u8() | u8() << 8;
    }

    int i32() {
        return u16() | u16() << 16;
    }

    long i64() {
        return (i32() & 0xffff_ffffL) | (long) i32() << 32;
    }

    /** Ring formats by the bits of one byte. */
    Features features() {
        int bits = u8();
        Set<VirtioFeature> chosen = EnumSet.noneOf(VirtioFeature.class);
        for (int i = 0; i < FEATURES.length; i++) {
            if ((bits & 1 << i) != 0) {
                chosen.add(FEATURES[i]);
            }
        }
        return Features.of(chosen.toArray(VirtioFeature[]::new));
    }

    /** Descriptors of a small queue that is legal with {@code features}. */
    int size(Features features) {
        int size = below(8) + 1;
        return features.has(VirtioFeature.RING_PACKED) ? size : Integer.highestOneBit(size);
    }

    /** Where a queue starts, as {@link RingState} has it. */
    int firstPosition(Features features, int size) {
        int choice = u8();
        return features.has(VirtioFeature.RING_PACKED)
                ? (choice >>> 1) % size | (choice & 1) << 15
                : FIRST_INDEXES[choice % FIRST_INDEXES.length];
    }
}
