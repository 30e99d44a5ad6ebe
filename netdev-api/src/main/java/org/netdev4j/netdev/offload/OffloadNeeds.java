package org.netdev4j.netdev.offload;

import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.NetDevInfo;

/** What packets ask for and one device does not do. */
final class OffloadNeeds {
    /** Of a device that does nothing. */
    static final OffloadNeeds ALL = new OffloadNeeds(NetDevInfo.pairs(1));

    private final boolean deviceChecksums;
    /** By ordinal of {@link GsoType}. */
    private final boolean[] deviceCuts = new boolean[GsoType.values().length];

    OffloadNeeds(NetDevInfo device) {
        deviceChecksums = device.has(Capability.TX_CHECKSUM);
        for (GsoType type : GsoType.values()) {
            deviceCuts[index(type)] = switch (type) {
                case NONE -> true;
                case TCP_IPV4 -> device.has(Capability.TX_TSO4);
                case TCP_IPV6 -> device.has(Capability.TX_TSO6);
                case TCP_IPV4_ECN -> device.has(Capability.TX_TSO4) && device.has(Capability.TX_TSO_ECN);
                case TCP_IPV6_ECN -> device.has(Capability.TX_TSO6) && device.has(Capability.TX_TSO_ECN);
                case UDP -> device.has(Capability.TX_USO);
            };
        }
    }

    boolean checksum() {
        return !deviceChecksums;
    }

    boolean checksum(NetBuf packet) {
        return !deviceChecksums && (packet.flags() & NetBuf.CHECKSUM_PARTIAL) != 0;
    }

    boolean cutting(NetBuf packet) {
        return !deviceCuts[index(packet.gsoType())];
    }

    @SuppressWarnings("EnumOrdinal")
    private static int index(GsoType type) {
        return type.ordinal();
    }
}
