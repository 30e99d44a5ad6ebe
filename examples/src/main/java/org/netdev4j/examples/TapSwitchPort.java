package org.netdev4j.examples;

import org.netdev4j.virtio.net.backend.Fabric;
import org.netdev4j.virtio.net.backend.TapBackend;
import org.netdev4j.virtio.net.backend.VlanPort;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Patch;

import picocli.CommandLine.TypeConversionException;

/**
 * A port that is a Linux TAP.
 *
 * @param queues of the interface, 1 to 8
 * @param vnet frames come with a header that says what is left to do: checksums and segments
 * @param vlan the one that the interface is in without knowing, 1 to 4094; 0: frames pass as they are
 */
record TapSwitchPort(String interfaceName, int queues, boolean vnet, int vlan) implements SwitchPort {
    static final String KIND = "tap:";
    static final String USAGE = "tap:IFNAME[,queues=N][,vnet=off][,vlan=ID]";

    private static final String VLAN = "vlan=";
    private static final int MAX_QUEUES = 8;
    private static final int MAX_VLAN = 4094;

    /** @throws TypeConversionException if {@code text} names no such port */
    static TapSwitchPort parse(String text) {
        String[] parts = text.substring(KIND.length()).split(",", -1);
        if (parts[0].isEmpty()) {
            throw new TypeConversionException("\"" + text + "\" has no interface, expected " + USAGE);
        }
        TapSwitchPort port = new TapSwitchPort(parts[0], 1, true, 0);
        for (int i = 1; i < parts.length; i++) {
            port = port.with(parts[i]);
        }
        return port;
    }

    private TapSwitchPort with(String option) {
        if (option.equals("vnet=on") || option.equals("vnet=off")) {
            return new TapSwitchPort(interfaceName, queues, option.endsWith("on"), vlan);
        }
        if (option.matches("queues=[1-" + MAX_QUEUES + "]")) {
            return new TapSwitchPort(interfaceName, option.charAt(option.length() - 1) - '0', vnet, vlan);
        }
        if (option.matches(VLAN + "[0-9]{1,4}")) {
            int id = Integer.parseInt(option.substring(VLAN.length()));
            if (id >= 1 && id <= MAX_VLAN) {
                return new TapSwitchPort(interfaceName, queues, vnet, id);
            }
        }
        throw new TypeConversionException(
                "\"" + option + "\" is no option of a port, expected " + USAGE + " with 1 to " + MAX_QUEUES
                        + " queues and a VLAN of 1 to " + MAX_VLAN);
    }

    @Override
    public JoinedPort join(Fabric fabric, int mtu) {
        TapBackend[] tap = new TapBackend[1];
        fabric.loop().call(() -> {
            tap[0] = TapBackend.open(interfaceName, fabric.loop(), queues, vnet);
            tap[0].pairsInUse(queues);
        });
        NetBackend port = fabric.newPort();
        Patch patch = Patch.join(tap[0], vlan == 0 ? port : new VlanPort(port, vlan), fabric.loop());
        return new JoinedPort(tap[0].name(), patch::counters, patch::close);
    }

    @Override
    public String toString() {
        return KIND + interfaceName;
    }
}
