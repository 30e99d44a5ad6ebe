package org.netdev4j.virtio.net;

import java.util.Objects;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.DeviceConfig;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioTransport;

/**
 * The device configuration at one moment, virtio 1.4 §5.1.4: only fields whose feature the device offers are read (§2.5.1).
 *
 * @param mac or null if the device has none, or one that no device can have
 * @param linkUp true also if the device does not say
 * @param announce the device asks the driver to announce itself
 * @param mtu bytes, or 0 if the device has none
 * @param pairs queue pairs that the device has, 1 if it does not say
 * @param speedMbps speed of the link, Mbit/s, or {@link #UNKNOWN_SPEED}
 * @param duplex of {@link NetConfigLayout}, or {@link #UNKNOWN_DUPLEX}
 * @param rssKeyBytes bytes of the longest hash key, 0 if the device computes no hash
 * @param rssTableEntries entries of the longest indirection table, 0 if it has none
 * @param hashTypes bits of {@link HashType} that it can compute
 */
record NetDeviceConfig(MacAddress mac, boolean linkUp, boolean announce, int mtu, int pairs, int speedMbps, int duplex,
        int rssKeyBytes, int rssTableEntries, int hashTypes) {
    static final int UNKNOWN_SPEED = -1;
    static final int UNKNOWN_DUPLEX = -1;

    /** @throws org.netdev4j.virtio.VirtioException if it is shorter than what is offered, or never stands still */
    static NetDeviceConfig read(VirtioTransport device) {
        Features offered = device.deviceFeatures();
        DeviceConfig config = new DeviceConfig(device);
        NetDeviceConfig[] read = new NetDeviceConfig[1];
        boolean status = offered.has(NetFeature.STATUS);
        boolean rss = offered.has(NetFeature.RSS);
        boolean hash = rss || offered.has(NetFeature.HASH_REPORT);
        boolean speed = offered.has(NetFeature.SPEED_DUPLEX);
        config.consistently(() -> read[0] = new NetDeviceConfig(
                offered.has(NetFeature.MAC) ? mac(config) : null,
                !status || has(config, NetConfigLayout.STATUS_LINK_UP),
                status && has(config, NetConfigLayout.STATUS_ANNOUNCE),
                offered.has(NetFeature.MTU) ? config.u16(NetConfigLayout.MTU) : 0,
                rss || offered.has(NetFeature.MQ) ? config.u16(NetConfigLayout.MAX_VIRTQUEUE_PAIRS) : 1,
                speed ? speed(config) : UNKNOWN_SPEED, speed ? duplex(config) : UNKNOWN_DUPLEX,
                hash ? config.u8(NetConfigLayout.RSS_MAX_KEY_SIZE) : 0,
                rss ? config.u16(NetConfigLayout.RSS_MAX_INDIRECTION_TABLE_LENGTH) : 0,
                hash ? config.u32(NetConfigLayout.SUPPORTED_HASH_TYPES) & HashType.ALL_BITS : 0));
        return read[0];
    }

    /** True if nothing but the link and the wish for an announcement differs. */
    boolean sameButLink(NetDeviceConfig other) {
        return Objects.equals(mac, other.mac) && mtu == other.mtu && pairs == other.pairs
                && speedMbps == other.speedMbps && duplex == other.duplex;
    }

    /** Any other number means that the speed is not known (virtio 1.4 §5.1.4.2). */
    private static int speed(DeviceConfig config) {
        int speed = config.u32(NetConfigLayout.SPEED);
        return speed < 0 ? UNKNOWN_SPEED : speed;
    }

    private static int duplex(DeviceConfig config) {
        int duplex = config.u8(NetConfigLayout.DUPLEX);
        return duplex == NetConfigLayout.DUPLEX_FULL || duplex == NetConfigLayout.DUPLEX_HALF
                ? duplex
                : UNKNOWN_DUPLEX;
    }

    private static MacAddress mac(DeviceConfig config) {
        long value = 0;
        for (int i = 0; i < 6; i++) {
            value = (value << 8) | config.u8(NetConfigLayout.MAC + i);
        }
        MacAddress mac = new MacAddress(value);
        return value == 0 || mac.isMulticast() ? null : mac;
    }

    private static boolean has(DeviceConfig config, int statusBit) {
        return (config.u16(NetConfigLayout.STATUS) & statusBit) != 0;
    }
}
