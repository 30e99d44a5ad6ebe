package org.netdev4j.virtio.net;

import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;

/** Completes a partial checksum before the packet goes to a device that did not negotiate CSUM (virtio 1.4 §5.1.9.2.1). */
final class SoftwareChecksum {
    private SoftwareChecksum() {}

    /** True if someone else holds a piece of the packet: its bytes are not ours to change. */
    static boolean isShared(NetBuf packet) {
        for (NetBuf piece = packet; piece != null; piece = piece.next()) {
            if (piece.isShared()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Sums from {@link NetBuf#checksumStart()} to the end of a packet that is not shared, and stores the result in the
     * checksum field, which must be inside.
     */
    static void complete(NetBuf packet) {
        int start = packet.checksumStart();
        int checksum = ~sum(packet, start) & 0xffff;
        // 0 means "no checksum" to UDP, and to every other protocol the same as 0xffff (RFC 768).
        store(packet, start + packet.checksumOffset(), checksum == 0 ? 0xffff : checksum);
    }

    /** The folded ones' complement sum of the bytes from {@code start} on; pieces may have any length. */
    private static int sum(NetBuf packet, int start) {
        long sum = 0;
        int position = 0;
        for (NetBuf piece = packet; piece != null; piece = piece.next()) {
            int skipped = Math.clamp((long) start - position, 0, piece.length());
            int length = piece.length() - skipped;
            int pieceSum = InternetChecksum
                    .fold(InternetChecksum.add(0, piece.segment(), piece.dataOffset() + skipped, length));
            boolean odd = ((position + skipped - start) & 1) != 0;
            sum += odd ? Short.toUnsignedInt(Short.reverseBytes((short) pieceSum)) : pieceSum;
            position += piece.length();
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (int) ((sum & 0xffff) + (sum >>> 16));
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
