package org.netdev4j.netbuf;

/**
 * Is told when a pool runs low and when buffers came back. Called by the thread whose allocation or free passed the mark, never
 * by two at a time, low and recovered in turn; not to block, as that thread may be a queue's. What it throws goes to the thread's
 * uncaught exception handler.
 */
@FunctionalInterface
public interface LowWaterListener {
    /** No more buffers are free than the low mark; once until {@link #recovered}. */
    void low(NetBufPool pool);

    /** As many buffers are free as the high mark again. */
    default void recovered(NetBufPool pool) {}
}
