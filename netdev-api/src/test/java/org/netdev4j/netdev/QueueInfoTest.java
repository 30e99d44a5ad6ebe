package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueueInfoTest {
    private final QueueInfo ring = new QueueInfo(1024, 2, 256, true);

    @Test
    void zeroIsTheDefault() {
        assertEquals(256, ring.check(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 512, 1024})
    void sizesWithinTheLimitsAreKept(int size) {
        assertEquals(size, ring.check(size));
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, 1, 3, 1000, 2048, Integer.MIN_VALUE})
    void otherSizesAreRefusedNamingTheLimits(int size) {
        NetDevException e = assertThrows(NetDevException.class, () -> ring.check(size));
        assertEquals("queue size " + size
                + " is not possible: allowed is a power of two from 2 to 1024 descriptors, or 0 for 256",
                e.getMessage());
    }

    @Test
    void aPackedRingNeedsNoPowerOfTwo() {
        assertEquals(1000, new QueueInfo(1024, 1, 256, false).check(1000));
    }

    @Test
    void contradictoryLimitsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new QueueInfo(128, 2, 256, true));
        assertThrows(IllegalArgumentException.class, () -> new QueueInfo(1024, 0, 256, true));
        assertThrows(IllegalArgumentException.class, () -> new QueueInfo(1024, 2, 100, true));
    }
}
