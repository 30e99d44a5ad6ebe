package org.netdev4j.virtio.net;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.EventFd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named daemon thread that waits in epoll for the interrupts of every queue that names it. It starts with its first watch and
 * ends with its last.
 */
final class InterruptDispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(InterruptDispatcher.class);

    /** The dispatchers that run, by name; also the lock of their watches. */
    private static final Map<String, InterruptDispatcher> RUNNING = new HashMap<>();

    private static final int WAKE_UP = 0;

    private final String name;
    private final Epoll epoll = Epoll.create();
    private final EventFd wakeUp = EventFd.create();
    /** By epoll token; copied when it changes, so that the thread reads it without a lock. */
    private volatile Watch[] watches = new Watch[1];
    private volatile boolean stopped;

    private InterruptDispatcher(String name) {
        this.name = name;
        epoll.add(wakeUp.fd(), Epoll.READABLE, WAKE_UP);
        Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /**
     * Runs {@code handler} on the thread {@code dispatcher} each time {@code event} was signalled, drained first. The handler
     * must not block; what it throws is logged.
     */
    static Watch watch(String dispatcher, EventFd event, Runnable handler) {
        synchronized (RUNNING) {
            InterruptDispatcher running = RUNNING.computeIfAbsent(dispatcher, InterruptDispatcher::new);
            try {
                return running.add(event, handler);
            } finally {
                running.stopIfIdle();
            }
        }
    }

    private Watch add(EventFd event, Runnable handler) {
        Watch[] all = watches;
        int token = WAKE_UP + 1;
        while (token < all.length && all[token] != null) {
            token++;
        }
        Watch watch = new Watch(token, event, handler);
        Watch[] before = all;
        all = Arrays.copyOf(all, Math.max(all.length, token + 1));
        all[token] = watch;
        // First: an event that was signalled already comes at once.
        watches = all;
        try {
            epoll.add(event.fd(), Epoll.READABLE, token);
        } catch (ErrnoException e) {
            watches = before;
            throw e;
        }
        return watch;
    }

    private void remove(Watch watch) {
        try {
            epoll.remove(watch.event.fd());
        } catch (ErrnoException e) {
            LOG.debug("{}: an event was closed while it was watched", name, e);
        }
        Watch[] all = watches.clone();
        all[watch.token] = null;
        watches = all;
        stopIfIdle();
    }

    private void stopIfIdle() {
        for (Watch watch : watches) {
            if (watch != null) {
                return;
            }
        }
        RUNNING.remove(name);
        stopped = true;
        wakeUp.signal();
    }

    private void run() {
        try (epoll; wakeUp) {
            while (!stopped) {
                int events = epoll.await(-1);
                for (int i = 0; i < events; i++) {
                    Watch watch = watches[(int) epoll.token(i)];
                    if (watch != null) {
                        watch.dispatch();
                    }
                }
            }
        }
    }

    /** One event with its handler. */
    final class Watch implements AutoCloseable {
        private final int token;
        private final EventFd event;
        private final Runnable handler;
        private boolean closed;

        private Watch(int token, EventFd event, Runnable handler) {
            this.token = token;
            this.event = event;
            this.handler = handler;
        }

        private void dispatch() {
            try {
                if (drain()) {
                    handler.run();
                }
            } catch (RuntimeException | Error e) {
                LOG.error("a listener on the dispatcher {} failed", name, e);
            }
        }

        private synchronized boolean drain() {
            return !closed && event.drain() != 0;
        }

        /** Afterwards the event is not touched; a call of the handler may be under way. Idempotent. */
        @Override
        public void close() {
            synchronized (RUNNING) {
                synchronized (this) {
                    if (closed) {
                        return;
                    }
                    closed = true;
                }
                remove(this);
            }
        }
    }
}
