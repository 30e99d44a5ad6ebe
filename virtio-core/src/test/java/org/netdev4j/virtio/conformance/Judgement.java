package org.netdev4j.virtio.conformance;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Rows against tests. A row is proven when each of its clauses has a test that passed, and no test that carries it failed.
 *
 * @param strays ids in tests that no row has
 */
record Judgement(List<Verdict> verdicts, List<String> strays) {

    static Judgement of(List<Row> rows, Collection<TestResult> results) {
        Map<String, Row> byId = new LinkedHashMap<>();
        for (Row row : rows) {
            if (byId.put(row.id(), row) != null) {
                throw new IllegalArgumentException(row.id() + " is there twice");
            }
        }
        List<String> strays = new ArrayList<>();
        for (TestResult result : results) {
            for (String id : result.rules()) {
                Row row = byId.get(rowOf(id));
                if (row == null) {
                    strays.add(id + ": no such rule; carried by " + result.test());
                } else if (!id.equals(row.id()) && !clauseIds(row).contains(id)) {
                    strays.add(
                            id + ": " + row.id() + " has " + row.clauses() + " clauses; carried by " + result.test());
                }
            }
        }
        return new Judgement(rows.stream().map(row -> judge(row, results)).toList(), strays);
    }

    /** Why the build fails: every claim that is not proven, every id that does not exist. */
    List<String> errors() {
        List<String> errors = new ArrayList<>(strays);
        for (Verdict verdict : verdicts) {
            if (verdict.status() == Verdict.Status.FAIL) {
                verdict.problems().forEach(problem -> errors.add(verdict.row().id() + ": " + problem));
            }
        }
        return errors;
    }

    /** What could be claimed. */
    List<String> hints() {
        return verdicts.stream().filter(verdict -> !verdict.row().isClaimed() && verdict.isProven())
                .map(verdict -> verdict.row().id() + " is proven and not claimed").toList();
    }

    private static Verdict judge(Row row, Collection<TestResult> results) {
        List<TestResult> carriers = new ArrayList<>();
        for (TestResult result : results) {
            SortedSet<String> ids = new TreeSet<>(result.rules());
            ids.removeIf(id -> !rowOf(id).equals(row.id()));
            if (!ids.isEmpty()) {
                carriers.add(new TestResult(result.test(), result.outcome(), ids));
            }
        }
        List<TestResult> proof = carriers.stream().filter(result -> result.outcome() == Outcome.PASSED).toList();
        List<String> problems = new ArrayList<>();
        for (TestResult result : carriers) {
            if (result.outcome() == Outcome.FAILED) {
                problems.add(result.test() + " failed");
            }
        }
        String missing = clauseIds(row).stream().filter(clause -> proof.stream().noneMatch(
                result -> result.rules().contains(row.id()) || result.rules().contains(clause)))
                .collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            String skipped = carriers.stream().filter(result -> result.outcome() == Outcome.SKIPPED)
                    .map(TestResult::test).collect(Collectors.joining(", "));
            problems.add((proof.isEmpty() ? "no test passed" : "no test passed for " + missing)
                    + (skipped.isEmpty() ? "" : "; skipped: " + skipped));
        }
        return new Verdict(row, proof, problems);
    }

    /** {@code SQ13.1}, {@code SQ13.2}; the row itself where it is one clause. */
    private static List<String> clauseIds(Row row) {
        return row.clauses() == 1
                ? List.of(row.id())
                : IntStream.rangeClosed(1, row.clauses()).mapToObj(clause -> row.id() + "." + clause).toList();
    }

    private static String rowOf(String id) {
        int dot = id.indexOf('.');
        return dot < 0 ? id : id.substring(0, dot);
    }
}
