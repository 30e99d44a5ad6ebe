package org.netdev4j.virtio.memorymodel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * All that one thread can do, as far as it was asked: a tree that branches at the answers to its loads. Between two loads
 * the code runs once, however many interleavings go through there.
 */
final class ThreadTree {
    private final Supplier<Runnable> code;
    private final MemorySegment memory;
    private final Node root;
    private int nodes;

    /** @param code makes a fresh instance of the thread's code, ready to run */
    ThreadTree(Supplier<Runnable> code, MemorySegment memory) {
        this.code = code;
        this.memory = memory;
        root = grow(new long[0], 0);
    }

    Node root() {
        return root;
    }

    /** The part that the last of these answers leads to. */
    private Node grow(long[] answers, int known) {
        List<Event> events = Replay.of(code.get(), memory, answers);
        Node next = null;
        for (int i = events.size() - 1; i >= known; i--) {
            Node node = new Node(events.get(i), answers, i + 1);
            node.next = next;
            next = node;
        }
        return next;
    }

    /** A point of the thread's code, just before an event. */
    final class Node {
        final int id = nodes++;
        final Event event;
        private final long[] answers;
        private final int eventsSoFar;
        private Node next;
        private Map<Long, Node> byAnswer;

        private Node(Event event, long[] answers, int eventsSoFar) {
            this.event = event;
            this.answers = answers;
            this.eventsSoFar = eventsSoFar;
        }

        /** After an event that is not a load. */
        Node next() {
            return next;
        }

        /** After a load that was answered so. */
        Node next(long answer) {
            if (byAnswer == null) {
                byAnswer = new HashMap<>();
            }
            return byAnswer.computeIfAbsent(answer, a -> {
                long[] more = Arrays.copyOf(answers, answers.length + 1);
                more[answers.length] = a;
                return grow(more, eventsSoFar);
            });
        }
    }
}
