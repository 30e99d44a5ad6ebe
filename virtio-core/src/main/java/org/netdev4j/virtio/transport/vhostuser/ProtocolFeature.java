package org.netdev4j.virtio.transport.vhostuser;

import org.netdev4j.virtio.FeatureBit;

/** What front-end and back-end agree on beside the features of the device, by the names of the vhost-user specification. */
enum ProtocolFeature implements FeatureBit {
    MQ(0),
    LOG_SHMFD(1),
    RARP(2),
    REPLY_ACK(3),
    NET_MTU(4),
    BACKEND_REQ(5),
    CONFIG(9),
    BACKEND_SEND_FD(10),
    INFLIGHT_SHMFD(12),
    RESET_DEVICE(13),
    CONFIGURE_MEM_SLOTS(15),
    STATUS(16);

    private final int bit;

    ProtocolFeature(int bit) {
        this.bit = bit;
    }

    @Override
    public int bit() {
        return bit;
    }
}
