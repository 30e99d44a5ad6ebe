package org.netdev4j.virtio.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.netdev4j.virtio.conformance.Outcome.FAILED;
import static org.netdev4j.virtio.conformance.Outcome.PASSED;
import static org.netdev4j.virtio.conformance.Outcome.SKIPPED;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class RuleListenerTest {
    @Test
    void aTestCarriesTheRulesOfItsMethodAndItsClass() {
        assertEquals(Map.of("OnBoth#passes", "PASSED A1 B2 C3", "OnBoth#alsoPasses", "PASSED A1"), run(OnBoth.class));
    }

    @Rule("A1")
    static class OnBoth {
        @Test
        @Rule({"C3", "B2"})
        void passes() {}

        @Test
        void alsoPasses() {}
    }

    @Test
    void aTestWithoutRulesIsLeftOut() {
        assertEquals(Map.of(), run(WithoutRules.class));
    }

    static class WithoutRules {
        @Test
        void passes() {}
    }

    @Test
    void onlyWhatEndedWellPassed() {
        assertEquals(Map.of("Ends#fails", "FAILED A1", "Ends#aborts", "SKIPPED A1", "Ends#isDisabled", "SKIPPED A1"),
                run(Ends.class));
    }

    @Rule("A1")
    static class Ends {
        @Test
        void fails() {
            fail();
        }

        @Test
        void aborts() {
            abort();
        }

        @Test
        @Disabled
        void isDisabled() {}
    }

    @Test
    void aParameterisedTestIsAsGoodAsItsWorstRun() {
        assertEquals(Map.of("Parameterised#isPositive", "FAILED A1", "Parameterised#isOne", "PASSED A1",
                "Parameterised#hasNoRuns", "FAILED A1"), run(Parameterised.class));
    }

    @Rule("A1")
    static class Parameterised {
        @ParameterizedTest
        @ValueSource(ints = {1, -1, 2})
        void isPositive(int n) {
            assertTrue(n > 0);
        }

        @ParameterizedTest
        @ValueSource(ints = 1)
        void isOne(int n) {
            assertEquals(1, n);
        }

        @ParameterizedTest
        @MethodSource("none")
        void hasNoRuns(int n) {}

        static Stream<Integer> none() {
            return Stream.empty();
        }
    }

    @Test
    void aPropertyIsATest() {
        assertEquals(Map.of("WithProperties#holds", "PASSED A1"), run(WithProperties.class));
    }

    @Rule("A1")
    static class WithProperties {
        @Property(tries = 5)
        boolean holds(@ForAll int n) {
            return true;
        }
    }

    @Test
    void everyClassThatInheritsATestAnswersForIt() {
        assertEquals(Map.of("Good#holds", "PASSED A1", "Good#property", "PASSED A1", "Bad#holds", "FAILED A1 B2",
                "Bad#property", "PASSED A1 B2"), run(Good.class, Bad.class));
    }

    @Rule("A1")
    abstract static class Contract {
        @Test
        void holds() {
            assertTrue(isKept());
        }

        @Property(tries = 2)
        boolean property(@ForAll int n) {
            return true;
        }

        abstract boolean isKept();
    }

    static class Good extends Contract {
        @Override
        boolean isKept() {
            return true;
        }
    }

    @Rule("B2")
    static class Bad extends Contract {
        @Override
        boolean isKept() {
            return false;
        }
    }

    @Test
    void aNestedClassCarriesTheRulesOfTheOuter() {
        assertEquals(Map.of("Outer$Inner#passes", "PASSED A1 B2"), run(Outer.class));
    }

    @Rule("A1")
    static class Outer {
        @Nested
        @Rule("B2")
        class Inner {
            @Test
            void passes() {}
        }
    }

    @Test
    void aClassThatCannotBeginFailsAllItsTests() {
        assertEquals(Map.of("NeverBegins#passes", "FAILED A1", "NeverBegins$Inner#passes", "FAILED A1",
                "Skipped#passes", "SKIPPED A1"), run(NeverBegins.class, Skipped.class));
    }

    @Rule("A1")
    static class NeverBegins {
        @BeforeAll
        static void begin() {
            fail();
        }

        @Test
        void passes() {}

        @Nested
        class Inner {
            @Test
            void passes() {}
        }
    }

    @Rule("A1")
    @Disabled
    static class Skipped {
        @Test
        void passes() {}
    }

    @Test
    void aWholeRunIsWrittenDown(@TempDir Path directory) throws IOException {
        Path record = directory.resolve("conformance/surefire.tsv");
        execute(listener(Map.of("conformance.record", record.toString(), "conformance.build", "build 7")),
                OnBoth.class);

        TestRun run = TestRun.read(record);

        assertEquals("build 7", run.build());
        assertEquals(List.of("alsoPasses", "passes"), run.results().stream().map(TestResult::methodName).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"test", "it.test", "groups", "excludedGroups"})
    void aNarrowedRunIsNot(String selection, @TempDir Path directory) {
        Path record = directory.resolve("surefire.tsv");
        execute(listener(
                Map.of("conformance.record", record.toString(), "conformance.build", "build 7", selection, "x")),
                OnBoth.class);
        assertFalse(Files.exists(record));
    }

    @Test
    void theWorstIsFailed() {
        assertEquals(FAILED, PASSED.orWorse(FAILED).orWorse(SKIPPED));
        assertEquals(SKIPPED, SKIPPED.orWorse(PASSED));
    }

    /** The test as Class#method, then its outcome and rules. */
    private static Map<String, String> run(Class<?>... classes) {
        RuleListener listener = listener(Map.of());
        execute(listener, classes);
        List<TestResult> results = listener.run().results();
        String prefix = RuleListenerTest.class.getName() + "$";
        return results.stream().collect(Collectors.toMap(result -> result.test().substring(prefix.length()),
                result -> result.outcome() + " " + String.join(" ", result.rules())));
    }

    private static RuleListener listener(Map<String, String> properties) {
        Properties all = new Properties();
        all.putAll(properties);
        return new RuleListener(all);
    }

    private static void execute(RuleListener listener, Class<?>... classes) {
        LauncherFactory.create(LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build())
                .execute(LauncherDiscoveryRequestBuilder.request()
                        .selectors(Stream.of(classes).map(DiscoverySelectors::selectClass).toList())
                        .configurationParameter("jqwik.database", "").build(), listener);
    }
}
