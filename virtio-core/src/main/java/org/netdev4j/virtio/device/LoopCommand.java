package org.netdev4j.virtio.device;

import java.util.concurrent.CountDownLatch;

/** A task that crosses to the loop's thread, and what became of it. */
final class LoopCommand {
    private final Runnable task;
    private final CountDownLatch done = new CountDownLatch(1);
    private Throwable failure;

    LoopCommand(Runnable task) {
        this.task = task;
    }

    /** On the loop's thread; throws nothing. */
    void run() {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            failure = e;
        } finally {
            done.countDown();
        }
    }

    /** Waits for {@link #run}, through interrupts, and throws what the task threw. */
    void await() {
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }
}
