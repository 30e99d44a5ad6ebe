package org.netdev4j.netbuf;

/**
 * What a pool looks like at one moment; exact when no thread allocates or frees just then.
 *
 * @param buffers all there are
 * @param free buffers that nobody holds, {@code cached} ones among them
 * @param cached free buffers that single threads keep for themselves
 * @param duplicates held duplicates
 * @param exhausted how often a request found fewer buffers or duplicates than asked
 * @param lowEvents how often the pool ran low: see {@link NetBufPool.Builder#lowWater}
 */
public record PoolStatistics(int buffers, int free, int cached, int duplicates, long exhausted, long lowEvents) {
    /** Buffers that somebody holds. */
    public int inUse() {
        return buffers - free;
    }
}
