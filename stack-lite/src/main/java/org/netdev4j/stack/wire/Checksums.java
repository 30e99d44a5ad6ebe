package org.netdev4j.stack.wire;

import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;

/** {@link InternetChecksum} over a part of a packet in one piece. */
final class Checksums {
    private static final int ALL_ONES = 0xffff;

    private Checksums() {}

    static long add(long sum, NetBuf packet, int at, int length) {
        return InternetChecksum.add(sum, packet.segment(), packet.dataOffset() + at, length);
    }

    /** Whether a sum over data and its own checksum is right (RFC 1071 §1). */
    static boolean isCorrect(long sum) {
        return InternetChecksum.fold(sum) == ALL_ONES;
    }
}
