package org.netdev4j.virtio.net;

import org.netdev4j.netbuf.NetBuf;

/** Lengths of an Ethernet frame without its checksum, bytes, and what they say about the MTU. */
final class EthernetFrame {
    static final int HEADER = 14;
    static final int VLAN_TAG = 4;
    /** Longest packet that is cut or was joined: an IP packet of 65535 bytes. */
    static final int MAX_LARGE = 65535 + HEADER + VLAN_TAG;

    private static final int TYPE = 12;
    private static final int TYPE_VLAN = 0x8100;
    private static final int TYPE_SERVICE_VLAN = 0x88a8;

    private EthernetFrame() {}

    /** True if the frame carries no more than {@code mtu} bytes: a VLAN tag is not part of them. */
    static boolean fits(NetBuf frame, int mtu) {
        int excess = frame.totalLength() - mtu - HEADER;
        return excess <= 0 || (excess <= VLAN_TAG && isTagged(frame));
    }

    private static boolean isTagged(NetBuf frame) {
        if (frame.length() < TYPE + 2) {
            return false;
        }
        int type = frame.getUnsignedShort(TYPE);
        return type == TYPE_VLAN || type == TYPE_SERVICE_VLAN;
    }
}
