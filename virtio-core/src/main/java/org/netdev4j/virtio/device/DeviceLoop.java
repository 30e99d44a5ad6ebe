package org.netdev4j.virtio.device;

import org.agrona.concurrent.Agent;

/**
 * The thread on which devices and back-ends run: all that are joined to one loop may call each other without locks. It polls
 * while there is work and sleeps in epoll when there is none.
 * <p>
 * Runs by itself ({@link #start}), or is driven by hand through {@link #doWork()} in tests and by whoever owns a thread.
 */
public final class DeviceLoop implements Agent, AutoCloseable {
    /** A loop that is driven by hand until {@link #start} is called. */
    public DeviceLoop(String name) {
        throw new UnsupportedOperationException();
    }

    /** Starts a daemon thread named after the loop. */
    public DeviceLoop start() {
        throw new UnsupportedOperationException();
    }

    /** Runs {@code task} on the loop's thread and waits for it; directly, if this is that thread or the loop has none. */
    public void call(Runnable task) {
        throw new UnsupportedOperationException();
    }

    /** Joins: polled from now on. */
    public void add(Member member) {
        throw new UnsupportedOperationException();
    }

    public void remove(Member member) {
        throw new UnsupportedOperationException();
    }

    /** Watches a file descriptor: {@code onReady} runs on the loop's thread when one of {@code events} is there. */
    public void watch(int fd, int events, Runnable onReady) {
        throw new UnsupportedOperationException();
    }

    public void unwatch(int fd) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int doWork() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String roleName() {
        throw new UnsupportedOperationException();
    }

    /** Stops the thread and waits for it. Idempotent. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Something that a loop polls. */
    public interface Member {
        /** Moves a bounded amount; returns work done. */
        int poll();

        /** Before the loop sleeps: arrange to be woken; false if there is work already. */
        boolean armWakeUps();

        /** After the loop woke. */
        void disarmWakeUps();
    }
}
