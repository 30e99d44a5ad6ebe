package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TokenBucketTest {
    @Test
    void givesABurstThenOneForEachInterval() {
        TokenBucket bucket = new TokenBucket(2, 100, 5_000);
        assertTrue(bucket.take(5_000));
        assertTrue(bucket.take(5_000));
        assertFalse(bucket.take(5_099));
        assertTrue(bucket.take(5_100));
        assertFalse(bucket.take(5_199));
        assertTrue(bucket.take(5_200));
    }

    @Test
    void neverHoldsMoreThanABurst() {
        TokenBucket bucket = new TokenBucket(2, 100, 0);
        assertTrue(bucket.take(1_000_000));
        assertTrue(bucket.take(1_000_000));
        assertFalse(bucket.take(1_000_000));
    }

    @Test
    void worksAcrossTheEndOfTheClocksRange() {
        TokenBucket bucket = new TokenBucket(1, 100, Long.MAX_VALUE - 10);
        assertTrue(bucket.take(Long.MAX_VALUE));
        assertFalse(bucket.take(Long.MIN_VALUE));
        assertTrue(bucket.take(Long.MIN_VALUE + 100));
    }
}
