package org.netdev4j.virtio.net;

import org.netdev4j.virtio.FeatureTable;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

/** The feature bits of a network device and what each needs, virtio 1.4 §5.1.3.1; one table for both ends. */
public final class NetFeatures {
    /** The device id of a network device (virtio 1.4 §5.1.1). */
    public static final int DEVICE_TYPE = 1;

    /** Every bit of {@link NetFeature} and {@code VirtioFeature}. */
    public static final FeatureTable TABLE = table();

    /** What the driver implements. */
    static final Features IMPLEMENTED = Features.of(VirtioFeature.VERSION_1, VirtioFeature.RING_PACKED,
            VirtioFeature.INDIRECT_DESC, VirtioFeature.EVENT_IDX, VirtioFeature.IN_ORDER,
            VirtioFeature.NOTIFICATION_DATA, VirtioFeature.RING_RESET,
            NetFeature.MAC, NetFeature.STATUS, NetFeature.MTU, NetFeature.SPEED_DUPLEX, NetFeature.MRG_RXBUF,
            NetFeature.CSUM, NetFeature.HOST_TSO4, NetFeature.HOST_TSO6, NetFeature.HOST_ECN, NetFeature.HOST_USO,
            NetFeature.GUEST_CSUM, NetFeature.GUEST_TSO4, NetFeature.GUEST_TSO6, NetFeature.GUEST_ECN,
            NetFeature.GUEST_USO4, NetFeature.GUEST_USO6, NetFeature.GUEST_HDRLEN,
            NetFeature.CTRL_VQ, NetFeature.CTRL_RX, NetFeature.CTRL_RX_EXTRA, NetFeature.CTRL_VLAN,
            NetFeature.CTRL_MAC_ADDR, NetFeature.GUEST_ANNOUNCE, NetFeature.CTRL_GUEST_OFFLOADS, NetFeature.MQ,
            NetFeature.RSS, NetFeature.HASH_REPORT, NetFeature.NOTF_COAL, NetFeature.VQ_NOTF_COAL,
            NetFeature.DEVICE_STATS);

    /** Larger packets than the MTU that a device may deliver. */
    static final Features LARGE_RECEIVE = Features.of(NetFeature.GUEST_TSO4, NetFeature.GUEST_TSO6,
            NetFeature.GUEST_ECN, NetFeature.GUEST_USO4, NetFeature.GUEST_USO6);

    /**
     * What the driver wants unless told otherwise: not what changes the packets an application has to deal with, or makes every
     * header longer.
     */
    static final Features WANTED = IMPLEMENTED.minus(LARGE_RECEIVE).without(NetFeature.HASH_REPORT)
            .without(NetFeature.CTRL_VLAN).without(NetFeature.DEVICE_STATS);

    /** What the driver cannot do without: nothing. */
    static final Features NEEDED = Features.NONE;

    private NetFeatures() {}

    private static FeatureTable table() {
        return FeatureTable.builder()
                .add(NetFeature.CSUM)
                .add(NetFeature.GUEST_CSUM)
                .add(NetFeature.MTU)
                .add(NetFeature.MAC)
                .add(NetFeature.GSO)
                .add(NetFeature.MRG_RXBUF)
                .add(NetFeature.STATUS)
                .add(NetFeature.CTRL_VQ)
                .add(NetFeature.GUEST_HDRLEN)
                .add(NetFeature.STANDBY)
                .add(NetFeature.SPEED_DUPLEX)
                .add(NetFeature.OUT_NET_HEADER)
                .add(NetFeature.IPSEC)
                .needsAll(NetFeature.GUEST_TSO4, NetFeature.GUEST_CSUM)
                .needsAll(NetFeature.GUEST_TSO6, NetFeature.GUEST_CSUM)
                .needsAll(NetFeature.GUEST_UFO, NetFeature.GUEST_CSUM)
                .needsAll(NetFeature.GUEST_USO4, NetFeature.GUEST_CSUM)
                .needsAll(NetFeature.GUEST_USO6, NetFeature.GUEST_CSUM)
                .needsAny(NetFeature.GUEST_ECN, NetFeature.GUEST_TSO4, NetFeature.GUEST_TSO6)
                .needsAll(NetFeature.GUEST_UDP_TUNNEL_GSO, NetFeature.GUEST_TSO4, NetFeature.GUEST_TSO6,
                        NetFeature.GUEST_USO4, NetFeature.GUEST_USO6)
                .needsAll(NetFeature.GUEST_UDP_TUNNEL_GSO_CSUM, NetFeature.GUEST_UDP_TUNNEL_GSO)
                .needsAll(NetFeature.HOST_TSO4, NetFeature.CSUM)
                .needsAll(NetFeature.HOST_TSO6, NetFeature.CSUM)
                .needsAll(NetFeature.HOST_UFO, NetFeature.CSUM)
                .needsAll(NetFeature.HOST_USO, NetFeature.CSUM)
                .needsAny(NetFeature.HOST_ECN, NetFeature.HOST_TSO4, NetFeature.HOST_TSO6)
                .needsAny(NetFeature.RSC_EXT, NetFeature.HOST_TSO4, NetFeature.HOST_TSO6)
                .needsAll(NetFeature.HOST_UDP_TUNNEL_GSO, NetFeature.HOST_TSO4, NetFeature.HOST_TSO6,
                        NetFeature.HOST_USO)
                .needsAll(NetFeature.HOST_UDP_TUNNEL_GSO_CSUM, NetFeature.HOST_UDP_TUNNEL_GSO)
                .needsAll(NetFeature.CTRL_RX, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.CTRL_RX_EXTRA, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.CTRL_VLAN, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.GUEST_ANNOUNCE, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.MQ, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.CTRL_MAC_ADDR, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.CTRL_GUEST_OFFLOADS, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.DEVICE_STATS, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.NOTF_COAL, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.VQ_NOTF_COAL, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.RSS, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.RSS_CONTEXT, NetFeature.CTRL_VQ, NetFeature.RSS)
                .needsAll(NetFeature.HASH_REPORT, NetFeature.CTRL_VQ)
                .needsAll(NetFeature.HASH_TUNNEL, NetFeature.CTRL_VQ)
                .needsAny(NetFeature.HASH_TUNNEL, NetFeature.RSS, NetFeature.HASH_REPORT)
                .build();
    }
}
