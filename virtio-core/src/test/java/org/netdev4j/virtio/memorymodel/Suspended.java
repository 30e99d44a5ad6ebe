package org.netdev4j.virtio.memorymodel;

/** Leaves the code under test at a point where nobody knows yet how it goes on. */
final class Suspended extends Error {
    private static final long serialVersionUID = 1;

    Suspended() {
        super(null, null, false, false);
    }
}
