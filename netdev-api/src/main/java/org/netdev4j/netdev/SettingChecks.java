package org.netdev4j.netdev;

import java.util.Set;

/** What values the settings of a device may have, whatever its driver. */
final class SettingChecks {
    private static final int MAX_VLAN_ID = 4094;

    private SettingChecks() {}

    static void macAddress(String device, MacAddress address) {
        if (address.isMulticast() || address.value() == 0) {
            throw new NetDevException("cannot set the MAC address of " + device + " to " + address
                    + ": allowed is a unicast address that is not all zero");
        }
    }

    static void mtu(String device, int bytes, int max) {
        if (bytes < NetDevInfo.MIN_MTU || bytes > max) {
            throw new NetDevException("cannot set the MTU of " + device + " to " + bytes + ": allowed is from "
                    + NetDevInfo.MIN_MTU + " to " + max + " bytes");
        }
    }

    static void multicastList(String device, Set<MacAddress> addresses) {
        for (MacAddress address : addresses) {
            if (!address.isMulticast() || address.equals(MacAddress.BROADCAST)) {
                throw new NetDevException("cannot listen to " + address + " on " + device
                        + ": allowed are multicast addresses other than broadcast, which is always heard");
            }
        }
    }

    static void vlan(int vlanId) {
        if (vlanId < 0 || vlanId > MAX_VLAN_ID) {
            throw new NetDevException(
                    "there is no VLAN " + vlanId + ": allowed is from 0 to " + MAX_VLAN_ID + " (IEEE 802.1Q)");
        }
    }
}
