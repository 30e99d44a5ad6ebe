package org.netdev4j.stack;

/** Limits a rate: {@code capacity} at once, and one more every {@code refillNs} nanoseconds. */
final class TokenBucket {
    private final int capacity;
    private final long refillNs;
    private long tokens;
    private long refilledAtNs;

    TokenBucket(int capacity, long refillNs, long nowNs) {
        this.capacity = capacity;
        this.refillNs = refillNs;
        this.tokens = capacity;
        this.refilledAtNs = nowNs;
    }

    /** Takes a token if there is one. */
    boolean take(long nowNs) {
        long refills = (nowNs - refilledAtNs) / refillNs;
        if (refills > 0) {
            tokens = Math.min(capacity, tokens + refills);
            refilledAtNs += refills * refillNs;
        }
        if (tokens == 0) {
            return false;
        }
        tokens--;
        return true;
    }
}
