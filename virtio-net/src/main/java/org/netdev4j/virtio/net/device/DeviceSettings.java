package org.netdev4j.virtio.net.device;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.net.NetConfigLayout;
import org.netdev4j.virtio.net.NetFeature;

/**
 * What a network device is.
 *
 * @param mac its address
 * @param mtu largest IP packet in bytes, 68..65535 (virtio 1.4 §5.1.4.1)
 * @param maxQueueSize descriptors of the largest queue it takes, a power of two up to 32768
 * @param offered the features it offers, a subset of {@link #SUPPORTED} with VERSION_1
 */
public record DeviceSettings(MacAddress mac, int mtu, int maxQueueSize, Features offered) {
    /** Every feature a device can offer. */
    public static final Features SUPPORTED = Features.of(VirtioFeature.VERSION_1, VirtioFeature.RING_PACKED,
            VirtioFeature.INDIRECT_DESC, VirtioFeature.EVENT_IDX, VirtioFeature.IN_ORDER,
            VirtioFeature.NOTIFICATION_DATA,
            VirtioFeature.RING_RESET, NetFeature.MAC, NetFeature.STATUS, NetFeature.MTU, NetFeature.CSUM,
            NetFeature.GUEST_CSUM);

    private static final int MAX_QUEUE_SIZE = 32768;

    public DeviceSettings {
        if (mac.isMulticast()) {
            throw new IllegalArgumentException("the address of a device is not a group address: " + mac);
        }
        if (mtu < NetConfigLayout.MIN_MTU || mtu > NetConfigLayout.MAX_MTU) {
            throw new IllegalArgumentException(
                    "MTU " + mtu + " is not in " + NetConfigLayout.MIN_MTU + ".." + NetConfigLayout.MAX_MTU);
        }
        if (maxQueueSize < 2 || maxQueueSize > MAX_QUEUE_SIZE || Integer.bitCount(maxQueueSize) != 1) {
            throw new IllegalArgumentException(
                    "queue size " + maxQueueSize + " is not a power of two in 2.." + MAX_QUEUE_SIZE);
        }
        if (!offered.isSubsetOf(SUPPORTED) || !offered.has(VirtioFeature.VERSION_1)) {
            throw new IllegalArgumentException(
                    "features " + offered + " are not a subset with VERSION_1 of " + SUPPORTED);
        }
    }

    /** MTU 1500, queues of up to 1024 descriptors, every feature. */
    public static DeviceSettings of(MacAddress mac) {
        return new DeviceSettings(mac, 1500, 1024, SUPPORTED);
    }

    public DeviceSettings withMtu(int bytes) {
        return new DeviceSettings(mac, bytes, maxQueueSize, offered);
    }

    public DeviceSettings withMaxQueueSize(int descriptors) {
        return new DeviceSettings(mac, mtu, descriptors, offered);
    }

    public DeviceSettings withOffered(Features features) {
        return new DeviceSettings(mac, mtu, maxQueueSize, features);
    }

    /** Bytes of the largest frame the device passes on. */
    int maxFrameLength() {
        return mtu + Frame.MTU_OVERHEAD;
    }
}
