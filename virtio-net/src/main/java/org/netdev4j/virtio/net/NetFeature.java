package org.netdev4j.virtio.net;

import org.netdev4j.virtio.FeatureBit;

/**
 * Feature bits of a network device, virtio 1.4 §5.1.3, without the {@code VIRTIO_NET_F_} prefix; but for GUEST_RSC4 (41) and
 * GUEST_RSC6 (42) of legacy devices, since 41 is ADMIN_VQ today.
 */
public enum NetFeature implements FeatureBit {
    CSUM(0),
    GUEST_CSUM(1),
    CTRL_GUEST_OFFLOADS(2),
    MTU(3),
    MAC(5),
    GSO(6),
    GUEST_TSO4(7),
    GUEST_TSO6(8),
    GUEST_ECN(9),
    GUEST_UFO(10),
    HOST_TSO4(11),
    HOST_TSO6(12),
    HOST_ECN(13),
    HOST_UFO(14),
    MRG_RXBUF(15),
    STATUS(16),
    CTRL_VQ(17),
    CTRL_RX(18),
    CTRL_VLAN(19),
    CTRL_RX_EXTRA(20),
    GUEST_ANNOUNCE(21),
    MQ(22),
    CTRL_MAC_ADDR(23),
    DEVICE_STATS(50),
    HASH_TUNNEL(51),
    VQ_NOTF_COAL(52),
    NOTF_COAL(53),
    GUEST_USO4(54),
    GUEST_USO6(55),
    HOST_USO(56),
    HASH_REPORT(57),
    GUEST_HDRLEN(59),
    RSS(60),
    RSC_EXT(61),
    STANDBY(62),
    SPEED_DUPLEX(63),
    RSS_CONTEXT(64),
    GUEST_UDP_TUNNEL_GSO(65),
    GUEST_UDP_TUNNEL_GSO_CSUM(66),
    HOST_UDP_TUNNEL_GSO(67),
    HOST_UDP_TUNNEL_GSO_CSUM(68),
    OUT_NET_HEADER(69),
    IPSEC(70);

    private final int bit;

    NetFeature(int bit) {
        this.bit = bit;
    }

    @Override
    public int bit() {
        return bit;
    }
}
