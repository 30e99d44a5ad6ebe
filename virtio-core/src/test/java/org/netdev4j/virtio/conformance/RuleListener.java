package org.netdev4j.virtio.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.netdev4j.virtio.testing.Rule;

/**
 * Writes down how each test that carries rules ended. The build says where ({@code conformance.record}, the run's own file)
 * and what it is called ({@code conformance.build}); without those, and when the command line selects tests, nothing is
 * written.
 */
public final class RuleListener implements TestExecutionListener {
    private static final List<String> SELECTIONS = List.of("test", "it.test", "groups", "excludedGroups",
            "surefire.includes", "surefire.excludes");

    /** Null: nothing is written. */
    private final Path record;
    private final String build;
    private final SortedMap<String, TestResult> results = new TreeMap<>();
    private TestPlan plan;

    public RuleListener() {
        this(System.getProperties());
    }

    RuleListener(Properties properties) {
        String file = properties.getProperty("conformance.record");
        boolean whole = SELECTIONS.stream().map(properties::getProperty).allMatch(Objects::isNull);
        record = file != null && whole ? Path.of(file) : null;
        build = properties.getProperty("conformance.build");
    }

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
        plan = started;
    }

    @Override
    public void executionSkipped(TestIdentifier identifier, String reason) {
        add(identifier, Outcome.SKIPPED);
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        add(identifier, switch (result.getStatus()) {
            case SUCCESSFUL -> Outcome.PASSED;
            case ABORTED -> Outcome.SKIPPED;
            case FAILED -> Outcome.FAILED;
        });
    }

    @Override
    public void testPlanExecutionFinished(TestPlan finished) {
        if (record == null) {
            return;
        }
        try {
            run().write(record);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized TestRun run() {
        return new TestRun(build, List.copyOf(results.values()));
    }

    /** A class or a parameterised method that passed says nothing about its tests; one that did not speaks for them all. */
    private synchronized void add(TestIdentifier identifier, Outcome outcome) {
        if (!identifier.isTest() && outcome == Outcome.PASSED) {
            return;
        }
        addMethod(identifier, outcome);
        plan.getDescendants(identifier).forEach(descendant -> addMethod(descendant, outcome));
    }

    private void addMethod(TestIdentifier identifier, Outcome outcome) {
        if (identifier.getSource().orElse(null) instanceof MethodSource source) {
            Class<?> type = classOf(identifier, source);
            SortedSet<String> rules = rulesOf(type, source.getJavaMethod());
            if (!rules.isEmpty()) {
                TestResult result = new TestResult(type.getName() + "#" + source.getMethodName(), outcome, rules);
                results.merge(result.test(), result, TestResult::with);
            }
        }
    }

    /** The class that ran: an engine may name the one that declares the method. */
    private Class<?> classOf(TestIdentifier identifier, MethodSource source) {
        TestIdentifier parent = plan.getParent(identifier).orElse(null);
        while (parent != null) {
            if (parent.getSource().orElse(null) instanceof ClassSource container) {
                return container.getJavaClass();
            }
            parent = plan.getParent(parent).orElse(null);
        }
        return source.getJavaClass();
    }

    private static SortedSet<String> rulesOf(Class<?> type, Method method) {
        SortedSet<String> rules = new TreeSet<>();
        add(rules, method.getAnnotation(Rule.class));
        for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
            for (Class<?> each = outer; each != null; each = each.getSuperclass()) {
                add(rules, each.getAnnotation(Rule.class));
            }
        }
        return rules;
    }

    private static void add(SortedSet<String> rules, Rule rule) {
        if (rule != null) {
            rules.addAll(List.of(rule.value()));
        }
    }
}
