package org.netdev4j.virtio.transport.vhostuser;

/** What is to become of one ring, by the protocol: two flags that know nothing of each other, and where it begins. */
final class RingModel {
    boolean sized;
    boolean placed;
    boolean kicked;
    boolean enabled;
    int base;

    boolean runs(boolean memory) {
        return sized && placed && kicked && memory;
    }

    void stop() {
        kicked = false;
    }

    void reset() {
        kicked = false;
        enabled = false;
        base = 0;
    }
}
