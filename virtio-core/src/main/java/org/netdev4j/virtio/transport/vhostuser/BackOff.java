package org.netdev4j.virtio.transport.vhostuser;

/** Pauses between attempts: short at first, twice as long each time, never longer than a second. */
final class BackOff {
    private static final int FIRST_MILLIS = 10;
    private static final int LONGEST_MILLIS = 1000;

    private int next = FIRST_MILLIS;

    int nextMillis() {
        int now = next;
        next = Math.min(2 * next, LONGEST_MILLIS);
        return now;
    }
}
