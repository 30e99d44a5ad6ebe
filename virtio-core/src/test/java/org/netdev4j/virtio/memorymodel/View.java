package org.netdev4j.virtio.memorymodel;

import java.util.Arrays;

/**
 * For each cell of two bytes, the oldest of its stores that may still be read, counted from 1; 0 is what was there at the
 * start. Immutable.
 */
final class View {
    static final View START = new View(new int[0]);

    private final int[] oldest;
    private final int hash;

    private View(int[] oldest) {
        this.oldest = oldest;
        hash = Arrays.hashCode(oldest);
    }

    int oldest(int cell) {
        return cell < oldest.length ? oldest[cell] : 0;
    }

    View with(int cell, int store) {
        if (oldest(cell) >= store) {
            return this;
        }
        int[] more = Arrays.copyOf(oldest, Math.max(oldest.length, cell + 1));
        more[cell] = store;
        return new View(more);
    }

    /** All that either has seen. */
    View join(View other) {
        if (other.oldest.length == 0) {
            return this;
        }
        int[] more = Arrays.copyOf(oldest, Math.max(oldest.length, other.oldest.length));
        for (int cell = 0; cell < other.oldest.length; cell++) {
            more[cell] = Math.max(more[cell], other.oldest[cell]);
        }
        return new View(more);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof View view && hash == view.hash && Arrays.equals(oldest, view.oldest);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
