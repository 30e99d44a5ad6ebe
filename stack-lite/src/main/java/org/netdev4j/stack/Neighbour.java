package org.netdev4j.stack;

import java.util.Arrays;

import org.netdev4j.netbuf.NetBuf;

/** A host on the link, and what we know of its MAC address (states as in RFC 4861 §7.3.2). */
final class Neighbour {
    /** Packets that wait for one MAC address. */
    static final int MAX_PENDING = 4;

    enum State {
        /** Asked for; packets wait. */
        INCOMPLETE,
        /** It answered us not long ago. */
        REACHABLE,
        /** Known, but not confirmed: asked again when it is used. */
        STALE,
        /** Known and used, asked again, no answer yet. */
        PROBE
    }

    int address;
    long mac;
    State state;
    /** When the present state ends by itself. */
    long deadlineNs;
    /** Requests sent in the present state. */
    int requests;

    private final NetBuf[] pending = new NetBuf[MAX_PENDING];
    private int pendingCount;

    boolean isMacKnown() {
        return state != State.INCOMPLETE;
    }

    boolean isPendingFull() {
        return pendingCount == MAX_PENDING;
    }

    void addPending(NetBuf frame) {
        pending[pendingCount++] = frame;
    }

    /** Moves the packets that wait to {@code into}, in order; returns how many. */
    int drainPending(NetBuf[] into) {
        int drained = pendingCount;
        System.arraycopy(pending, 0, into, 0, drained);
        Arrays.fill(pending, 0, drained, null);
        pendingCount = 0;
        return drained;
    }
}
