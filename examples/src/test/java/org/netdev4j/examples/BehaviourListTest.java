package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** Every row of docs/BEHAVIOURS.md names tests that are there, and no row of the walk-throughs is missing. */
class BehaviourListTest {
    private static final Pattern ROW = Pattern.compile("^\\| (\\d\\.\\d+) \\|.*\\| (.*) \\|$", Pattern.MULTILINE);
    private static final Pattern IS_TEST = Pattern.compile("@(Test|ParameterizedTest|Property)\\b");
    private static final Pattern TEST = Pattern.compile("`(\\w+)(?:\\.(\\w+))?`");

    @Test
    void everyRowHasItsTests() throws IOException {
        List<String> rows = new ArrayList<>();
        Matcher row = ROW.matcher(TestSources.read(TestSources.ROOT.resolve("docs/BEHAVIOURS.md")));
        while (row.find()) {
            rows.add(row.group(1));
            Matcher test = TEST.matcher(row.group(2));
            assertTrue(test.find(), row.group(1) + " names no test");
            do {
                assertTrue(isThere(test.group(1), test.group(2)), row.group(1) + ": there is no test " + test.group());
            } while (test.find());
        }
        assertEquals(Stream.of(rows("0", 6), rows("1", 10), rows("3", 12), rows("4", 40)).flatMap(s -> s).toList(),
                rows);
    }

    private static Stream<String> rows(String walkThrough, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(number -> walkThrough + "." + number);
    }

    /** @param method null: any of the class */
    private static boolean isThere(String className, String method) throws IOException {
        return TestSources.of(className)
                .anyMatch(source -> method == null ? IS_TEST.matcher(source).find() : hasTest(source, method));
    }

    private static boolean hasTest(String source, String method) {
        int at = source.indexOf("void " + method + "(");
        return at >= 0 && IS_TEST.matcher(source.substring(source.lastIndexOf("\n\n", at), at)).find();
    }
}
