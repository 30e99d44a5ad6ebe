package org.netdev4j.virtio.net;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Few combinations of many factors in which every two levels of every two factors meet: most faults of combinations are faults
 * of two. Built greedily, the same each time.
 */
final class PairwiseTable {
    private final List<List<String>> factors;
    private final Set<Pair> missing = new LinkedHashSet<>();

    private record Pair(int factor, String level, int otherFactor, String otherLevel) {}

    private PairwiseTable(List<List<String>> factors) {
        this.factors = factors;
        for (int a = 0; a < factors.size(); a++) {
            for (int b = a + 1; b < factors.size(); b++) {
                for (String level : factors.get(a)) {
                    for (String other : factors.get(b)) {
                        missing.add(new Pair(a, level, b, other));
                    }
                }
            }
        }
    }

    /** @param factors the levels of each. @return rows with one level of each factor, in their order */
    static List<List<String>> rows(List<List<String>> factors) {
        PairwiseTable table = new PairwiseTable(factors);
        List<List<String>> rows = new ArrayList<>();
        while (!table.missing.isEmpty()) {
            List<String> row = table.nextRow();
            table.missing.removeIf(pair -> row.get(pair.factor).equals(pair.level)
                    && row.get(pair.otherFactor).equals(pair.otherLevel));
            rows.add(row);
        }
        return rows;
    }

    /** Begins with a pair that is missing, and takes for each factor the level that meets most of what is missing. */
    private List<String> nextRow() {
        Pair first = missing.iterator().next();
        String[] row = new String[factors.size()];
        row[first.factor] = first.level;
        row[first.otherFactor] = first.otherLevel;
        for (int factor = 0; factor < row.length; factor++) {
            if (row[factor] == null) {
                row[factor] = best(row, factor);
            }
        }
        return List.of(row);
    }

    private String best(String[] row, int factor) {
        String best = null;
        long most = -1;
        for (String level : factors.get(factor)) {
            long met = missing.stream().filter(pair -> meets(pair, row, factor, level)).count();
            if (met > most) {
                most = met;
                best = level;
            }
        }
        return best;
    }

    private static boolean meets(Pair pair, String[] row, int factor, String level) {
        if (pair.factor == factor) {
            return pair.level.equals(level) && pair.otherLevel.equals(row[pair.otherFactor]);
        }
        return pair.otherFactor == factor && pair.otherLevel.equals(level) && pair.level.equals(row[pair.factor]);
    }
}
