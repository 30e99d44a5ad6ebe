package org.netdev4j.examples;

import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.net.backend.Fabric;
import org.netdev4j.virtio.net.backend.VlanPort;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.vhostuser.VhostUserBackEnd;

import picocli.CommandLine.TypeConversionException;

/**
 * A port where a virtual machine or another process drives a device of ours.
 *
 * @param client true: connect to a front-end that listens
 * @param queuePairs 1 to 128
 * @param vlan the one that the driver is in without knowing, 1 to 4094; 0: frames pass as they are
 */
record VhostUserPort(Path socket, boolean client, int queuePairs, int vlan) implements SwitchPort {
    static final String USAGE = "vhost-user:PATH[,client][,queues=N][,vlan=ID]";

    static final String KIND = "vhost-user:";
    private static final String QUEUES = "queues=";
    private static final String VLAN = "vlan=";
    private static final int MAX_QUEUE_PAIRS = 128;
    private static final int MAX_VLAN = 4094;

    /** @throws TypeConversionException if {@code text} names no such port */
    static VhostUserPort parse(String text) {
        if (!text.startsWith(KIND)) {
            throw new TypeConversionException("\"" + text + "\" is no port, expected " + USAGE);
        }
        String[] parts = text.substring(KIND.length()).split(",", -1);
        if (parts[0].isEmpty()) {
            throw new TypeConversionException("\"" + text + "\" has no path, expected " + USAGE);
        }
        VhostUserPort port = new VhostUserPort(Path.of(parts[0]), false, 1, 0);
        for (int i = 1; i < parts.length; i++) {
            port = port.with(parts[i]);
        }
        return port;
    }

    private VhostUserPort with(String option) {
        if (option.equals("client")) {
            return new VhostUserPort(socket, true, queuePairs, vlan);
        }
        if (option.matches(QUEUES + "[0-9]{1,3}")) {
            int pairs = Integer.parseInt(option.substring(QUEUES.length()));
            if (pairs >= 1 && pairs <= MAX_QUEUE_PAIRS) {
                return new VhostUserPort(socket, client, pairs, vlan);
            }
        }
        if (option.matches(VLAN + "[0-9]{1,4}")) {
            int id = Integer.parseInt(option.substring(VLAN.length()));
            if (id >= 1 && id <= MAX_VLAN) {
                return new VhostUserPort(socket, client, queuePairs, id);
            }
        }
        throw new TypeConversionException("\"" + option + "\" is no option of a port, expected " + USAGE
                + " with 1 to " + MAX_QUEUE_PAIRS + " queues and a VLAN of 1 to " + MAX_VLAN);
    }

    /** Serves {@code device} there until closed. */
    VhostUserBackEnd open(DeviceModel device, DeviceLoop loop) {
        return client
                ? VhostUserBackEnd.connect(socket, device, queuePairs, loop)
                : VhostUserBackEnd.listen(socket, device, queuePairs, loop);
    }

    @Override
    public JoinedPort join(Fabric fabric, int mtu) {
        DeviceSettings settings = DeviceSettings.of(MacAddress.randomLocal(ThreadLocalRandom.current())).withMtu(mtu)
                .withMaxPairs(queuePairs).withoutControlQueue();
        VirtioNetDevice[] device = new VirtioNetDevice[1];
        fabric.loop().call(() -> {
            NetBackend port = fabric.newPort();
            device[0] = new VirtioNetDevice(settings, vlan == 0 ? port : new VlanPort(port, vlan));
        });
        VhostUserBackEnd backEnd = open(device[0], fabric.loop());
        return new JoinedPort(toString(), device[0]::counters, backEnd::close);
    }

    @Override
    public String toString() {
        return KIND + socket;
    }
}
