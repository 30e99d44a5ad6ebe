package org.netdev4j.virtio.net;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.NetDevInfo;
import org.netdev4j.netdev.QueueInfo;
import org.netdev4j.virtio.DriverHandshake;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.VirtioTransport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What probing found out about a device.
 *
 * @param config the device configuration then
 * @param wanted features to ask for at every start
 * @param negotiated features agreed on when it was probed; what start agrees on counts
 * @param mac the device's, the user's, or a random one
 * @param maxMtu largest MTU, bytes
 * @param mtu MTU to begin with, bytes
 */
record Discovery(NetDeviceConfig config, Features wanted, Features negotiated, MacAddress mac, int maxMtu, int mtu) {
    static final int MAX_PAIRS = 1;

    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
    private static final int DEFAULT_RING_SIZE = 256;
    private static final int MIN_RING_SIZE = 2;
    private static final long LOCALLY_ADMINISTERED = 1L << 41;
    private static final long MULTICAST = 1L << 40;

    /** Reads the configuration and negotiates, as far as FEATURES_OK. */
    static Discovery probe(VirtioTransport device, DriverOptions options) {
        checkQueueSizes(device, options.ringSize());
        NetDeviceConfig config = NetDeviceConfig.read(device);
        Features wanted = usable(device, config, options.wanted());
        Features negotiated = DriverHandshake.negotiate(device, NetFeatures.TABLE, wanted, options.needed());
        int deviceMtu = negotiated.has(NetFeature.MTU) ? config.mtu() : 0;
        MacAddress deviceMac = negotiated.has(NetFeature.MAC) ? config.mac() : null;
        return new Discovery(config, wanted, negotiated, mac(options.mac(), deviceMac),
                deviceMtu == 0 ? NetConfigLayout.MAX_MTU : deviceMtu, mtu(device, options.mtu(), deviceMtu));
    }

    private static void checkQueueSizes(VirtioTransport device, int ringSize) {
        for (int i = 0; i < 2 * MAX_PAIRS; i++) {
            int max = device.maxQueueSize(i);
            if (max < MIN_RING_SIZE) {
                throw new NetDevException("virtqueue " + i + " of " + device.name() + " has " + max
                        + " descriptors, the driver needs " + MIN_RING_SIZE + " at least");
            }
            if (ringSize > max) {
                throw new NetDevException("size=" + ringSize + ": virtqueue " + i + " of " + device.name()
                        + " has at most " + max + " descriptors");
            }
        }
    }

    /** An MTU that no device may have (virtio 1.4 §5.1.4.1) is not asked for. */
    private static Features usable(VirtioTransport device, NetDeviceConfig config, Features wanted) {
        boolean hasMtu = device.deviceFeatures().has(NetFeature.MTU);
        if (!hasMtu || config.mtu() >= NetConfigLayout.MIN_MTU) {
            return wanted;
        }
        LOG.warn("{}: the device has an MTU of {} bytes, {} is the least there is: ignored", device.name(),
                config.mtu(), NetConfigLayout.MIN_MTU);
        return wanted.without(NetFeature.MTU);
    }

    private static int mtu(VirtioTransport device, int asked, int deviceMtu) {
        if (deviceMtu != 0 && asked > deviceMtu) {
            throw new NetDevException(
                    "mtu=" + asked + ": the device " + device.name() + " takes at most " + deviceMtu + " bytes");
        }
        if (asked != 0) {
            return asked;
        }
        return deviceMtu == 0 ? NetDevInfo.DEFAULT_MTU : deviceMtu;
    }

    /** The user's choice, else the device's, else random and locally administered (virtio 1.4 §5.1.4.2). */
    private static MacAddress mac(MacAddress asked, MacAddress ofDevice) {
        if (asked != null) {
            return asked;
        }
        if (ofDevice != null) {
            return ofDevice;
        }
        long random = ThreadLocalRandom.current().nextLong() & MacAddress.BROADCAST.value();
        return new MacAddress((random & ~MULTICAST) | LOCALLY_ADMINISTERED);
    }

    /** @param agreed the features in force */
    NetDevInfo info(Features agreed) {
        int headerLength = NetHeader.length(agreed);
        return NetDevInfo.pairs(MAX_PAIRS).withMaxMtu(maxMtu).withHeadroom(headerLength, headerLength)
                .withCapabilities(capabilities(agreed));
    }

    private static Set<Capability> capabilities(Features agreed) {
        EnumSet<Capability> all = EnumSet.of(Capability.RX_INTERRUPT, Capability.TX_INTERRUPT, Capability.MTU_SET);
        if (agreed.has(NetFeature.CSUM)) {
            all.add(Capability.TX_CHECKSUM);
        }
        if (agreed.has(NetFeature.GUEST_CSUM)) {
            all.add(Capability.RX_CHECKSUM);
        }
        if (agreed.has(NetFeature.STATUS)) {
            all.add(Capability.LINK_STATE);
        }
        return all;
    }

    /** Limits of a virtqueue, and its size unless asked otherwise. */
    QueueInfo queueInfo(VirtioTransport device, int virtqueueIndex, int preferredSize) {
        boolean packed = negotiated.has(VirtioFeature.RING_PACKED);
        int most = device.maxQueueSize(virtqueueIndex);
        int max = packed ? most : Integer.highestOneBit(most);
        int size = preferredSize == 0 ? DEFAULT_RING_SIZE : preferredSize;
        return new QueueInfo(max, MIN_RING_SIZE, Math.min(size, max), !packed);
    }
}
