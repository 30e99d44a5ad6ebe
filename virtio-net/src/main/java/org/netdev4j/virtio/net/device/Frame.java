package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;

/**
 * An Ethernet frame in one or more pieces of memory, with the offload request that came with it, checked. A view that is
 * filled for each frame; the bytes may be the driver's and change at any time, so what is decided from them is read once.
 */
public interface Frame {
    /** Bytes of the frame, without any virtio header. */
    int length();

    int pieces();

    MemorySegment segment(int piece);

    long offset(int piece);

    int length(int piece);

    /** Copies a range of the frame. */
    void copyTo(int from, MemorySegment target, long targetOffset, int length);

    /** Bits of {@code NetHeader.FLAG_*}. */
    int flags();

    /** {@code NetHeader.GSO_*}. */
    int gsoType();

    int gsoSize();

    int headerLength();

    /** Valid with FLAG_NEEDS_CSUM; {@code checksumStart + checksumOffset + 2 <= length}. */
    int checksumStart();

    int checksumOffset();
}
