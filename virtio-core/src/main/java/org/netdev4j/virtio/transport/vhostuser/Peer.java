package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.VirtioException;

/** The back-end that is there now, if one is. One thread at a time. */
final class Peer implements AutoCloseable {
    private final String name;
    private final Runnable onLost;
    /** Null while the back-end is away. */
    private Session session;

    /** @param onLost called when the session has ended otherwise than by {@link #close} */
    Peer(String name, Runnable onLost) {
        this.name = name;
        this.onLost = onLost;
    }

    void meet(Session next) {
        session = next;
    }

    /** Null while the back-end is away. */
    Session session() {
        return session;
    }

    /**
     * Runs a conversation with the back-end; one that is away is told everything when it is back.
     *
     * @throws VirtioException if it fails, and the back-end is given up with it
     */
    void talk(Conversation conversation) {
        if (session == null) {
            return;
        }
        try {
            conversation.with(session);
        } catch (VhostUserException e) {
            lose();
            throw new VirtioException(name + ": " + e.getMessage(), e);
        }
    }

    /** True if the back-end is away, or hung up by now. */
    boolean isGone() {
        if (session != null && session.isHungUp()) {
            lose();
        }
        return session == null;
    }

    private void lose() {
        close();
        onLost.run();
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (session != null) {
            session.close();
            session = null;
        }
    }

    /** Requests that belong together. */
    @FunctionalInterface
    interface Conversation {
        void with(Session session);
    }
}
