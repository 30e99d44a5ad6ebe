package org.netdev4j.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.TestFeature.BASE;
import static org.netdev4j.virtio.TestFeature.EITHER;
import static org.netdev4j.virtio.TestFeature.HIGHEST;
import static org.netdev4j.virtio.TestFeature.LONE;
import static org.netdev4j.virtio.TestFeature.ON_BASE;
import static org.netdev4j.virtio.TestFeature.ON_TOP;
import static org.netdev4j.virtio.VirtioFeature.RING_PACKED;
import static org.netdev4j.virtio.VirtioFeature.VERSION_1;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class FeatureTableTest {
    private static final FeatureTable TABLE = TestFeature.table();

    @Test
    @Rule("FT2")
    void aBitWithoutWhatItNeedsIsDropped() {
        assertEquals(Features.NONE, TABLE.close(Features.of(ON_BASE)));
        assertEquals(Features.of(BASE, ON_BASE), TABLE.close(Features.of(BASE, ON_BASE)));
    }

    @Test
    void droppingGoesOnUntilNothingChanges() {
        assertEquals(Features.NONE, TABLE.close(Features.of(ON_TOP, ON_BASE, EITHER, HIGHEST)));
    }

    @Test
    void oneOfSeveralIsEnoughWhereTheRuleSaysSo() {
        assertEquals(Features.of(EITHER, LONE), TABLE.close(Features.of(EITHER, LONE)));
        assertEquals(Features.of(EITHER, BASE, ON_BASE), TABLE.close(Features.of(EITHER, BASE, ON_BASE)));
        assertEquals(Features.NONE, TABLE.close(Features.of(EITHER)));
    }

    @Test
    void aBitMayHaveSeveralRules() {
        FeatureTable table = FeatureTable.builder().add(BASE).add(LONE).add(ON_TOP).needsAll(EITHER, BASE)
                .needsAny(EITHER, LONE, ON_TOP).build();
        assertEquals(Features.of(BASE), table.close(Features.of(EITHER, BASE)));
        assertEquals(Features.of(LONE), table.close(Features.of(EITHER, LONE)));
        assertEquals(Features.of(EITHER, BASE, LONE), table.close(Features.of(EITHER, BASE, LONE)));
    }

    @Test
    @Rule("FT3")
    void theBitsOfEveryDeviceTypeAreKnownAndOthersAreDropped() {
        assertEquals(Features.of(VERSION_1, RING_PACKED),
                TABLE.close(Features.of(VERSION_1, RING_PACKED).with(58).with(127)));
    }

    @Test
    void namesAreInBitOrderAndUnknownBitsAreNumbered() {
        assertEquals(List.of("BASE", "VERSION_1", "bit 58", "EITHER"),
                TABLE.names(Features.of(EITHER, VERSION_1, BASE).with(58)));
    }

    @Test
    void aBitIsFoundByItsNameInAnyCase() {
        assertSame(EITHER, TABLE.find("EITHER"));
        assertSame(RING_PACKED, TABLE.find("ring_packed"));
        assertNull(TABLE.find("NO_SUCH"));
    }

    @Test
    void aNumberHasOneName() {
        FeatureBit rival = new FeatureBit() {
            @Override
            public int bit() {
                return BASE.bit();
            }

            @Override
            public String name() {
                return "RIVAL";
            }
        };
        FeatureTable.Builder builder = FeatureTable.builder().add(BASE).add(BASE);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> builder.add(rival));
        assertEquals("bit 0 is BASE, not RIVAL", e.getMessage());
    }

    @Test
    void whatIsNeededMustBeInTheTable() {
        FeatureTable.Builder builder = FeatureTable.builder().needsAll(ON_BASE, BASE);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, builder::build);
        assertEquals("ON_BASE needs bits that were not added: {0}", e.getMessage());
    }

    @Property
    void closingTwiceChangesNothing(@ForAll("features") Features features) {
        Features once = TABLE.close(features);
        assertEquals(once, TABLE.close(once));
    }

    @Property
    void closingAddsNothing(@ForAll("features") Features features) {
        assertTrue(TABLE.close(features).isSubsetOf(features.and(TABLE.known())));
    }

    @Property
    void closingMoreKeepsAtLeastAsMuch(@ForAll("features") Features some, @ForAll("features") Features more) {
        assertTrue(TABLE.close(some).isSubsetOf(TABLE.close(some.or(more))));
    }

    @Property
    @Rule("FT2")
    void whatIsLeftKeepsEveryRule(@ForAll("features") Features features) {
        Features left = TABLE.close(features);
        assertTrue(!left.has(ON_BASE) || left.has(BASE));
        assertTrue(!left.has(ON_TOP) || left.has(ON_BASE));
        assertTrue(!left.has(EITHER) || left.has(LONE) || left.has(ON_BASE));
        assertTrue(!left.has(HIGHEST) || (left.has(EITHER) && left.has(BASE)));
    }

    @Property
    void nothingIsDroppedWithoutNeed(@ForAll("features") Features features) {
        Features left = TABLE.close(features);
        for (TestFeature bit : TestFeature.values()) {
            if (features.has(bit) && !left.has(bit)) {
                assertEquals(left, TABLE.close(left.with(bit)), bit + " could have stayed");
            }
        }
    }

    /** Mostly bits that the table knows. */
    @Provide
    Arbitrary<Features> features() {
        Arbitrary<Features> known = Arbitraries.of(TestFeature.class).set().ofMaxSize(6)
                .map(bits -> Features.of(bits.toArray(FeatureBit[]::new)));
        Arbitrary<Features> any = Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(Features::new);
        return Arbitraries.frequencyOf(Tuple.of(4, known), Tuple.of(1, any));
    }
}
