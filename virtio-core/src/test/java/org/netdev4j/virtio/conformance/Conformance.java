package org.netdev4j.virtio.conformance;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The last step of {@code mvn verify}: writes CONFORMANCE.md from docs/conformance.tsv and what the tests of all modules
 * proved, and fails the build if a claimed rule is not proven. When not all tests were run, it does neither and says so.
 */
public final class Conformance {
    private final Path root;
    private final PrintStream out;

    Conformance(Path root, PrintStream out) {
        this.root = root;
        this.out = out;
    }

    /** Arguments: root of the repository, name of this build, and below the root the file of every run of tests it takes. */
    public static void main(String[] args) throws IOException {
        List<String> arguments = List.of(args);
        boolean proven = new Conformance(Path.of(arguments.get(0)), System.out)
                .judge(arguments.get(1), arguments.subList(2, arguments.size()));
        System.exit(proven ? 0 : 1);
    }

    /** False if a claim is not proven. */
    boolean judge(String build, List<String> records) throws IOException {
        List<TestResult> results = new ArrayList<>();
        Map<String, String> sources = new HashMap<>();
        List<String> absent = new ArrayList<>();
        for (String record : records) {
            Path file = root.resolve(record);
            TestRun run = Files.exists(file) ? TestRun.read(file) : null;
            if (run == null || !run.build().equals(build)) {
                absent.add(record);
                continue;
            }
            results.addAll(run.results());
            run.results().forEach(result -> sources.put(result.className(), source(record, result.className())));
        }
        if (!absent.isEmpty()) {
            out.println("Conformance is not judged and CONFORMANCE.md left alone: not every test ran in this build, of "
                    + absent + " there is no record.");
            return true;
        }
        Judgement judgement = Judgement.of(Row.read(root.resolve("docs/conformance.tsv")), results);
        Files.writeString(root.resolve("CONFORMANCE.md"), new Report(judgement.verdicts(), sources::get).markdown());
        judgement.hints().forEach(hint -> out.println("Conformance: " + hint));
        judgement.errors().forEach(error -> out.println("Conformance: ERROR " + error));
        return judgement.errors().isEmpty();
    }

    /** A nested class is in the file of the outermost. */
    private static String source(String record, String className) {
        String module = record.substring(0, record.indexOf('/'));
        return module + "/src/test/java/" + className.replaceFirst("\\$.*", "").replace('.', '/') + ".java";
    }
}
