package org.netdev4j.stack.wire;

import org.netdev4j.netbuf.NetBuf;

/**
 * An ARP packet for IPv4 over Ethernet (RFC 826).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-------------------------------+-------------------------------+
 *  |   Hardware = 1 (Ethernet)     |    Protocol = 0x0800 (IPv4)   |
 *  +---------------+---------------+-------------------------------+
 *  |   HLen = 6    |   PLen = 4    |           Operation           |
 *  +---------------+---------------+-------------------------------+
 *  |                          Sender MAC                           |
 *  +-------------------------------+-------------------------------+
 *  |                               |          Sender IPv4          |
 *  +-------------------------------+-------------------------------+
 *  |                               |          Target MAC           |
 *  +-------------------------------+                               +
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                          Target IPv4                          |
 *  +---------------------------------------------------------------+
 * </pre>
 */
public final class ArpPacket {
    /** Bytes. */
    public static final int LENGTH = 28;

    public static final int REQUEST = 1;
    public static final int REPLY = 2;

    /** Hardware type, protocol type and the two address lengths. */
    private static final long IPV4_OVER_ETHERNET = 0x0001_0800_0604L;

    private static final int OPERATION_OFFSET = 6;
    private static final int SENDER_MAC_OFFSET = 8;
    private static final int SENDER_IP_OFFSET = 14;
    private static final int TARGET_MAC_OFFSET = 18;
    private static final int TARGET_IP_OFFSET = 24;

    private ArpPacket() {}

    /** Whether a whole request or reply of IPv4 over Ethernet is there; padding behind it is allowed. */
    public static boolean isWellFormed(NetBuf packet, int at) {
        if (packet.length() - at < LENGTH || packet.getLong(at) >>> 16 != IPV4_OVER_ETHERNET) {
            return false;
        }
        int operation = operation(packet, at);
        return operation == REQUEST || operation == REPLY;
    }

    public static int operation(NetBuf packet, int at) {
        return packet.getUnsignedShort(at + OPERATION_OFFSET);
    }

    public static long senderMac(NetBuf packet, int at) {
        return packet.getLong(at + SENDER_MAC_OFFSET) >>> 16;
    }

    public static int senderIp(NetBuf packet, int at) {
        return packet.getInt(at + SENDER_IP_OFFSET);
    }

    public static long targetMac(NetBuf packet, int at) {
        return packet.getLong(at + TARGET_MAC_OFFSET) >>> 16;
    }

    public static int targetIp(NetBuf packet, int at) {
        return packet.getInt(at + TARGET_IP_OFFSET);
    }

    public static void write(NetBuf packet, int at, int operation, long senderMac, int senderIp, long targetMac,
            int targetIp) {
        packet.setLong(at, IPV4_OVER_ETHERNET << 16 | operation);
        packet.setLong(at + SENDER_MAC_OFFSET, senderMac << 16 | senderIp >>> 16);
        packet.setShort(at + SENDER_IP_OFFSET + 2, senderIp);
        packet.setLong(at + TARGET_MAC_OFFSET, targetMac << 16 | targetIp >>> 16);
        packet.setShort(at + TARGET_IP_OFFSET + 2, targetIp);
    }
}
