package org.netdev4j.virtio.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What one whole run of a module's tests says, and its file in target/conformance: the build on the first line, then a line
 * for each test.
 *
 * @param build names the build the run was part of, so that an older file is not taken for it
 */
record TestRun(String build, List<TestResult> results) {

    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(build);
        for (TestResult result : results) {
            lines.add(result.outcome() + "\t" + result.test() + "\t" + String.join(" ", result.rules()));
        }
        Files.createDirectories(file.getParent());
        Files.write(file, lines);
    }

    static TestRun read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        List<TestResult> results = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split("\t", -1);
            SortedSet<String> rules = new TreeSet<>(List.of(fields[2].split(" ")));
            results.add(new TestResult(fields[1], Outcome.valueOf(fields[0]), rules));
        }
        return new TestRun(lines.getFirst(), results);
    }
}
