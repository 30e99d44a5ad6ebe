package org.netdev4j.netdev.offload;

import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;

/** Completes the checksum of a packet whose checksum field holds the sum of the pseudo-header. */
final class PartialChecksum {
    private PartialChecksum() {}

    /** True if the sum starts, and its field lies, inside the packet. */
    static boolean isInside(NetBuf packet) {
        return (long) packet.checksumStart() + packet.checksumOffset() + Short.BYTES <= packet.totalLength();
    }

    /** Sums to the end of a packet that is not shared, stores the result in the field, and takes the request back. */
    static void complete(NetBuf packet) {
        int start = packet.checksumStart();
        store(packet, start + packet.checksumOffset(), of(packet, start));
        packet.flags(packet.flags() & ~NetBuf.CHECKSUM_PARTIAL);
    }

    /** What belongs into the field; never 0, which to UDP means that there is none, and to others the same (RFC 768). */
    static int of(NetBuf packet, int start) {
        long sum = InternetChecksum.add(0, packet, start, packet.totalLength() - start);
        int checksum = ~InternetChecksum.fold(sum) & 0xffff;
        return checksum == 0 ? 0xffff : checksum;
    }

    private static void store(NetBuf packet, int index, int value) {
        NetBuf piece = packet;
        int position = index;
        for (int shift = 8; shift >= 0; shift -= 8) {
            while (position >= piece.length()) {
                position -= piece.length();
                piece = piece.next();
            }
            piece.setByte(position++, value >>> shift & 0xff);
        }
    }
}
