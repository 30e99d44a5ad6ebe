package org.netdev4j.examples;

import org.netdev4j.netdev.NetDevException;

/** Runs a duty cycle on a thread of its own, without a pause. */
final class PacketThread {
    private final PacketLoop loop;
    private final Runnable onFailure;
    private final Thread thread;
    private volatile boolean stopped;
    private RuntimeException failure;

    PacketThread(PacketLoop loop, Runnable onFailure) {
        this.loop = loop;
        this.onFailure = onFailure;
        thread = Thread.ofPlatform().name("pktgen-" + loop.name()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            loop.begin();
            while (!stopped) {
                if (loop.doWork() == 0) {
                    Thread.onSpinWait();
                }
            }
        } catch (RuntimeException e) {
            failure = e;
            onFailure.run();
        } finally {
            loop.end();
        }
    }

    /** Waits for the thread to end. @throws NetDevException if its duty cycle failed */
    void stop() {
        stopped = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new NetDevException(loop.name() + " failed: " + failure.getMessage(), failure);
        }
    }
}
