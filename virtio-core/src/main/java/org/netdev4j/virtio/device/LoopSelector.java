package org.netdev4j.virtio.device;

import java.util.function.IntConsumer;

import org.agrona.collections.Int2ObjectHashMap;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.Errno;
import org.netdev4j.virtio.linux.ErrnoException;
import org.netdev4j.virtio.linux.EventFd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a loop sleeps on: a doorbell that any thread rings, and watched file descriptors. The rest is for the loop's thread. */
final class LoopSelector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LoopSelector.class);

    private final String name;
    private final Epoll epoll;
    private final EventFd doorbell;
    private final Int2ObjectHashMap<Watch> watches = new Int2ObjectHashMap<>();
    /** Of the watch made last: a descriptor may be closed, and its number used again, within one batch of events. */
    private int generation;

    /** @param name of the loop, for messages */
    LoopSelector(String name) {
        this.name = name;
        epoll = Epoll.create();
        try {
            doorbell = EventFd.create();
        } catch (ErrnoException e) {
            epoll.close();
            throw e;
        }
        epoll.add(doorbell.fd(), Epoll.READABLE, token(doorbell.fd(), generation));
    }

    /** Ends the {@link #select} under way, or the next. Any thread; nothing happens once closed. */
    void ring() {
        doorbell.signal();
    }

    void watch(int fd, int events, IntConsumer onReady) {
        long token = token(fd, ++generation);
        try {
            epoll.add(fd, events, token);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            epoll.change(fd, events, token);
        }
        watches.put(fd, new Watch(token, onReady));
    }

    private static long token(int fd, int generation) {
        return fd | (long) generation << 32;
    }

    void unwatch(int fd) {
        if (watches.remove(fd) != null) {
            try {
                epoll.remove(fd);
            } catch (ErrnoException e) {
                LOG.debug("{}: fd {} was closed while it was watched", name, fd, e);
            }
        }
    }

    /** True if only the doorbell is left. */
    boolean isEmpty() {
        return watches.isEmpty();
    }

    /**
     * Runs the callbacks of the descriptors that are ready.
     *
     * @param timeoutMillis -1: until there is one or the doorbell rings, 0: do not wait
     * @return callbacks run
     */
    int select(int timeoutMillis) {
        int ready = epoll.await(timeoutMillis);
        int callbacks = 0;
        for (int i = 0; i < ready; i++) {
            long token = epoll.token(i);
            int fd = (int) token;
            Watch watch = watches.get(fd);
            if (watch != null && watch.token == token) {
                callbacks++;
                run(fd, watch.onReady, epoll.events(i));
            } else if (fd == doorbell.fd()) {
                doorbell.drain();
            }
        }
        return callbacks;
    }

    private void run(int fd, IntConsumer onReady, int events) {
        try {
            onReady.accept(events);
        } catch (RuntimeException | Error e) {
            LOG.error("{}: the callback of fd {} failed and is removed", name, fd, e);
            unwatch(fd);
        }
    }

    @Override
    public void close() {
        watches.clear();
        epoll.close();
        doorbell.close();
    }

    private record Watch(long token, IntConsumer onReady) {}
}
