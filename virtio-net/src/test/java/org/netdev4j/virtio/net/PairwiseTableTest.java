package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;

class PairwiseTableTest {
    private static final List<List<String>> FACTORS = List.of(List.of("split", "packed"), List.of("1", "2", "3"),
            List.of("on", "off"), List.of("a", "b"), List.of("x", "y"), List.of("p", "q"));

    @Test
    void everyTwoLevelsOfTwoFactorsMeetInARow() {
        List<List<String>> rows = PairwiseTable.rows(FACTORS);
        for (int a = 0; a < FACTORS.size(); a++) {
            for (int b = 0; b < a; b++) {
                for (String level : FACTORS.get(a)) {
                    for (String other : FACTORS.get(b)) {
                        assertTrue(meet(rows, a, level, b, other), level + " never meets " + other);
                    }
                }
            }
        }
    }

    private static boolean meet(List<List<String>> rows, int a, String level, int b, String other) {
        return rows.stream().anyMatch(row -> row.get(a).equals(level) && row.get(b).equals(other));
    }

    @Test
    void rowsAreFewAndTheSameEachTime() {
        List<List<String>> rows = PairwiseTable.rows(FACTORS);
        assertTrue(rows.size() <= 12, rows.size() + " rows instead of 96");
        assertEquals(rows, PairwiseTable.rows(FACTORS));
    }
}
