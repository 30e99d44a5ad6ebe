package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RttSummaryTest {
    private final RttSummary rtts = new RttSummary();

    @Test
    void summaryIsInMillisecondsAsPingPrintsIt() {
        rtts.add(100_000);
        rtts.add(200_000);
        rtts.add(600_000);
        assertEquals("rtt min/avg/max/mdev = 0.100/0.300/0.600/0.216 ms", rtts.toString());
    }

    @Test
    void oneTimeHasNoDeviation() {
        rtts.add(123_456);
        assertEquals("rtt min/avg/max/mdev = 0.123/0.123/0.123/0.000 ms", rtts.toString());
    }

    @Test
    void nothingMeasuredIsZeroAndHasNoHistogram() {
        assertEquals("rtt min/avg/max/mdev = 0.000/0.000/0.000/0.000 ms", rtts.toString());
        assertEquals("", rtts.histogram(true));
    }

    @Test
    void histogramHasALineForEachBucketBetweenShortestAndLongest() {
        for (int i = 0; i < 8; i++) {
            rtts.add(1_000);
        }
        rtts.add(5_000);
        rtts.add(9_999);
        assertEquals("""
                      1 us .. 2 us      ████████████████████████████████████████ 8
                      2 us .. 5 us                                               0
                      5 us .. 10 us     ██████████                               2
                """, rtts.histogram(true));
    }

    @Test
    void histogramHasEighthsOfABlock() {
        for (int i = 0; i < 320; i++) {
            rtts.add(1_000);
        }
        rtts.add(2_000);
        assertEquals("      2 us .. 5 us      ▏                                        1",
                rtts.histogram(true).lines().toList().get(1));
    }

    @Test
    void histogramWithoutBlockCharacters() {
        rtts.add(1_000_000);
        assertEquals("      1 ms .. 2 ms      ######################################## 1\n", rtts.histogram(false));
    }

    @Test
    void timesBelowTheFirstBoundAndBeyondTheLastHaveALine() {
        rtts.add(0);
        assertEquals("      0 us .. 1 us      ######################################## 1\n", rtts.histogram(false));
        RttSummary slow = new RttSummary();
        slow.add(Long.MAX_VALUE);
        assertEquals("      50 s .. more      ######################################## 1\n", slow.histogram(false));
    }
}
