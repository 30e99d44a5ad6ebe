package org.netdev4j.netdev;

/**
 * Limits of one queue, in descriptors.
 *
 * @param maxSize largest size
 * @param minSize smallest size
 * @param defaultSize what size 0 in a configuration means
 * @param powerOfTwo only powers of two are allowed
 */
public record QueueInfo(int maxSize, int minSize, int defaultSize, boolean powerOfTwo) {
    /**
     * The size to use for a request: the default for 0, else the request.
     *
     * @throws NetDevException naming what was asked and what is allowed
     */
    public int check(int requested) {
        throw new UnsupportedOperationException();
    }
}
