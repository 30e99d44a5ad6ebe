package org.netdev4j.virtio.memorymodel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One run of a thread's code: its loads are answered from a script, and when that ends the run ends. */
final class Replay {
    private static final int MAX_EVENTS = 400;

    private final MemorySegment memory;
    private final long[] answers;
    private final List<Event> events = new ArrayList<>();
    private int answered;

    private Replay(MemorySegment memory, long[] answers) {
        this.memory = memory;
        this.answers = answers;
    }

    /** What {@code code} does, up to the first load that {@code answers} does not answer, or to its end. */
    static List<Event> of(Runnable code, MemorySegment memory, long[] answers) {
        Replay replay = new Replay(memory, answers);
        Accesses.recordIn(replay);
        try {
            code.run();
            replay.events.add(new Event.End());
        } catch (Suspended e) {
            // The last event says where.
        } catch (RuntimeException | AssertionError e) {
            replay.events.add(new Event.Failure(e.toString()));
        } finally {
            Accesses.recordIn(null);
        }
        return replay.events;
    }

    long load(MemorySegment segment, long offset, int bytes, Event.Order order) {
        add(new Event.Load(place(segment, offset), bytes, order));
        if (answered == answers.length) {
            throw new Suspended();
        }
        return answers[answered++];
    }

    void store(MemorySegment segment, long offset, int bytes, long value, Event.Order order) {
        add(new Event.Store(place(segment, offset), bytes, value, order));
    }

    void add(Event event) {
        if (events.size() == MAX_EVENTS) {
            events.add(new Event.TooLong());
            throw new Suspended();
        }
        events.add(event);
    }

    private int place(MemorySegment segment, long offset) {
        return Math.toIntExact(segment.address() - memory.address() + offset);
    }
}
