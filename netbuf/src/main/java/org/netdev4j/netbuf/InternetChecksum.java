package org.netdev4j.netbuf;

import java.lang.foreign.MemorySegment;

/** The ones' complement sum of RFC 1071 over off-heap memory. */
public final class InternetChecksum {
    private InternetChecksum() {}

    /**
     * Adds the 16-bit words of a range to a running sum. A range of odd length is padded with a zero byte, so only the
     * last range of a packet may have an odd length.
     *
     * @param sum 0, or what an earlier call returned
     * @return the running sum, to be given to the next call or to {@link #fold}
     */
    public static long add(long sum, MemorySegment memory, long offset, long length) {
        throw new UnsupportedOperationException();
    }

    /** Folds a running sum to the 16 bits of the ones' complement sum, in network byte order, not inverted. */
    public static int fold(long sum) {
        throw new UnsupportedOperationException();
    }
}
