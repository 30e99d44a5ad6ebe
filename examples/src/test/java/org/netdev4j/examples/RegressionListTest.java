package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

/** Every line of docs/REGRESSIONS.md names tests, and each of these says that it is for that line. */
class RegressionListTest {
    private static final int LINES = 27;
    private static final Pattern ROW = Pattern.compile("^\\| (\\d+) \\|.*\\| (.*) \\|$", Pattern.MULTILINE);
    private static final Pattern CLASS = Pattern.compile("`(\\w+)`");

    @Test
    void everyLineHasItsTests() throws IOException {
        List<Integer> lines = new ArrayList<>();
        Matcher row = ROW.matcher(TestSources.read(TestSources.ROOT.resolve("docs/REGRESSIONS.md")));
        while (row.find()) {
            int line = Integer.parseInt(row.group(1));
            lines.add(line);
            Matcher tests = CLASS.matcher(row.group(2));
            assertTrue(tests.find(), "line " + line + " names no test");
            do {
                String test = tests.group(1);
                assertTrue(TestSources.of(test).anyMatch(source -> isFor(line, source)),
                        test + " has no test for line " + line);
            } while (tests.find());
        }
        assertEquals(IntStream.rangeClosed(1, LINES).boxed().toList(), lines);
    }

    private static boolean isFor(int line, String source) {
        return Pattern.compile("regression (\\d+ and )?" + line + "\\b", Pattern.CASE_INSENSITIVE).matcher(source)
                .find();
    }
}
