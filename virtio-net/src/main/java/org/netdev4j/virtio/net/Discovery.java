package org.netdev4j.virtio.net;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.FlowHashType;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.NetDevInfo;
import org.netdev4j.netdev.QueueInfo;
import org.netdev4j.netdev.RssConfig;
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
    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
    /** More than any machine has CPUs for. */
    private static final int MAX_PAIRS = 1024;
    private static final int MAX_VIRTQUEUE_PAIRS = 0x8000;
    private static final int DEFAULT_RING_SIZE = 256;
    private static final int MIN_RING_SIZE = 2;
    private static final Map<NetFeature, List<Capability>> CAPABILITIES = new EnumMap<>(Map.ofEntries(
            Map.entry(NetFeature.CSUM, List.of(Capability.TX_CHECKSUM)),
            Map.entry(NetFeature.HOST_TSO4, List.of(Capability.TX_TSO4)),
            Map.entry(NetFeature.HOST_TSO6, List.of(Capability.TX_TSO6)),
            Map.entry(NetFeature.HOST_ECN, List.of(Capability.TX_TSO_ECN)),
            Map.entry(NetFeature.HOST_USO, List.of(Capability.TX_USO)),
            Map.entry(NetFeature.GUEST_CSUM, List.of(Capability.RX_CHECKSUM)),
            Map.entry(NetFeature.GUEST_TSO4, List.of(Capability.RX_TSO4)),
            Map.entry(NetFeature.GUEST_TSO6, List.of(Capability.RX_TSO6)),
            Map.entry(NetFeature.GUEST_ECN, List.of(Capability.RX_TSO_ECN)),
            Map.entry(NetFeature.GUEST_USO4, List.of(Capability.RX_USO4)),
            Map.entry(NetFeature.GUEST_USO6, List.of(Capability.RX_USO6)),
            Map.entry(NetFeature.STATUS, List.of(Capability.LINK_STATE)),
            Map.entry(NetFeature.CTRL_RX, List.of(Capability.PROMISCUOUS, Capability.ALL_MULTICAST,
                    Capability.MULTICAST_LIST)),
            Map.entry(NetFeature.CTRL_RX_EXTRA, List.of(Capability.RECEIVE_MODES)),
            Map.entry(NetFeature.CTRL_VLAN, List.of(Capability.VLAN_FILTER)),
            Map.entry(NetFeature.CTRL_MAC_ADDR, List.of(Capability.MAC_SET)),
            Map.entry(NetFeature.RSS, List.of(Capability.RSS)),
            Map.entry(NetFeature.HASH_REPORT, List.of(Capability.FLOW_HASH)),
            Map.entry(NetFeature.NOTF_COAL, List.of(Capability.COALESCING)),
            Map.entry(NetFeature.VQ_NOTF_COAL, List.of(Capability.QUEUE_COALESCING)),
            Map.entry(NetFeature.CTRL_GUEST_OFFLOADS, List.of(Capability.RX_OFFLOADS_SET))));
    private static final long LOCALLY_ADMINISTERED = 1L << 41;
    private static final long MULTICAST = 1L << 40;

    /** Reads the configuration and negotiates, as far as FEATURES_OK. */
    static Discovery probe(VirtioTransport device, DriverOptions options) {
        NetDeviceConfig config = NetDeviceConfig.read(device);
        checkQueueSizes(device, options.ringSize());
        Features wanted = usable(device, config, options.wanted());
        Features negotiated = DriverHandshake.negotiate(device, NetFeatures.TABLE, wanted, options.needed());
        int deviceMtu = negotiated.has(NetFeature.MTU) ? config.mtu() : 0;
        MacAddress deviceMac = negotiated.has(NetFeature.MAC) ? config.mac() : null;
        return new Discovery(config, wanted, negotiated, mac(options.mac(), deviceMac),
                deviceMtu == 0 ? NetConfigLayout.MAX_MTU : deviceMtu, mtu(device, options.mtu(), deviceMtu));
    }

    private static void checkQueueSizes(VirtioTransport device, int ringSize) {
        for (int i = 0; i < 2; i++) {
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
        return NetDevInfo.pairs(pairs(agreed)).withMaxMtu(maxMtu).withHeadroom(headerLength, headerLength)
                .withCapabilities(capabilities(agreed));
    }

    /** Queue pairs that the device has, 1 if it cannot be told to use more. */
    int pairs(Features agreed) {
        return hasSeveralPairs(agreed) ? Math.clamp(config.pairs(), 1, MAX_PAIRS) : 1;
    }

    /** Index of the control queue (virtio 1.4 §5.1.2), or -1 without one. */
    int controlIndex(Features agreed) {
        if (!agreed.has(NetFeature.CTRL_VQ)) {
            return -1;
        }
        return hasSeveralPairs(agreed) ? 2 * Math.clamp(config.pairs(), 1, MAX_VIRTQUEUE_PAIRS) : 2;
    }

    private static boolean hasSeveralPairs(Features agreed) {
        return agreed.has(NetFeature.MQ) || agreed.has(NetFeature.RSS);
    }

    private static Set<Capability> capabilities(Features agreed) {
        EnumSet<Capability> all = EnumSet.of(Capability.RX_INTERRUPT, Capability.TX_INTERRUPT, Capability.MTU_SET);
        for (Map.Entry<NetFeature, List<Capability>> feature : CAPABILITIES.entrySet()) {
            if (agreed.has(feature.getKey())) {
                all.addAll(feature.getValue());
            }
        }
        return all;
    }

    /** @throws NetDevException if the device cannot steer like that */
    void check(RssConfig rss) {
        check(rss.types(), rss.key());
        if (rss.table().length > config.rssTableEntries()) {
            throw new NetDevException("a table of " + rss.table().length + " entries: the device takes "
                    + config.rssTableEntries() + " at most");
        }
    }

    /** @throws NetDevException if the device cannot compute such hashes */
    void check(Set<FlowHashType> types, byte[] key) {
        if (key.length > config.rssKeyBytes()) {
            throw new NetDevException("a hash key of " + key.length + " bytes: the device takes "
                    + config.rssKeyBytes() + " at most");
        }
        if ((DriverSettings.bits(types) & ~config.hashTypes()) != 0) {
            throw new NetDevException("hashes of " + types + ": the device computes 0x"
                    + Integer.toHexString(config.hashTypes()) + " of virtio's types");
        }
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
