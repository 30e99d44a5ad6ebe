package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a device lets its user set: part of {@link NetDevContract}. */
interface SettingsContract {
    MacAddress ADDRESS = MacAddress.parse("02:00:00:00:12:34");
    Set<MacAddress> GROUPS = Set.of(MacAddress.parse("01:00:5e:00:00:fb"), MacAddress.parse("33:33:00:00:00:01"));

    Set<ReceiveMode> MODES = Set.of(ReceiveMode.ALL_UNICAST, ReceiveMode.NO_BROADCAST);

    LoopedDevice device();

    @Test
    @DisplayName("regression 23: what can be set is set, and holds over stop and start; the rest is refused")
    default void whatCanBeSetIsSetAndTheRestIsRefused() {
        NetDev dev = device().configure(1).dev;
        boolean promiscuousBefore = dev.promiscuous();
        boolean mac = sets(Capability.MAC_SET, () -> dev.macAddress(ADDRESS));
        boolean mtu = sets(Capability.MTU_SET, () -> dev.mtu(1400));
        boolean promiscuous = sets(Capability.PROMISCUOUS, () -> dev.promiscuous(true));
        boolean allMulticast = sets(Capability.ALL_MULTICAST, () -> dev.allMulticast(true));
        boolean modes = sets(Capability.RECEIVE_MODES, () -> dev.receiveModes(MODES));
        boolean groups = sets(Capability.MULTICAST_LIST, () -> dev.multicastList(GROUPS));
        boolean vlans = sets(Capability.VLAN_FILTER, () -> dev.addVlan(7));
        for (int round = 0; round < 2; round++) {
            device().start();
            assertEquals(mac, dev.macAddress().equals(ADDRESS));
            assertEquals(mtu, dev.mtu() == 1400);
            assertEquals(promiscuous || promiscuousBefore, dev.promiscuous());
            assertEquals(allMulticast, dev.allMulticast());
            assertEquals(modes ? MODES : Set.of(), dev.receiveModes());
            assertEquals(groups ? GROUPS : Set.of(), dev.multicastList());
            assertEquals(vlans ? Set.of(7) : Set.of(), dev.vlans());
            device().assertTrafficFlows();
            dev.stop();
        }
    }

    /** Whether the device can; it is refused otherwise. */
    private boolean sets(Capability capability, Runnable setting) {
        boolean can = device().dev.info().has(capability);
        if (can) {
            setting.run();
        } else {
            assertThrows(NetDevException.class, setting::run);
        }
        return can;
    }

    @Test
    @DisplayName("regression 23: settings change while packets flow, and change back")
    default void settingsChangeWhilePacketsFlow() {
        NetDev dev = device().configure(1).start().dev;
        for (boolean on : new boolean[]{true, true, false, false}) {
            if (dev.info().has(Capability.PROMISCUOUS)) {
                dev.promiscuous(on);
                assertEquals(on, dev.promiscuous());
            }
            if (dev.info().has(Capability.ALL_MULTICAST)) {
                dev.allMulticast(on);
                assertEquals(on, dev.allMulticast());
            }
            if (dev.info().has(Capability.MULTICAST_LIST)) {
                dev.multicastList(on ? GROUPS : Set.of());
                assertEquals(on ? GROUPS : Set.of(), dev.multicastList());
            }
            device().assertTrafficFlows();
        }
        if (dev.info().has(Capability.VLAN_FILTER)) {
            dev.addVlan(7);
            dev.addVlan(4094);
            dev.addVlan(7);
            dev.removeVlan(7);
            dev.removeVlan(7);
            assertEquals(Set.of(4094), dev.vlans());
            dev.removeVlan(4094);
            assertTrue(dev.vlans().isEmpty());
        }
    }

    @Test
    @DisplayName("regression 2: MAC address and MTU are plausible")
    default void macAddressAndMtuArePlausible() {
        assertFalse(device().dev.macAddress().isMulticast(), device().dev.macAddress().toString());
        assertTrue(device().dev.mtu() >= NetDevInfo.MIN_MTU && device().dev.mtu() <= device().dev.info().maxMtu(),
                device().dev.mtu() + " bytes");
    }
}
