package org.netdev4j.examples;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets a command end in good order on SIGTERM and SIGINT. While one is installed, a signal ends {@link #await}, and the
 * JVM lives on until the command is through and {@link #exit} is called, with the command's exit code (a JVM that ends
 * by itself after a signal has 143 or 130).
 */
final class Termination implements AutoCloseable {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static volatile boolean signalled;

    private final CountDownLatch requested = new CountDownLatch(1);
    private final Thread hook;

    private Termination(Thread commandThread) {
        hook = new Thread(() -> {
            request();
            while (commandThread.isAlive()) {
                LockSupport.parkNanos(POLL_NS);
            }
        }, "termination");
    }

    /** To be called, and closed, by the thread that calls {@link #exit} in the end. */
    static Termination install() {
        Termination termination = new Termination(Thread.currentThread());
        Runtime.getRuntime().addShutdownHook(termination.hook);
        return termination;
    }

    /** Ends the JVM. */
    static void exit(int exitCode) {
        if (signalled) {
            Runtime.getRuntime().halt(exitCode);
        }
        System.exit(exitCode);
    }

    /** Waits for a signal or {@link #request()}; false if the time was up before. */
    boolean await(long timeoutNs) throws InterruptedException {
        return requested.await(timeoutNs, TimeUnit.NANOSECONDS);
    }

    boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Does what a signal does, but for ending the JVM. Any thread. */
    void request() {
        requested.countDown();
    }

    /** A signal has its usual effect again, unless one came: then {@link #exit} is due. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shutdownHasBegun) {
            signalled = true;
        }
    }
}
