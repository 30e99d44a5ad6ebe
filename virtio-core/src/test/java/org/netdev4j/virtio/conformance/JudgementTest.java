package org.netdev4j.virtio.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.netdev4j.virtio.conformance.Outcome.FAILED;
import static org.netdev4j.virtio.conformance.Outcome.PASSED;
import static org.netdev4j.virtio.conformance.Outcome.SKIPPED;

import java.util.List;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.netdev4j.virtio.conformance.Verdict.Status;

class JudgementTest {
    private static final Row ONE = row("SQ7", Row.CLAIMED, "writable after readable");
    private static final Row THREE = row("SQ13", Row.CLAIMED, "not without the feature; not nested; no next");
    private static final Row UNCLAIMED = row("TX2", "not yet", "num_buffers is 0");

    @Test
    void aTestThatPassedProvesItsRule() {
        Judgement judgement = judge(ONE, result("a.T#x", PASSED, "SQ7"));
        assertEquals(Status.PASS, judgement.verdicts().getFirst().status());
        assertEquals(List.of(), judgement.errors());
    }

    @Test
    void aClaimWithoutATestIsAnError() {
        Judgement judgement = judge(ONE);
        assertEquals(Status.FAIL, judgement.verdicts().getFirst().status());
        assertEquals(List.of("SQ7: no test passed"), judgement.errors());
    }

    @Test
    void aSkippedTestProvesNothing() {
        assertEquals(List.of("SQ7: no test passed; skipped: a.T#x"),
                judge(ONE, result("a.T#x", SKIPPED, "SQ7")).errors());
    }

    @Test
    void aFailedTestIsNotOutweighedByOneThatPassed() {
        Judgement judgement = judge(ONE, result("a.T#x", FAILED, "SQ7"), result("a.T#y", PASSED, "SQ7"));
        assertEquals(Status.FAIL, judgement.verdicts().getFirst().status());
        assertEquals(List.of("SQ7: a.T#x failed"), judgement.errors());
    }

    @Test
    void aTestOfTheWholeRuleProvesEveryClause() {
        assertEquals(List.of(), judge(THREE, result("a.T#x", PASSED, "SQ13")).errors());
    }

    @Test
    void aClauseWithoutATestIsNamed() {
        assertEquals(List.of("SQ13: no test passed for SQ13.2, SQ13.3"),
                judge(THREE, result("a.T#x", PASSED, "SQ13.1")).errors());
    }

    @Test
    void severalTestsProveARuleClauseByClause() {
        assertEquals(List.of(), judge(THREE, result("a.T#x", PASSED, "SQ13.1", "SQ13.3"),
                result("a.T#y", PASSED, "SQ7", "SQ13.2")).errors().stream().filter(e -> e.startsWith("SQ13:"))
                .toList());
    }

    @Test
    void theRuleSQ1IsNotProvenByATestOfSQ13() {
        assertEquals(List.of("SQ1: no test passed"), Judgement.of(List.of(row("SQ1", Row.CLAIMED, "aligned"), THREE),
                List.of(result("a.T#x", PASSED, "SQ13"))).errors());
    }

    @Test
    void anIdThatNoRowHasIsAnError() {
        assertEquals(List.of("SQ99: no such rule; carried by a.T#x"),
                judge(ONE, result("a.T#x", PASSED, "SQ7", "SQ99")).errors());
    }

    @Test
    void aClauseThatNoRowHasIsAnError() {
        assertEquals(List.of("SQ13.4: SQ13 has 3 clauses; carried by a.T#x"),
                judge(THREE, result("a.T#x", PASSED, "SQ13", "SQ13.4")).errors());
    }

    @Test
    void whatIsNotClaimedMayBeUnproven() {
        Judgement judgement = judge(UNCLAIMED, result("a.T#x", FAILED, "TX2"));
        assertEquals(Status.NOT_CLAIMED, judgement.verdicts().getFirst().status());
        assertEquals(List.of(), judgement.errors());
        assertEquals(List.of(), judgement.hints());
    }

    @Test
    void whatIsProvenAndNotClaimedIsAHint() {
        Judgement judgement = judge(UNCLAIMED, result("a.T#x", PASSED, "TX2"));
        assertEquals(List.of(), judgement.errors());
        assertEquals(List.of("TX2 is proven and not claimed"), judgement.hints());
    }

    @Test
    void anIdIsOfOneRow() {
        List<Row> twice = List.of(ONE, ONE);
        assertThrows(IllegalArgumentException.class, () -> Judgement.of(twice, List.of()));
    }

    private static Judgement judge(Row row, TestResult... results) {
        return Judgement.of(List.of(row), List.of(results));
    }

    private static Row row(String id, String claim, String rule) {
        return new Row("Group", id, "2.7", "D", "M", claim, rule);
    }

    private static TestResult result(String test, Outcome outcome, String... rules) {
        return new TestResult(test, outcome, new TreeSet<>(List.of(rules)));
    }
}
