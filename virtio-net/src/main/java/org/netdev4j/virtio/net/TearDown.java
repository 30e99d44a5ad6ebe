package org.netdev4j.virtio.net;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was set up, to be taken down in reverse order, each part whatever becomes of the others. */
final class TearDown implements AutoCloseable {
    private final Deque<Runnable> steps = new ArrayDeque<>();

    /** {@code step} undoes what was just done. */
    void add(Runnable step) {
        steps.push(step);
    }

    /** Takes down everything; what fails first is thrown at the end. Idempotent. */
    @Override
    public void close() {
        RuntimeException failure = null;
        while (!steps.isEmpty()) {
            try {
                steps.pop().run();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
