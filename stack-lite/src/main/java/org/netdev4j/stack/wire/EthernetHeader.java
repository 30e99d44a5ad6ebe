package org.netdev4j.stack.wire;

import org.netdev4j.netbuf.NetBuf;

/**
 * The Ethernet II header (RFC 894), at the start of a frame.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                          Destination                          |
 *  +-------------------------------+-------------------------------+
 *  |                               |            Source             |
 *  +-------------------------------+                               +
 *  |                                                               |
 *  +-------------------------------+-------------------------------+
 *  |           EtherType           |
 *  +-------------------------------+
 * </pre>
 */
public final class EthernetHeader {
    /** Bytes. */
    public static final int LENGTH = 14;

    public static final int TYPE_IPV4 = 0x0800;
    public static final int TYPE_ARP = 0x0806;
    /** A tag of four bytes and another EtherType follow (IEEE 802.1Q). */
    public static final int TYPE_VLAN = 0x8100;
    /** An outer VLAN tag (IEEE 802.1ad). */
    public static final int TYPE_SERVICE_VLAN = 0x88a8;

    private static final int SOURCE_OFFSET = 6;
    private static final int TYPE_OFFSET = 12;
    private static final long GROUP_BIT = 1L << 40;

    private EthernetHeader() {}

    /** Whether the frame is long enough for a header. */
    public static boolean isWellFormed(NetBuf frame) {
        return frame.length() >= LENGTH;
    }

    public static long destination(NetBuf frame) {
        return frame.getLong(0) >>> 16;
    }

    public static long source(NetBuf frame) {
        return frame.getLong(SOURCE_OFFSET) >>> 16;
    }

    public static int etherType(NetBuf frame) {
        return frame.getUnsignedShort(TYPE_OFFSET);
    }

    /** Whether {@code mac} addresses a group of stations, all of them (broadcast) included. */
    public static boolean isGroup(long mac) {
        return (mac & GROUP_BIT) != 0;
    }

    public static void write(NetBuf frame, long destination, long source, int etherType) {
        frame.setLong(0, destination << 16 | source >>> 32);
        frame.setInt(8, (int) source);
        frame.setShort(TYPE_OFFSET, etherType);
    }
}
