package org.netdev4j.netdev;

import java.util.Collection;
import java.util.Comparator;

/** What someone who mistyped a word probably meant. */
final class ClosestMatch {
    private static final int MAX_EDITS = 2;

    private ClosestMatch() {}

    /** {@code " (did you mean "tap"?)"}, or the empty string when nothing known is near. */
    static String hint(String word, Collection<String> known) {
        return known.stream()
                .filter(candidate -> edits(word, candidate) <= Math.min(MAX_EDITS, candidate.length() - 1))
                .min(Comparator.comparingInt((String candidate) -> edits(word, candidate))
                        .thenComparing(Comparator.naturalOrder()))
                .map(candidate -> " (did you mean \"" + candidate + "\"?)").orElse("");
    }

    /** Levenshtein distance: letters to insert, remove or replace. */
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
