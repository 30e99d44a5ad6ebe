package org.netdev4j.netdev.capture;

import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;

/** What {@code epb_flags} says of a packet besides its direction (pcapng §4.3.1). */
final class PacketFlags {
    static final int CHECKSUM_NOT_READY = 1 << 9;
    static final int CHECKSUM_VALID = 1 << 10;
    static final int SEGMENTATION_OFFLOADED = 1 << 11;

    /** Of a captured packet until its copy has the checksum; never in a file. */
    static final int CHECKSUM_TO_COMPLETE = 1 << 12;

    private PacketFlags() {}

    /** The flags word of a packet whose copy is to have a complete checksum, unless it is to be cut. */
    static int ofCaptured(Direction direction, NetBuf packet) {
        int flags = of(direction, packet);
        return (flags & (CHECKSUM_NOT_READY | SEGMENTATION_OFFLOADED)) == CHECKSUM_NOT_READY
                ? flags ^ (CHECKSUM_NOT_READY | CHECKSUM_TO_COMPLETE)
                : flags;
    }

    /** The flags word of a packet, all of it. */
    static int of(Direction direction, NetBuf packet) {
        int flags = direction.flags;
        if ((packet.flags() & NetBuf.CHECKSUM_PARTIAL) != 0) {
            flags |= CHECKSUM_NOT_READY;
        }
        if ((packet.flags() & NetBuf.CHECKSUM_VALID) != 0) {
            flags |= CHECKSUM_VALID;
        }
        if (packet.gsoType() != GsoType.NONE) {
            flags |= SEGMENTATION_OFFLOADED;
        }
        return flags;
    }
}
