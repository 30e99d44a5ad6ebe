package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.EventFd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that answers what the back-end asks, notices when it goes and looks for the next one, for ever: at once, then
 * less and less often, at least once a second. It sleeps in between.
 */
final class PeerWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerWatch.class);

    private final Watched watched;
    private final Backends backends;
    private final Epoll epoll = Epoll.create();
    private final EventFd wakeUp = EventFd.create();
    private final Thread thread;
    private volatile boolean closed;

    PeerWatch(String name, Watched watched, Backends backends) {
        this.watched = watched;
        this.backends = backends;
        epoll.add(wakeUp.fd(), Epoll.READABLE, 0);
        thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start(Session first) {
        watch(first);
        thread.start();
    }

    /** The session was given up by who talked to the back-end: look for the next. */
    void wakeUp() {
        wakeUp.signal();
    }

    /** Errors and the end of the peer come unasked; a closed descriptor leaves by itself. */
    private void watch(Session session) {
        epoll.add(session.fd(), 0, 0);
        if (session.requests() != null) {
            epoll.add(session.requests().fd(), Epoll.READABLE, 0);
        }
    }

    private void run() {
        while (!closed) {
            epoll.await(-1);
            wakeUp.drain();
            if (!closed) {
                tell(watched::backEndAsks);
            }
            if (!closed && watched.isGone()) {
                LOG.warn("{}: the back-end is gone; looking for the next", thread.getName());
                tell(watched::gone);
                if (findNext()) {
                    LOG.warn("{}: the back-end is back", thread.getName());
                    tell(watched::back);
                }
            }
        }
    }

    /** Only the clock and {@link #wakeUp} end a pause: a connection that cannot be accepted would end it for ever. */
    private boolean findNext() {
        BackOff pauses = new BackOff();
        String lastRefusal = null;
        while (!closed) {
            try {
                Session next = backends.next();
                if (next != null && watched.meetAgain(next)) {
                    watch(next);
                    return true;
                }
            } catch (RuntimeException e) {
                if (!String.valueOf(e.getMessage()).equals(lastRefusal)) {
                    lastRefusal = String.valueOf(e.getMessage());
                    LOG.info("{}: no back-end yet: {}", thread.getName(), lastRefusal);
                }
            }
            epoll.await(pauses.nextMillis());
            wakeUp.drain();
        }
        return false;
    }

    /** Whoever is told may fail; the search for back-ends goes on. */
    private void tell(Runnable news) {
        try {
            news.run();
        } catch (RuntimeException e) {
            LOG.error("{}: a listener failed", thread.getName(), e);
        }
    }

    /** Waits for the thread to end, unless it is the caller. Idempotent. */
    @Override
    public void close() {
        closed = true;
        wakeUp.signal();
        boolean interrupted = false;
        while (thread.isAlive() && !Thread.currentThread().equals(thread)) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        epoll.close();
        wakeUp.close();
    }

    /** The transport, as its watch sees it. Called on the watch's thread, without a lock. */
    interface Watched {
        /** Something may have come on the connection for the back-end's requests. */
        void backEndAsks();

        /** True if the peer hung up or the session was given up. */
        boolean isGone();

        /** Tells whoever wants to know. */
        void gone();

        /** Tells the next back-end what was agreed on with the last. @return false if the transport was closed meanwhile */
        boolean meetAgain(Session next);

        /** Tells whoever wants to know. */
        void back();
    }
}
