package org.netdev4j.netbuf;

import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;

/**
 * The free buffers of a pool that no thread keeps for itself: full magazines (arrays of buffer indexes of one fixed size,
 * moved by one queue operation) and loose buffers. Thread-safe.
 */
final class Depot {
    private final NetBuf[] buffers;
    private final int magazineSize;
    private final MpmcVarHandleArrayQueue<int[]> full;
    private final MpmcVarHandleArrayQueue<int[]> empty;
    private final MpmcVarHandleArrayQueue<NetBuf> loose;

    /** @param magazineSize buffers in a magazine, 0 for none */
    Depot(NetBuf[] buffers, int magazineSize) {
        this.buffers = buffers;
        this.magazineSize = magazineSize;
        int magazines = magazineSize == 0 ? 0 : buffers.length / magazineSize;
        full = new MpmcVarHandleArrayQueue<>(Math.max(2, magazines));
        empty = new MpmcVarHandleArrayQueue<>(Math.max(2, magazines));
        loose = new MpmcVarHandleArrayQueue<>(Math.max(2, buffers.length));
        int next = 0;
        for (int m = 0; m < magazines; m++) {
            int[] magazine = new int[magazineSize];
            for (int i = 0; i < magazineSize; i++) {
                magazine[i] = next++;
            }
            giveFull(magazine);
        }
        while (next < buffers.length) {
            giveLoose(buffers[next++]);
        }
    }

    int[] takeFull() {
        return full.poll();
    }

    void giveFull(int[] magazine) {
        if (!full.offer(magazine)) {
            throw new AssertionError("more full magazines than buffers");
        }
    }

    int[] takeEmpty() {
        int[] magazine = empty.poll();
        return magazine != null ? magazine : new int[magazineSize];
    }

    void giveEmpty(int[] magazine) {
        // One too many is left to the garbage collector.
        empty.offer(magazine);
    }

    NetBuf takeLoose() {
        return loose.poll();
    }

    void giveLoose(NetBuf buf) {
        if (!loose.offer(buf)) {
            throw new AssertionError("more free buffers than the pool has");
        }
    }

    /** One buffer: a loose one, or else the first of a magazine that is broken up. Null when there is none. */
    NetBuf take() {
        NetBuf buf = loose.poll();
        if (buf != null) {
            return buf;
        }
        int[] magazine = full.poll();
        if (magazine == null) {
            return null;
        }
        for (int i = 1; i < magazine.length; i++) {
            giveLoose(buffers[magazine[i]]);
        }
        buf = buffers[magazine[0]];
        giveEmpty(magazine);
        return buf;
    }

    int size() {
        return full.size() * magazineSize + loose.size();
    }
}
