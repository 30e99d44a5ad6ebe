package org.netdev4j.stack;

import org.agrona.collections.Int2ObjectHashMap;
import org.netdev4j.stack.Neighbour.State;

/** A bounded number of neighbours by IPv4 address; nothing is allocated after construction. */
final class NeighbourTable {
    static final int CAPACITY = 256;

    private static final float LOAD_FACTOR = 0.5f;

    private final Int2ObjectHashMap<Neighbour> byAddress = new Int2ObjectHashMap<>(2 * CAPACITY, LOAD_FACTOR);
    /** Those in use first. */
    private final Neighbour[] neighbours = new Neighbour[CAPACITY];
    private int size;

    NeighbourTable() {
        for (int i = 0; i < CAPACITY; i++) {
            neighbours[i] = new Neighbour();
        }
    }

    int size() {
        return size;
    }

    Neighbour get(int index) {
        return neighbours[index];
    }

    /** The neighbour of that address, or null. */
    Neighbour find(int address) {
        return byAddress.get(address);
    }

    /**
     * A new neighbour, its state still to be set. When the table is full, the one that goes is a STALE neighbour, or,
     * if need be and {@code evictReachable} allows it, a REACHABLE one: the one whose time is up first.
     *
     * @return null if the table is full of neighbours that stay
     */
    Neighbour add(int address, boolean evictReachable) {
        if (size == CAPACITY) {
            int victim = soonest(State.STALE);
            if (victim < 0 && evictReachable) {
                victim = soonest(State.REACHABLE);
            }
            if (victim < 0) {
                return null;
            }
            remove(victim);
        }
        Neighbour neighbour = neighbours[size++];
        neighbour.address = address;
        neighbour.requests = 0;
        byAddress.put(address, neighbour);
        return neighbour;
    }

    /** Removes the neighbour at {@code index}; the last one takes its place. No packet may wait for it. */
    void remove(int index) {
        Neighbour removed = neighbours[index];
        byAddress.remove(removed.address);
        size--;
        neighbours[index] = neighbours[size];
        neighbours[size] = removed;
    }

    private int soonest(State state) {
        int found = -1;
        for (int i = 0; i < size; i++) {
            Neighbour neighbour = neighbours[i];
            if (neighbour.state == state
                    && (found < 0 || neighbour.deadlineNs - neighbours[found].deadlineNs < 0)) {
                found = i;
            }
        }
        return found;
    }
}
