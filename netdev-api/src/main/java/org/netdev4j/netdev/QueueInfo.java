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
    /** @throws IllegalArgumentException if the limits contradict each other */
    public QueueInfo {
        if (minSize < 1 || minSize > defaultSize || defaultSize > maxSize
                || (powerOfTwo && Integer.bitCount(defaultSize) != 1)) {
            throw new IllegalArgumentException("contradictory limits: " + minSize + " <= " + defaultSize + " <= "
                    + maxSize + (powerOfTwo ? ", powers of two" : ""));
        }
    }

    /**
     * The size to use for a request: the default for 0, else the request.
     *
     * @throws NetDevException naming what was asked and what is allowed
     */
    public int check(int requested) {
        if (requested == 0) {
            return defaultSize;
        }
        if (requested < minSize || requested > maxSize || (powerOfTwo && Integer.bitCount(requested) != 1)) {
            throw new NetDevException("queue size " + requested + " is not possible: allowed is "
                    + (powerOfTwo ? "a power of two from " : "from ") + minSize + " to " + maxSize
                    + " descriptors, or 0 for " + defaultSize);
        }
        return requested;
    }
}
