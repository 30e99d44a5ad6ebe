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
 * @param mtu bytes, or 0 if the device has none
 */
record NetDeviceConfig(MacAddress mac, boolean linkUp, int mtu) {
    /** @throws org.netdev4j.virtio.VirtioException if it is shorter than what is offered, or never stands still */
    static NetDeviceConfig read(VirtioTransport device) {
        Features offered = device.deviceFeatures();
        DeviceConfig config = new DeviceConfig(device);
        NetDeviceConfig[] read = new NetDeviceConfig[1];
        config.consistently(() -> read[0] = new NetDeviceConfig(
                offered.has(NetFeature.MAC) ? mac(config) : null,
                !offered.has(NetFeature.STATUS) || linkUp(config),
                offered.has(NetFeature.MTU) ? config.u16(NetConfigLayout.MTU) : 0));
        return read[0];
    }

    /** True if nothing but the link differs. */
    boolean sameButLink(NetDeviceConfig other) {
        return Objects.equals(mac, other.mac) && mtu == other.mtu;
    }

    private static MacAddress mac(DeviceConfig config) {
        long value = 0;
        for (int i = 0; i < 6; i++) {
            value = (value << 8) | config.u8(NetConfigLayout.MAC + i);
        }
        MacAddress mac = new MacAddress(value);
        return value == 0 || mac.isMulticast() ? null : mac;
    }

    private static boolean linkUp(DeviceConfig config) {
        return (config.u16(NetConfigLayout.STATUS) & NetConfigLayout.STATUS_LINK_UP) != 0;
    }
}
