package org.netdev4j.virtio.net.device;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.net.NetConfigLayout;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetFeatures;

/**
 * What a network device is.
 *
 * @param mac its address
 * @param mtu largest IP packet in bytes, 68..65535 (virtio 1.4 §5.1.4.1)
 * @param maxPairs queue pairs it has, 1..{@link #MAX_PAIRS}
 * @param speedMbps speed of the link, Mbit/s, or {@link #UNKNOWN_SPEED}
 * @param maxQueueSize descriptors of the largest queue it takes, a power of two up to 32768
 * @param controlQueue false: who carries the device serves the control queue (a vhost-user front-end does); the features that
 *     need one are offered all the same, and pairs are in use while their queues are there
 * @param offered the features it offers, a subset of {@link #SUPPORTED} with VERSION_1; MQ and RSS only with several pairs
 */
public record DeviceSettings(MacAddress mac, int mtu, int maxPairs, int speedMbps, int maxQueueSize,
        boolean controlQueue, Features offered) {
    /** Every feature a device can offer. */
    public static final Features SUPPORTED = Features.of(VirtioFeature.VERSION_1, VirtioFeature.RING_PACKED,
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

    /** Most queue pairs of a device: as many as a vhost-user connection can name. */
    public static final int MAX_PAIRS = 128;
    /** In place of a speed (virtio 1.4 §5.1.4.2). */
    public static final int UNKNOWN_SPEED = -1;

    private static final int MAX_QUEUE_SIZE = 32768;
    private static final Features OF_SEVERAL_PAIRS = Features.of(NetFeature.MQ, NetFeature.RSS);

    public DeviceSettings {
        if (mac.isMulticast()) {
            throw new IllegalArgumentException("the address of a device is not a group address: " + mac);
        }
        if (mtu < NetConfigLayout.MIN_MTU || mtu > NetConfigLayout.MAX_MTU) {
            throw new IllegalArgumentException(
                    "MTU " + mtu + " is not in " + NetConfigLayout.MIN_MTU + ".." + NetConfigLayout.MAX_MTU);
        }
        if (maxPairs < 1 || maxPairs > MAX_PAIRS) {
            throw new IllegalArgumentException(maxPairs + " queue pairs are not in 1.." + MAX_PAIRS);
        }
        if (speedMbps < UNKNOWN_SPEED) {
            throw new IllegalArgumentException("a speed of " + speedMbps + " Mbit/s is none");
        }
        if (maxQueueSize < 2 || maxQueueSize > MAX_QUEUE_SIZE || Integer.bitCount(maxQueueSize) != 1) {
            throw new IllegalArgumentException(
                    "queue size " + maxQueueSize + " is not a power of two in 2.." + MAX_QUEUE_SIZE);
        }
        if (!offered.isSubsetOf(SUPPORTED) || !offered.has(VirtioFeature.VERSION_1)) {
            throw new IllegalArgumentException(
                    "features " + offered + " are not a subset with VERSION_1 of " + SUPPORTED);
        }
        if (!NetFeatures.TABLE.close(offered).equals(offered)) {
            throw new IllegalArgumentException("features " + offered + " are not complete: of these "
                    + offered.minus(NetFeatures.TABLE.close(offered)) + " need others");
        }
        if (maxPairs == 1 && !offered.and(OF_SEVERAL_PAIRS).isEmpty()) {
            throw new IllegalArgumentException("MQ and RSS are for a device with several queue pairs");
        }
    }

    /** MTU 1500, one queue pair, queues of up to 1024 descriptors, every feature that one pair can have. */
    public static DeviceSettings of(MacAddress mac) {
        return new DeviceSettings(mac, 1500, 1, UNKNOWN_SPEED, 1024, true, SUPPORTED.minus(OF_SEVERAL_PAIRS));
    }

    public DeviceSettings withMtu(int bytes) {
        return new DeviceSettings(mac, bytes, maxPairs, speedMbps, maxQueueSize, controlQueue, offered);
    }

    /** With so many queue pairs; with more than one MQ and RSS are offered, with one they are not. */
    public DeviceSettings withMaxPairs(int pairs) {
        return new DeviceSettings(mac, mtu, pairs, speedMbps, maxQueueSize, controlQueue,
                pairs > 1
                        ? NetFeatures.TABLE.close(offered.or(OF_SEVERAL_PAIRS))
                        : offered.minus(OF_SEVERAL_PAIRS));
    }

    public DeviceSettings withSpeed(int mbps) {
        return new DeviceSettings(mac, mtu, maxPairs, mbps, maxQueueSize, controlQueue, offered);
    }

    public DeviceSettings withMaxQueueSize(int descriptors) {
        return new DeviceSettings(mac, mtu, maxPairs, speedMbps, descriptors, controlQueue, offered);
    }

    /** Someone else serves the control queue. */
    public DeviceSettings withoutControlQueue() {
        return new DeviceSettings(mac, mtu, maxPairs, speedMbps, maxQueueSize, false, offered);
    }

    public DeviceSettings withOffered(Features features) {
        return new DeviceSettings(mac, mtu, maxPairs, speedMbps, maxQueueSize, controlQueue, features);
    }

    /** Bytes of the largest frame the device passes on, but for one that is to be cut. */
    int maxFrameLength() {
        return mtu + Frame.MTU_OVERHEAD;
    }
}
