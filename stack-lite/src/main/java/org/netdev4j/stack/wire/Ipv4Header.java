package org.netdev4j.stack.wire;

import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;

/**
 * The IPv4 header (RFC 791 §3.1).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-------+-------+---------------+-------------------------------+
 *  |Version|  IHL  |Type of Service|          Total Length         |
 *  +-------+-------+---------------+-----+-------------------------+
 *  |         Identification        |Flags|      Fragment Offset    |
 *  +---------------+---------------+-----+-------------------------+
 *  |  Time to Live |    Protocol   |         Header Checksum       |
 *  +---------------+---------------+-------------------------------+
 *  |                       Source Address                          |
 *  +---------------------------------------------------------------+
 *  |                    Destination Address                        |
 *  +---------------------------------------------------------------+
 *  |                   Options, (IHL - 5) * 4 bytes                |
 *  +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv4Header {
    /** Bytes of a header without options. */
    public static final int LENGTH = 20;

    public static final int PROTOCOL_ICMP = 1;
    public static final int PROTOCOL_UDP = 17;

    private static final int TOTAL_LENGTH_OFFSET = 2;
    private static final int FLAGS_OFFSET = 6;
    private static final int TTL_OFFSET = 8;
    private static final int PROTOCOL_OFFSET = 9;
    private static final int CHECKSUM_OFFSET = 10;
    private static final int SOURCE_OFFSET = 12;
    private static final int DESTINATION_OFFSET = 16;

    private static final int VERSION_4 = 4;
    private static final int MORE_FRAGMENTS_OR_OFFSET = 0x3fff;
    private static final int VERSION_4_IHL_5 = 0x4500;
    private static final int DONT_FRAGMENT = 0x4000;

    private Ipv4Header() {}

    /** Whether version, header length and total length make sense and all of the packet is there. */
    public static boolean isWellFormed(NetBuf packet, int at) {
        int present = packet.length() - at;
        return present >= LENGTH && isHeaderWellFormed(packet, at) && totalLength(packet, at) <= present;
    }

    /** As {@link #isWellFormed}, but only the header has to be there: for the start of a packet that ICMP quotes. */
    public static boolean isHeaderWellFormed(NetBuf packet, int at) {
        int present = packet.length() - at;
        if (present < LENGTH || packet.getUnsignedByte(at) >>> 4 != VERSION_4) {
            return false;
        }
        int headerLength = headerLength(packet, at);
        return headerLength >= LENGTH && headerLength <= present && headerLength <= totalLength(packet, at);
    }

    /** Bytes, options included. */
    public static int headerLength(NetBuf packet, int at) {
        return (packet.getUnsignedByte(at) & 0xf) * 4;
    }

    /** Bytes of header and payload. */
    public static int totalLength(NetBuf packet, int at) {
        return packet.getUnsignedShort(at + TOTAL_LENGTH_OFFSET);
    }

    /** Whether this is a part of a packet: more follow, or it is not the first. */
    public static boolean isFragment(NetBuf packet, int at) {
        return (packet.getUnsignedShort(at + FLAGS_OFFSET) & MORE_FRAGMENTS_OR_OFFSET) != 0;
    }

    /** Hops. */
    public static int ttl(NetBuf packet, int at) {
        return packet.getUnsignedByte(at + TTL_OFFSET);
    }

    public static int protocol(NetBuf packet, int at) {
        return packet.getUnsignedByte(at + PROTOCOL_OFFSET);
    }

    public static int checksum(NetBuf packet, int at) {
        return packet.getUnsignedShort(at + CHECKSUM_OFFSET);
    }

    public static int source(NetBuf packet, int at) {
        return packet.getInt(at + SOURCE_OFFSET);
    }

    public static int destination(NetBuf packet, int at) {
        return packet.getInt(at + DESTINATION_OFFSET);
    }

    public static boolean isChecksumCorrect(NetBuf packet, int at) {
        return Checksums.isCorrect(Checksums.add(0, packet, at, headerLength(packet, at)));
    }

    /**
     * Writes a header without options for a packet that is not to be fragmented; such a packet needs no identification
     * (RFC 6864 §4.1), which is 0.
     */
    public static void write(NetBuf packet, int at, int totalLength, int ttl, int protocol, int source,
            int destination) {
        packet.setInt(at, VERSION_4_IHL_5 << 16 | totalLength);
        packet.setInt(at + 4, DONT_FRAGMENT);
        packet.setInt(at + TTL_OFFSET, ttl << 24 | protocol << 16);
        packet.setInt(at + SOURCE_OFFSET, source);
        packet.setInt(at + DESTINATION_OFFSET, destination);
        long sum = InternetChecksum.addInt(0, VERSION_4_IHL_5 << 16 | totalLength);
        sum = InternetChecksum.addInt(sum, DONT_FRAGMENT);
        sum = InternetChecksum.addShort(sum, ttl << 8 | protocol);
        sum = InternetChecksum.addInt(sum, source);
        sum = InternetChecksum.addInt(sum, destination);
        packet.setShort(at + CHECKSUM_OFFSET, ~InternetChecksum.fold(sum));
    }
}
