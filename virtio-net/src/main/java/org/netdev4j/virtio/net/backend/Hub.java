package org.netdev4j.virtio.net.backend;

import java.util.Arrays;

import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.NetBackend;

/**
 * An Ethernet hub in this process: what comes in at one port goes out at every other. It never holds a sender up: a port whose
 * device has no receive buffers keeps a bounded number of frames, and drops and counts what comes beyond.
 * <p>
 * Devices on its ports all run on its loop. Ports may come and go from any thread.
 */
public final class Hub {
    private final String name;
    private final DeviceLoop loop;
    /** Replaced, never changed; on the loop's thread only. */
    private HubPort[] ports = {};

    /** A hub without ports. */
    public Hub(String name, DeviceLoop loop) {
        this.name = name;
        this.loop = loop;
    }

    public String name() {
        return name;
    }

    /** The loop that every device on this hub must run on. */
    public DeviceLoop loop() {
        return loop;
    }

    /** A new port: plugged in when a device is attached to it, unplugged when it is closed. */
    public NetBackend newPort() {
        return new HubPort(this);
    }

    void plugIn(HubPort port) {
        loop.call(() -> {
            ports = Arrays.copyOf(ports, ports.length + 1);
            ports[ports.length - 1] = port;
        });
    }

    void unplug(HubPort port) {
        loop.call(() -> ports = Arrays.stream(ports).filter(p -> !p.equals(port)).toArray(HubPort[]::new));
    }

    /** @return how many ports the frame was offered to */
    int forward(HubPort source, Frame frame) {
        int offered = 0;
        for (HubPort port : ports) {
            if (port != source) {
                port.offer(frame);
                offered++;
            }
        }
        return offered;
    }
}
