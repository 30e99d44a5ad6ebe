package org.netdev4j.netbuf;

/** Is told that a buffer is free again: see {@link NetBuf#onFree}. */
@FunctionalInterface
public interface FreeListener {
    /**
     * The buffer has gone back to its pool. On the thread that dropped the last reference, which for a transmitted packet is
     * the queue's; what it throws goes to that thread's uncaught exception handler.
     *
     * @param token what was given with the listener
     */
    void freed(long token);
}
