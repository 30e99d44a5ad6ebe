package org.netdev4j.virtio;

/** Bits of a device type that exists in tests only. */
enum TestFeature implements FeatureBit {
    BASE(0),
    /** Needs BASE. */
    ON_BASE(1),
    /** Needs ON_BASE, so BASE too. */
    ON_TOP(2),
    LONE(3),
    /** Needs LONE or ON_BASE. */
    EITHER(64),
    /** Needs EITHER and BASE. */
    HIGHEST(70);

    private final int bit;

    TestFeature(int bit) {
        this.bit = bit;
    }

    @Override
    public int bit() {
        return bit;
    }

    static FeatureTable table() {
        return FeatureTable.builder().add(BASE).add(LONE).needsAll(HIGHEST, EITHER, BASE)
                .needsAny(EITHER, LONE, ON_BASE)
                .needsAll(ON_TOP, ON_BASE).needsAll(ON_BASE, BASE).build();
    }
}
