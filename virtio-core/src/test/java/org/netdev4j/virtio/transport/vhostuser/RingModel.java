package org.netdev4j.virtio.transport.vhostuser;

/** What is to become of one ring, by the protocol: two flags that know nothing of each other, and where it begins. */
final class RingModel {
    boolean sized;
    boolean placed;
    boolean kicked;
    boolean enabled;
    /** Null: the ring was not told since the last reset, and did not run. */
    private Integer base;
    /** Of the ring before the last reset. */
    private int lastBase;

    boolean runs(boolean memory) {
        return sized && placed && kicked && memory;
    }

    void stop() {
        kicked = false;
    }

    void base(int position) {
        base = position;
    }

    int base() {
        return base == null ? lastBase : base;
    }

    /** Where it was not told where to begin, it begins at 0; nothing is in it that would move it. */
    void ran() {
        base = base == null ? 0 : base;
    }

    void reset() {
        kicked = false;
        enabled = false;
        lastBase = base();
        base = null;
    }
}
