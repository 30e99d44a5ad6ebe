package org.netdev4j.virtio.conformance;

import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A test method that carries rules.
 *
 * @param test binary name of the class that ran, which may inherit the method, then {@code #} and the method
 * @param rules ids of rules or clauses as the test spells them
 */
record TestResult(String test, Outcome outcome, SortedSet<String> rules) {

    String className() {
        return test.substring(0, test.indexOf('#'));
    }

    String methodName() {
        return test.substring(test.indexOf('#') + 1);
    }

    /** The result of both, runs of one test. */
    TestResult with(TestResult other) {
        SortedSet<String> both = new TreeSet<>(rules);
        both.addAll(other.rules);
        return new TestResult(test, outcome.orWorse(other.outcome), both);
    }
}
