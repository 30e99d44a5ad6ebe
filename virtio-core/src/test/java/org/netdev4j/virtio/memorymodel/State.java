package org.netdev4j.virtio.memorymodel;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;

import org.netdev4j.virtio.memorymodel.Event.FenceKind;
import org.netdev4j.virtio.memorymodel.Event.Order;

/**
 * Two threads and the memory between them at one moment. A store is never lost but becomes one more that can be read: a
 * thread may read any store that is not older than what its {@link View} knows, and views spread only by release and acquire,
 * by full fences, and by bells. So a plain store can be seen before or after any other, and a load can be late for anything
 * that no order forbids it to miss. What this does not show is a load that takes its value from a store that comes later.
 */
final class State {
    static final int THREADS = 2;
    private static final int BELLS = 2;

    /** A store as one cell sees it. */
    private record Message(int value, int number, int time, View carried, Message before) {}

    /** What a load may find: the value, the stores it is made of, and all that they carry. */
    record Candidate(long value, View stores, View carried) {}

    private final ThreadTree.Node[] at;
    private final View[] seen;
    private final View[] acquirable;
    private final View[] released;
    private final View[] bells;
    private final Message[] newest;
    private View fenced;
    private int time;
    /** Of all stores together, in no order: those of one cell are numbered. */
    private long storesHash;

    State(ThreadTree.Node first, ThreadTree.Node second, int cells) {
        at = new ThreadTree.Node[]{first, second};
        seen = new View[]{View.START, View.START};
        acquirable = new View[]{View.START, View.START};
        released = new View[]{View.START, View.START};
        bells = new View[BELLS];
        newest = new Message[cells];
        fenced = View.START;
    }

    private State(State other) {
        at = other.at.clone();
        seen = other.seen.clone();
        acquirable = other.acquirable.clone();
        released = other.released.clone();
        bells = other.bells.clone();
        newest = other.newest.clone();
        fenced = other.fenced;
        time = other.time;
        storesHash = other.storesHash;
    }

    Event next(int thread) {
        return at[thread].event;
    }

    boolean isAsleep(int thread) {
        return next(thread) instanceof Event.Sleep sleep && bells[sleep.bell()] == null;
    }

    /** The values that a load of {@code cells} cells from {@code first} on may find, the oldest first. */
    List<Candidate> candidates(int thread, int first, int cells, IntUnaryOperator initial) {
        int earliest = -1;
        TreeSet<Integer> times = new TreeSet<>();
        for (int cell = first; cell < first + cells; cell++) {
            for (Message message = newest[cell]; message != null; message = message.before) {
                if (message.number <= seen[thread].oldest(cell)) {
                    earliest = Math.max(earliest, message.time);
                    break;
                }
                times.add(message.time);
            }
        }
        List<Candidate> found = new ArrayList<>();
        found.add(candidate(first, cells, earliest, initial));
        for (int later : times.tailSet(earliest, false)) {
            found.add(candidate(first, cells, later, initial));
        }
        return found;
    }

    private Candidate candidate(int first, int cells, int until, IntUnaryOperator initial) {
        long value = 0;
        View stores = View.START;
        View carried = View.START;
        for (int cell = first + cells - 1; cell >= first; cell--) {
            Message message = newest[cell];
            while (message != null && message.time > until) {
                message = message.before;
            }
            value = value << Short.SIZE | (message == null ? initial.applyAsInt(cell) : message.value);
            if (message != null) {
                stores = stores.with(cell, message.number);
                carried = carried.join(message.carried);
            }
        }
        return new Candidate(value, stores, carried);
    }

    State load(int thread, Order order, Candidate candidate) {
        State after = new State(this);
        after.at[thread] = at[thread].next(candidate.value);
        after.acquirable[thread] = acquirable[thread].join(candidate.stores).join(candidate.carried);
        if (order != Order.PLAIN) {
            after.seen[thread] = seen[thread].join(candidate.stores);
        }
        if (order == Order.ORDERED) {
            after.seen[thread] = after.seen[thread].join(candidate.carried);
        }
        return after;
    }

    State store(int thread, Event.Store store, int first) {
        State after = new State(this);
        after.at[thread] = at[thread].next();
        int cells = store.bytes() / Short.BYTES;
        View seen = this.seen[thread];
        for (int cell = first; cell < first + cells; cell++) {
            seen = seen.with(cell, number(cell) + 1);
        }
        after.seen[thread] = seen;
        View carried = store.order() == Order.ORDERED ? seen : released[thread];
        for (int i = 0; i < cells; i++) {
            int value = (int) (store.value() >>> (i * Short.SIZE)) & 0xffff;
            int number = number(first + i) + 1;
            after.newest[first + i] = new Message(value, number, time, carried, newest[first + i]);
            after.storesHash += mix(mix(mix(first + i, number), value), carried.hashCode());
        }
        after.time++;
        return after;
    }

    private int number(int cell) {
        return newest[cell] == null ? 0 : newest[cell].number;
    }

    State fence(int thread, FenceKind kind) {
        State after = new State(this);
        after.at[thread] = at[thread].next();
        if (kind != FenceKind.RELEASE) {
            after.seen[thread] = seen[thread].join(acquirable[thread]);
        }
        if (kind == FenceKind.FULL) {
            after.fenced = fenced.join(after.seen[thread]);
            after.seen[thread] = after.fenced;
        }
        if (kind != FenceKind.ACQUIRE) {
            after.released[thread] = after.seen[thread];
        }
        return after;
    }

    State ring(int thread, int bell) {
        State after = new State(this);
        after.at[thread] = at[thread].next();
        after.bells[bell] = bells[bell] == null ? seen[thread] : bells[bell].join(seen[thread]);
        return after;
    }

    State wake(int thread, int bell) {
        State after = new State(this);
        after.at[thread] = at[thread].next();
        after.seen[thread] = seen[thread].join(bells[bell]);
        after.bells[bell] = null;
        return after;
    }

    /** A hash of all that decides what can happen from here. */
    long fingerprint() {
        long hash = mix(mix(storesHash, at[0].id), at[1].id);
        for (int thread = 0; thread < THREADS; thread++) {
            hash = mix(hash, seen[thread].hashCode());
            hash = mix(hash, acquirable[thread].hashCode());
            hash = mix(hash, released[thread].hashCode());
        }
        for (View bell : bells) {
            hash = mix(hash, bell == null ? -1 : bell.hashCode());
        }
        return mix(hash, fenced.hashCode());
    }

    private static long mix(long hash, int value) {
        long mixed = (hash ^ value) * 0x9e37_79b9_7f4a_7c15L;
        return mixed ^ mixed >>> 29;
    }
}
