package org.netdev4j.virtio.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.netdev4j.virtio.conformance.Verdict.Status;

/** CONFORMANCE.md: the same text for the same results. */
final class Report {
    private static final String HEAD = """
            # Conformance

            What the tests of this repository prove of virtio 1.4. `mvn verify` writes this file from the tests that ran, and
            fails when a claimed rule has no test that passed; [docs/TESTING.md](docs/TESTING.md) says how. The rules are
            numbered and worded by us (clauses of one rule are separated by semicolons: the second of SQ13 is SQ13.2); the
            section of the specification is what counts.

            Levels: M must, MN must not, S should, SN should not, m may, - described only.
            """;
    private static final String PACKAGE = "org.netdev4j.virtio.";

    private final Map<String, List<Verdict>> groups;
    private final Function<String, String> sources;
    private final SortedMap<String, String> links = new TreeMap<>();

    /** @param sources path of the source of a test class, by its binary name */
    Report(List<Verdict> verdicts, Function<String, String> sources) {
        this.sources = sources;
        groups = verdicts.stream().collect(
                Collectors.groupingBy(verdict -> verdict.row().group(), LinkedHashMap::new, Collectors.toList()));
    }

    String markdown() {
        List<String> lines = new ArrayList<>();
        lines.add(HEAD);
        summary(lines);
        groups.forEach((group, verdicts) -> group(lines, group, verdicts));
        lines.add("");
        links.forEach((label, path) -> lines.add("[" + label + "]: " + path));
        return String.join("\n", lines) + "\n";
    }

    private void summary(List<String> lines) {
        lines.add("| | pass | fail | not claimed |");
        lines.add("|---|--:|--:|--:|");
        groups.forEach((group, verdicts) -> lines.add(counts(group, verdicts)));
        lines.add(counts("**all**", groups.values().stream().flatMap(List::stream).toList()));
    }

    private static String counts(String title, List<Verdict> verdicts) {
        StringJoiner cells = new StringJoiner(" | ", "| ", " |").add(title);
        for (Status status : Status.values()) {
            cells.add(Long.toString(verdicts.stream().filter(verdict -> verdict.status() == status).count()));
        }
        return cells.toString();
    }

    private void group(List<String> lines, String group, List<Verdict> verdicts) {
        lines.add("\n## " + group + "\n");
        lines.add("| | § | who | level | rule | | proven by |");
        lines.add("|---|---|---|---|---|---|---|");
        for (Verdict verdict : verdicts) {
            Row row = verdict.row();
            lines.add("| "
                    + String.join(" | ", row.id(), row.section(), who(row), row.level(), row.rule(), status(verdict),
                            proof(verdict))
                    + " |");
        }
    }

    private static String who(Row row) {
        return switch (row.who()) {
            case "D" -> "driver";
            case "V" -> "device";
            default -> "both";
        };
    }

    private static String status(Verdict verdict) {
        return switch (verdict.status()) {
            case PASS -> "pass";
            case FAIL -> "**fail**";
            case NOT_CLAIMED -> "not claimed: " + verdict.row().claim();
        };
    }

    /** {@code [queue.SplitVirtqueueTest] aMethod, another (.2)}, a class after the other. */
    private String proof(Verdict verdict) {
        Map<String, StringJoiner> methods = new LinkedHashMap<>();
        for (TestResult result : verdict.proof()) {
            methods.computeIfAbsent(label(result.className()), label -> new StringJoiner(", "))
                    .add(result.methodName() + clauses(result));
        }
        return methods.entrySet().stream().map(entry -> "[" + entry.getKey() + "] " + entry.getValue())
                .collect(Collectors.joining("; "));
    }

    private String label(String className) {
        String label = (className.startsWith(PACKAGE) ? className.substring(PACKAGE.length()) : className).replace('$',
                '.');
        links.put(label, sources.apply(className));
        return label;
    }

    private static String clauses(TestResult result) {
        String clauses = result.rules().stream().filter(id -> id.contains(".")).map(id -> id.substring(id.indexOf('.')))
                .collect(Collectors.joining(" "));
        return clauses.isEmpty() ? "" : " (" + clauses + ")";
    }
}
