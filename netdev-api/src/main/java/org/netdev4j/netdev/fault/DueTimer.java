package org.netdev4j.netdev.fault;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** A daemon thread that tells queues when what they hold is due. */
final class DueTimer implements AutoCloseable {
    private final LongSupplier nanoTime;
    private final Thread thread;
    private final List<Task> tasks = new CopyOnWriteArrayList<>();
    /** The thread looks at its tasks by then at the latest; MIN_VALUE while it is awake. */
    private volatile long sleepsUntil = Long.MIN_VALUE;
    private volatile boolean closed;

    /** Of one queue. */
    interface Task {
        /** When to call {@link #onDue}, or {@link FaultLine#NEVER}. Any thread. */
        long due();

        /** Called on the timer's thread; moves {@link #due()}. */
        void onDue(long now);
    }

    DueTimer(String name, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void add(Task task) {
        tasks.add(task);
    }

    void removeAll() {
        tasks.clear();
    }

    /** To be called after a task's {@link Task#due()} became earlier. Any thread. */
    void dueBy(long time) {
        if (time < sleepsUntil) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (!closed) {
            long now = nanoTime.getAsLong();
            for (Task task : tasks) {
                if (task.due() <= now) {
                    task.onDue(now);
                }
            }
            // First say until when, then look: a task that moves its time does the reverse.
            sleepsUntil = FaultLine.NEVER;
            long next = FaultLine.NEVER;
            for (Task task : tasks) {
                next = Math.min(next, task.due());
            }
            sleepsUntil = next;
            long sleep = next - nanoTime.getAsLong();
            if (sleep > 0 && !closed) {
                LockSupport.parkNanos(sleep);
            }
            sleepsUntil = Long.MIN_VALUE;
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
