package org.netdev4j.virtio.net;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.transport.vhostuser.StandIn;

/**
 * The network device that a vhost-user back-end is a part of: back-ends have no MAC address, no link and no control queue,
 * so a front-end makes them up. The link is up while the back-end is there.
 */
final class VhostUserStandIn implements StandIn {
    /** What lives on this side of the socket, whether the back-end offers it or not. */
    private static final Features OWN = Features.of(NetFeature.MAC, NetFeature.STATUS, VirtioFeature.RING_RESET);
    /** Reached through a control queue, which no back-end serves. */
    private static final Features CONTROLLED = Features.of(NetFeature.CTRL_VQ);

    private final MacAddress mac;
    private final int mtu;

    /** @param mtu bytes, 0 if the device is to have none of its own */
    VhostUserStandIn(MacAddress mac, int mtu) {
        this.mac = mac;
        this.mtu = mtu;
    }

    @Override
    public int deviceType() {
        return NetFeatures.DEVICE_TYPE;
    }

    @Override
    public int queues(int backEndPairs) {
        return 2;
    }

    @Override
    public Features offered(Features backEnd) {
        Features all = backEnd.or(OWN).minus(CONTROLLED);
        return NetFeatures.TABLE.close(mtu == 0 ? all.without(NetFeature.MTU) : all.with(NetFeature.MTU));
    }

    @Override
    public byte[] config(boolean connected) {
        byte[] config = new byte[NetConfigLayout.MTU + Short.BYTES];
        mac.write(MemorySegment.ofArray(config), NetConfigLayout.MAC);
        ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN)
                .putShort(NetConfigLayout.STATUS, (short) (connected ? NetConfigLayout.STATUS_LINK_UP : 0))
                .putShort(NetConfigLayout.MAX_VIRTQUEUE_PAIRS, (short) 1)
                .putShort(NetConfigLayout.MTU, (short) mtu);
        return config;
    }
}
