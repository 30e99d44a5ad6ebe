package org.netdev4j.stack;

import org.netdev4j.netbuf.NetBuf;

/** What the device says about the checksum of a received packet. */
final class Offload {
    private Offload() {}

    /**
     * Whether the checksum field at {@code at + offset} needs no check: the device checked it, or the packet never crossed a
     * wire and the field is still to be completed.
     */
    static boolean vouchesFor(NetBuf frame, int at, int offset) {
        int flags = frame.flags();
        return (flags & NetBuf.CHECKSUM_VALID) != 0 || isPartial(frame, at, offset);
    }

    /** Whether exactly that field is still to be completed. */
    static boolean isPartial(NetBuf frame, int at, int offset) {
        return (frame.flags() & NetBuf.CHECKSUM_PARTIAL) != 0 && frame.checksumStart() == at
                && frame.checksumOffset() == offset;
    }
}
