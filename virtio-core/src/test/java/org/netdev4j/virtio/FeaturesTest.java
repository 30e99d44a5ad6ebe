package org.netdev4j.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class FeaturesTest {
    @Property
    void aBitThatIsSetIsTheOnlyOneThere(@ForAll @IntRange(max = 127) int bit, @ForAll @IntRange(max = 127) int other) {
        Features features = Features.NONE.with(bit);
        assertTrue(features.has(bit));
        assertEquals(bit == other, features.has(other));
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void differenceAndIntersectionMakeTheWhole(@ForAll long low, @ForAll long high, @ForAll long otherLow,
            @ForAll long otherHigh) {
        Features features = new Features(low, high);
        Features other = new Features(otherLow, otherHigh);
        assertEquals(features, features.minus(other).or(features.and(other)));
        assertTrue(features.and(other).isSubsetOf(other));
        assertTrue(features.minus(other).and(other).isEmpty());
    }

    @Test
    void subsetsLookAtBothHalves() {
        assertTrue(Features.NONE.isSubsetOf(Features.NONE));
        assertFalse(Features.NONE.with(3).isSubsetOf(Features.NONE.with(67)));
        assertFalse(Features.NONE.with(67).isSubsetOf(Features.NONE.with(3)));
    }

    @Test
    void withoutTakesOneBitAway() {
        assertEquals(Features.of(TestFeature.BASE), Features.of(TestFeature.BASE, TestFeature.HIGHEST)
                .without(TestFeature.HIGHEST));
    }

    @Test
    void thereAre128Bits() {
        assertThrows(IndexOutOfBoundsException.class, () -> Features.NONE.with(128));
        assertThrows(IndexOutOfBoundsException.class, () -> Features.NONE.has(-1));
    }

    @Test
    void textIsTheNumbersOfTheBits() {
        assertEquals("{}", Features.NONE.toString());
        assertEquals("{0, 63, 64, 127}", Features.NONE.with(0).with(63).with(64).with(127).toString());
    }
}
