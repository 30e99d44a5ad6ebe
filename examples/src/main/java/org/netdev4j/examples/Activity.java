package org.netdev4j.examples;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import org.netdev4j.stack.NetStack;

/** Something that a host does by the clock, on the thread of its stack. Times in ns, of {@link System#nanoTime()}. */
interface Activity {
    /** Does what is due at {@code now}. */
    void doWork(long now);

    /** How long {@link #doWork} has nothing to do, unless a packet comes. */
    long idleTime(long now);

    boolean isDone();

    /**
     * Runs a stack that was built with interrupts, and what it is there for, on the calling thread.
     *
     * @param stop asked ten times a second at least
     */
    static void run(NetStack stack, Activity activity, BooleanSupplier stop) {
        long longestWait = TimeUnit.MILLISECONDS.toNanos(100);
        while (!activity.isDone() && !stop.getAsBoolean()) {
            activity.doWork(System.nanoTime());
            if (stack.doWork() == 0) {
                long idleTime = Math.min(longestWait, activity.idleTime(System.nanoTime()));
                if (idleTime > 0) {
                    stack.await(idleTime);
                }
            }
        }
    }
}
