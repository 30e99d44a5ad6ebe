package org.netdev4j.virtio.conformance;

import java.util.List;

/**
 * What the tests say of a row.
 *
 * @param proof the tests that passed, in order, each with the row's ids it carries
 * @param problems why it is not proven, empty if it is
 */
record Verdict(Row row, List<TestResult> proof, List<String> problems) {
    enum Status {
        PASS, FAIL, NOT_CLAIMED
    }

    boolean isProven() {
        return problems.isEmpty();
    }

    Status status() {
        if (!row.isClaimed()) {
            return Status.NOT_CLAIMED;
        }
        return isProven() ? Status.PASS : Status.FAIL;
    }
}
