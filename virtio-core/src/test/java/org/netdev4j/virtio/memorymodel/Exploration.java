package org.netdev4j.virtio.memorymodel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.netdev4j.virtio.memorymodel.Event.Order;

/**
 * Goes through everything that two threads can do with the memory they share, until one sees what it must not see, or
 * sleeps and nobody is left to wake it. A state that was reached before is not gone through again; a store to memory that
 * only one thread writes is made at once, since a load of the other thread can miss it however early it comes.
 */
public final class Exploration {
    private static final VarHandle CELL_VALUE = MethodHandles.byteArrayViewVarHandle(short[].class,
            ByteOrder.LITTLE_ENDIAN);

    /** No site is weakened. */
    public static final int NONE = Accesses.NONE;

    private final List<String> names;
    private final List<ThreadTree> threads;
    private final byte[] initial;
    /** By cell: a bit for each thread that was ever seen to store there. */
    private final int[] writers;
    private boolean newWriter;
    private final Set<Long> visited = new HashSet<>();
    private final Deque<Step> path = new ArrayDeque<>();
    private boolean truncated;
    private String violation;

    private Exploration(MemorySegment memory, List<String> names, List<Supplier<Runnable>> code) {
        this.names = names;
        threads = code.stream().map(thread -> new ThreadTree(thread, memory)).toList();
        initial = memory.toArray(ValueLayout.JAVA_BYTE);
        writers = new int[initial.length / Short.BYTES];
    }

    /**
     * What came of it.
     *
     * @param violation what went wrong and every step to it, or null
     * @param states different states gone through
     * @param truncated true if a thread was given up because it went on for too long
     * @param sites indexes of the {@link RecordingLoader#site(int) sites} that were passed
     */
    public record Result(String violation, int states, boolean truncated, BitSet sites) {}

    /**
     * Explores two threads. The first time that one's code is made the memory is as both find it at the start, and it must
     * be so each time.
     *
     * @param memory the shared memory; little-endian, accessed by even offsets and lengths
     * @param names of the two threads, for the report
     * @param code makes an instance of a thread's code that has not yet run; called often
     * @param weakened index of a site where a fence is left out, or an acquire or release made a plain access; or {@link #NONE}
     */
    public static Result of(MemorySegment memory, List<String> names, List<Supplier<Runnable>> code, int weakened) {
        Accesses.startOver(weakened);
        return new Exploration(memory, names, code).explore();
    }

    private Result explore() {
        do {
            newWriter = false;
            visited.clear();
            path.clear();
            visit(new State(threads.get(0).root(), threads.get(1).root(), writers.length));
        } while (newWriter && violation == null);
        return new Result(violation, visited.size(), truncated, Accesses.passed());
    }

    private void visit(State state) {
        if (violation != null || !visited.add(state.fingerprint())) {
            return;
        }
        for (int thread = 0; thread < State.THREADS; thread++) {
            if (state.next(thread) instanceof Event.Store store && isOnlyWriter(thread, store)) {
                step(state, thread);
                return;
            }
        }
        boolean moved = false;
        for (int thread = 0; thread < State.THREADS; thread++) {
            moved |= step(state, thread);
        }
        if (!moved) {
            for (int thread = 0; thread < State.THREADS; thread++) {
                if (state.isAsleep(thread)) {
                    violated(names.get(thread) + " sleeps, and nobody will wake it");
                }
            }
        }
    }

    /** Lets one thread take its next step in every way it can; false if it can take none. */
    private boolean step(State state, int thread) {
        Event event = state.next(thread);
        switch (event) {
            case Event.Load load -> {
                int first = load.offset() / Short.BYTES;
                List<State.Candidate> candidates = state.candidates(thread, first, load.bytes() / Short.BYTES,
                        this::initial);
                for (State.Candidate candidate : candidates) {
                    visit(state.load(thread, load.order(), candidate), thread, event, candidate.value());
                }
            }
            case Event.Store store -> visit(state.store(thread, store, store.offset() / Short.BYTES), thread, event,
                    store.value());
            case Event.Fence fence -> visit(state.fence(thread, fence.kind()), thread, event, 0);
            case Event.Ring ring -> visit(state.ring(thread, ring.bell()), thread, event, 0);
            case Event.Sleep sleep -> {
                if (state.isAsleep(thread)) {
                    return false;
                }
                visit(state.wake(thread, sleep.bell()), thread, event, 0);
            }
            case Event.Failure failure -> violated(names.get(thread) + ": " + failure.what());
            case Event.TooLong _ -> truncated = true;
            case Event.End _ -> {
                return false;
            }
        }
        return true;
    }

    private void visit(State state, int thread, Event event, long value) {
        path.addLast(new Step(thread, event, value));
        visit(state);
        path.removeLast();
    }

    private boolean isOnlyWriter(int thread, Event.Store store) {
        boolean only = true;
        int first = store.offset() / Short.BYTES;
        for (int cell = first; cell < first + store.bytes() / Short.BYTES; cell++) {
            if ((writers[cell] & 1 << thread) == 0) {
                writers[cell] |= 1 << thread;
                newWriter |= writers[cell] != 1 << thread;
            }
            only &= writers[cell] == 1 << thread;
        }
        return only;
    }

    private int initial(int cell) {
        return (short) CELL_VALUE.get(initial, cell * Short.BYTES) & 0xffff;
    }

    private void violated(String what) {
        if (violation == null) {
            violation = path.stream().map(this::describe).collect(Collectors.joining("\n", "", "\n")) + what;
        }
    }

    private String describe(Step step) {
        String what = switch (step.event) {
            case Event.Load load ->
                "load " + order(load.order(), "acquire") + at(load.offset(), load.bytes()) + " -> 0x"
                        + Long.toHexString(step.value);
            case Event.Store store -> "store " + order(store.order(), "release") + at(store.offset(), store.bytes())
                    + " <- 0x" + Long.toHexString(step.value);
            case Event.Fence fence -> fence.kind().name().toLowerCase(Locale.ROOT) + " fence";
            case Event.Ring ring -> "rings bell " + ring.bell();
            case Event.Sleep sleep -> "is woken by bell " + sleep.bell();
            case Event.End _,Event.TooLong _,Event.Failure _ -> throw new IllegalStateException("no step: " + step);
        };
        return names.get(step.thread) + ": " + what;
    }

    private static String order(Order order, String ordered) {
        return switch (order) {
            case PLAIN -> "";
            case OPAQUE -> "opaque ";
            case ORDERED -> ordered + " ";
        };
    }

    private static String at(int offset, int bytes) {
        return "0x" + Integer.toHexString(offset) + ".." + Integer.toHexString(offset + bytes - 1);
    }

    /** @param value what was read or written */
    private record Step(int thread, Event event, long value) {}
}
