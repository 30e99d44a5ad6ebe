package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;

/** Consecutive bytes of a frame, or room for them, in one or more pieces of memory. A view that is filled anew for each frame. */
public interface FrameMemory {
    /** Bytes of all pieces. */
    int length();

    int pieces();

    /** Memory that {@code piece} is in. */
    MemorySegment segment(int piece);

    /** Offset of {@code piece} in its {@link #segment}. */
    long offset(int piece);

    /** Bytes of {@code piece}. */
    int length(int piece);

    /** Copies bytes {@code from..from+length} to {@code target}; they must be there. */
    default void copyTo(int from, MemorySegment target, long targetOffset, int length) {
        int skip = from;
        int left = length;
        long to = targetOffset;
        for (int piece = 0; left > 0; piece++) {
            int available = length(piece) - skip;
            if (available <= 0) {
                skip = -available;
                continue;
            }
            int now = Math.min(available, left);
            MemorySegment.copy(segment(piece), offset(piece) + skip, target, to, now);
            skip = 0;
            left -= now;
            to += now;
        }
    }
}
