package org.netdev4j.stack.wire;

import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;

/**
 * The ICMP header (RFC 792), as echo messages and errors have it.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------+---------------+-------------------------------+
 *  |     Type      |     Code      |           Checksum            |
 *  +---------------+---------------+-------------------------------+
 *  |   Identifier (echo), unused   |       Sequence (echo)         |
 *  +-------------------------------+-------------------------------+
 *  |  Payload (echo), or the start of the packet that went wrong   |
 *  +---------------------------------------------------------------+
 * </pre>
 */
public final class IcmpHeader {
    /** Bytes. */
    public static final int LENGTH = 8;

    public static final int ECHO_REPLY = 0;
    public static final int DESTINATION_UNREACHABLE = 3;
    public static final int ECHO_REQUEST = 8;
    public static final int TIME_EXCEEDED = 11;

    /** Code of {@link #DESTINATION_UNREACHABLE}. */
    public static final int PROTOCOL_UNREACHABLE = 2;
    /** Code of {@link #DESTINATION_UNREACHABLE}. */
    public static final int PORT_UNREACHABLE = 3;

    /** Where the checksum is in the header, bytes. */
    public static final int CHECKSUM_OFFSET = 2;

    private static final int CODE_OFFSET = 1;
    private static final int IDENTIFIER_OFFSET = 4;
    private static final int SEQUENCE_OFFSET = 6;

    private IcmpHeader() {}

    /** Whether {@code length} bytes at {@code at} are enough for a header and are there. */
    public static boolean isWellFormed(NetBuf packet, int at, int length) {
        return length >= LENGTH && length <= packet.length() - at;
    }

    public static int type(NetBuf packet, int at) {
        return packet.getUnsignedByte(at);
    }

    public static int code(NetBuf packet, int at) {
        return packet.getUnsignedByte(at + CODE_OFFSET);
    }

    public static int checksum(NetBuf packet, int at) {
        return packet.getUnsignedShort(at + CHECKSUM_OFFSET);
    }

    public static int identifier(NetBuf packet, int at) {
        return packet.getUnsignedShort(at + IDENTIFIER_OFFSET);
    }

    public static int sequence(NetBuf packet, int at) {
        return packet.getUnsignedShort(at + SEQUENCE_OFFSET);
    }

    /** @param length bytes of the message, header included */
    public static boolean isChecksumCorrect(NetBuf packet, int at, int length) {
        return Checksums.isCorrect(Checksums.add(0, packet, at, length));
    }

    /** Writes a header, but for the checksum. */
    public static void write(NetBuf packet, int at, int type, int code, int identifier, int sequence) {
        packet.setInt(at, type << 24 | code << 16);
        packet.setInt(at + IDENTIFIER_OFFSET, identifier << 16 | (sequence & 0xffff));
    }

    /**
     * Sums the whole message and stores the checksum.
     *
     * @param length bytes of the message, header included
     */
    public static void writeChecksum(NetBuf packet, int at, int length) {
        packet.setShort(at + CHECKSUM_OFFSET, 0);
        packet.setShort(at + CHECKSUM_OFFSET, ~InternetChecksum.fold(Checksums.add(0, packet, at, length)));
    }

    /** Makes another type of the message and corrects the checksum by the difference (RFC 1624 §3, eqn. 3). */
    public static void changeType(NetBuf packet, int at, int type) {
        int oldWord = packet.getUnsignedShort(at);
        int newWord = type << 8 | (oldWord & 0xff);
        long sum = InternetChecksum.addShort(0, ~checksum(packet, at));
        sum = InternetChecksum.addShort(sum, ~oldWord);
        sum = InternetChecksum.addShort(sum, newWord);
        int checksum = ~InternetChecksum.fold(sum) & 0xffff;
        packet.setShort(at, newWord);
        // Both zeros are right, but for a message of nothing but zeros: there only this one is.
        packet.setShort(at + CHECKSUM_OFFSET, checksum == 0 ? 0xffff : checksum);
    }
}
