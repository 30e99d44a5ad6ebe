package org.netdev4j.virtio.conformance;

/** How a test ended, or the worst of several runs of it: a later constant is worse. */
enum Outcome {
    PASSED, SKIPPED, FAILED;

    Outcome orWorse(Outcome other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
