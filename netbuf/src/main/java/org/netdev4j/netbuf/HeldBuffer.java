package org.netdev4j.netbuf;

/**
 * A buffer that somebody holds: see {@link NetBufPool#leaks()}.
 *
 * @param index its index in the pool
 * @param refCount its holders; 0 if only duplicates of its bytes are held
 * @param allocated names the thread, and its stack trace the place, that allocated it; null if that was not sampled
 * @param touched the same of the last {@link NetBuf#touch()} since; null if there was none
 */
public record HeldBuffer(int index, int refCount, Throwable allocated, Throwable touched) {}
