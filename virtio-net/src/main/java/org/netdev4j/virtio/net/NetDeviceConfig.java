package org.netdev4j.virtio.net;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioTransport;

/**
 * The device configuration at one moment, virtio 1.4 §5.1.4: only fields whose feature the device offers are read (§2.5.1).
 *
 * @param mac or null if the device has none, or one that no device can have
 * @param linkUp true also if the device does not say
 * @param mtu bytes, or 0 if the device has none
 */
record NetDeviceConfig(MacAddress mac, boolean linkUp, int mtu) {
    private static final int MAX_READS = 100;

    /**
     * Reads until the generation is the same before and after, so that the fields belong together.
     *
     * @throws VirtioException if they never do, or the configuration is shorter than what is offered
     */
    static NetDeviceConfig read(VirtioTransport device) {
        Features offered = device.deviceFeatures();
        for (int i = 0; i < MAX_READS; i++) {
            int generation = device.configGeneration();
            NetDeviceConfig config = new NetDeviceConfig(readMac(device, offered), readLink(device, offered),
                    readMtu(device, offered));
            if (device.configGeneration() == generation) {
                return config;
            }
        }
        throw new VirtioException(
                device.name() + ": the device configuration changed during each of " + MAX_READS + " reads");
    }

    private static MacAddress readMac(VirtioTransport device, Features offered) {
        if (!hasField(device, offered, NetFeature.MAC, NetConfigLayout.MAC, 6)) {
            return null;
        }
        long value = 0;
        for (int i = 0; i < 6; i++) {
            value = (value << 8) | device.readConfig8(NetConfigLayout.MAC + i);
        }
        MacAddress mac = new MacAddress(value);
        return value == 0 || mac.isMulticast() ? null : mac;
    }

    private static boolean readLink(VirtioTransport device, Features offered) {
        return !hasField(device, offered, NetFeature.STATUS, NetConfigLayout.STATUS, 2)
                || (device.readConfig16(NetConfigLayout.STATUS) & NetConfigLayout.STATUS_LINK_UP) != 0;
    }

    private static int readMtu(VirtioTransport device, Features offered) {
        return hasField(device, offered, NetFeature.MTU, NetConfigLayout.MTU, 2)
                ? device.readConfig16(NetConfigLayout.MTU)
                : 0;
    }

    private static boolean hasField(VirtioTransport device, Features offered, NetFeature feature, int offset,
            int length) {
        if (!offered.has(feature)) {
            return false;
        }
        if (device.configSize() < offset + length) {
            throw new VirtioException(device.name() + " offers " + feature + " but has only " + device.configSize()
                    + " bytes of device configuration, " + (offset + length) + " are needed");
        }
        return true;
    }
}
