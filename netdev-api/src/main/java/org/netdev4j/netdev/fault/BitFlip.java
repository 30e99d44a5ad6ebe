package org.netdev4j.netdev.fault;

import java.util.SplittableRandom;

import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;

/** Damage to a packet that its receiver can find: whoever vouched for the checksum does so no more. */
final class BitFlip {
    private BitFlip() {}

    /**
     * Inverts one bit of a packet, or of a copy where someone else holds it too; takes ownership of the packet.
     *
     * @return the damaged packet, or the one given if it is empty, or shared and its pool has nothing for a copy
     */
    static NetBuf apply(NetBuf packet, SplittableRandom random) {
        int length = packet.totalLength();
        if (length == 0) {
            return packet;
        }
        NetBuf own = packet;
        if (isShared(packet)) {
            own = packet.copy();
            if (own == null) {
                return packet;
            }
            packet.free();
        }
        completeChecksum(own);
        own.flags(0);
        flip(own, random.nextInt(length), random.nextInt(Byte.SIZE));
        return own;
    }

    private static boolean isShared(NetBuf packet) {
        for (NetBuf piece = packet; piece != null; piece = piece.next()) {
            if (piece.isShared()) {
                return true;
            }
        }
        return false;
    }

    /** Or the checksum would be computed over the damage. */
    private static void completeChecksum(NetBuf packet) {
        if ((packet.flags() & NetBuf.CHECKSUM_PARTIAL) == 0) {
            return;
        }
        int start = packet.checksumStart();
        int field = start + packet.checksumOffset();
        int bytes = packet.totalLength() - start;
        if (bytes >= 2 && field + 2 <= packet.totalLength()) {
            int checksum = ~InternetChecksum.fold(InternetChecksum.add(0, packet, start, bytes)) & 0xffff;
            setByte(packet, field, checksum >>> 8);
            setByte(packet, field + 1, checksum);
        }
    }

    private static void flip(NetBuf packet, int index, int bit) {
        NetBuf piece = packet;
        int at = index;
        while (at >= piece.length()) {
            at -= piece.length();
            piece = piece.next();
        }
        piece.setByte(at, piece.getUnsignedByte(at) ^ 1 << bit);
    }

    private static void setByte(NetBuf packet, int index, int value) {
        NetBuf piece = packet;
        int at = index;
        while (at >= piece.length()) {
            at -= piece.length();
            piece = piece.next();
        }
        piece.setByte(at, value);
    }
}
