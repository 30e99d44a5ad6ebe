package org.netdev4j.virtio.net.device;

import org.netdev4j.virtio.net.HashType;

/** The hash of the frame at hand and what it was made of (virtio 1.4 §5.1.9.4.3). Reused for the next frame. */
final class FlowHash {
    private int value;
    private int report = HashType.REPORT_NONE;

    void clear() {
        value = 0;
        report = HashType.REPORT_NONE;
    }

    void set(int hash, HashType type) {
        value = hash;
        report = type.report();
    }

    boolean isPresent() {
        return report != HashType.REPORT_NONE;
    }

    int value() {
        return value;
    }

    /** {@code hash_report}. */
    int report() {
        return report;
    }
}
