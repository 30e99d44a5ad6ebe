package org.netdev4j.stack.wire;

import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;

/**
 * The UDP header (RFC 768).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-------------------------------+-------------------------------+
 *  |          Source Port          |       Destination Port        |
 *  +-------------------------------+-------------------------------+
 *  |     Length, header included   |  Checksum, 0: sender has none |
 *  +-------------------------------+-------------------------------+
 * </pre>
 */
public final class UdpHeader {
    /** Bytes. */
    public static final int LENGTH = 8;

    /** Where the checksum is in the header, bytes. */
    public static final int CHECKSUM_OFFSET = 6;

    private static final int DESTINATION_PORT_OFFSET = 2;
    private static final int LENGTH_OFFSET = 4;

    private UdpHeader() {}

    /** Whether {@code available} bytes at {@code at} hold a header and all that its length announces. */
    public static boolean isWellFormed(NetBuf packet, int at, int available) {
        if (available < LENGTH || available > packet.length() - at) {
            return false;
        }
        int length = length(packet, at);
        return length >= LENGTH && length <= available;
    }

    public static int sourcePort(NetBuf packet, int at) {
        return packet.getUnsignedShort(at);
    }

    public static int destinationPort(NetBuf packet, int at) {
        return packet.getUnsignedShort(at + DESTINATION_PORT_OFFSET);
    }

    /** Bytes of header and payload. */
    public static int length(NetBuf packet, int at) {
        return packet.getUnsignedShort(at + LENGTH_OFFSET);
    }

    public static int checksum(NetBuf packet, int at) {
        return packet.getUnsignedShort(at + CHECKSUM_OFFSET);
    }

    /** Whether the checksum is right for a datagram between those IPv4 addresses, or absent. */
    public static boolean isChecksumCorrect(NetBuf packet, int at, int source, int destination) {
        if (checksum(packet, at) == 0) {
            return true;
        }
        int length = length(packet, at);
        return Checksums.isCorrect(Checksums.add(pseudoHeader(source, destination, length), packet, at, length));
    }

    /** Writes a header, but for the checksum, which is absent then. */
    public static void write(NetBuf packet, int at, int sourcePort, int destinationPort, int length) {
        packet.setInt(at, sourcePort << 16 | (destinationPort & 0xffff));
        packet.setInt(at + LENGTH_OFFSET, length << 16);
    }

    /** Turns the datagram round: source port and destination port change places, which leaves the checksum right. */
    public static void swapPorts(NetBuf packet, int at) {
        packet.setInt(at, Integer.rotateRight(packet.getInt(at), 16));
    }

    /** Sums the whole datagram and stores the checksum. */
    public static void writeChecksum(NetBuf packet, int at, int source, int destination) {
        int length = length(packet, at);
        packet.setShort(at + CHECKSUM_OFFSET, 0);
        long sum = Checksums.add(pseudoHeader(source, destination, length), packet, at, length);
        int checksum = ~InternetChecksum.fold(sum) & 0xffff;
        packet.setShort(at + CHECKSUM_OFFSET, checksum == 0 ? 0xffff : checksum);
    }

    private static long pseudoHeader(int source, int destination, int length) {
        long sum = InternetChecksum.addInt(0, source);
        sum = InternetChecksum.addInt(sum, destination);
        return InternetChecksum.addInt(sum, Ipv4Header.PROTOCOL_UDP << 16 | length);
    }
}
