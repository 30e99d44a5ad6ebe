package org.netdev4j.virtio.net.backend;

import java.util.Arrays;

import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ports that pass frames to each other, in this process: a {@link Hub} or a {@link LearningSwitch}. It never holds a sender up,
 * unless there is only one other port: a port whose device has no receive buffers keeps a bounded number of frames, and drops
 * and counts what comes beyond; of two ports the sender is told to wait instead.
 * <p>
 * Everything on its ports runs on its loop. Ports may come and go from any thread.
 */
public abstract sealed class Fabric permits Hub, LearningSwitch {
    private static final Logger LOG = LoggerFactory.getLogger(Fabric.class);

    private final String name;
    private final DeviceLoop loop;
    /** Replaced, never changed; on the loop's thread only. */
    private FabricPort[] ports = {};

    Fabric(String name, DeviceLoop loop) {
        this.name = name;
        this.loop = loop;
    }

    public final String name() {
        return name;
    }

    /** The loop that everything on this fabric must run on. */
    public final DeviceLoop loop() {
        return loop;
    }

    /** A new port: plugged in when a device is attached to it, unplugged when it is closed. */
    public final NetBackend newPort() {
        return new FabricPort(this);
    }

    /** For messages: {@code hub} or {@code switch}. */
    abstract String kind();

    void plugIn(FabricPort port) {
        loop.call(() -> {
            ports = Arrays.copyOf(ports, ports.length + 1);
            ports[ports.length - 1] = port;
        });
    }

    void unplug(FabricPort port) {
        loop.call(() -> {
            ports = Arrays.stream(ports).filter(p -> !p.equals(port)).toArray(FabricPort[]::new);
            forget(port);
        });
    }

    /** {@code port} is gone. */
    abstract void forget(FabricPort port);

    /** Passes a frame that came in at {@code source} on. */
    abstract Verdict forward(FabricPort source, Frame frame);

    /** The only port besides {@code source}, or null. */
    final FabricPort onlyOther(FabricPort source) {
        FabricPort[] all = ports;
        if (all.length != 2) {
            return null;
        }
        return all[0] == source ? all[1] : all[0];
    }

    /** Offers a frame to every port but its source. @return how many that are */
    final int flood(FabricPort source, Frame frame) {
        int offered = 0;
        for (FabricPort port : ports) {
            if (port != source) {
                offer(port, frame);
                offered++;
            }
        }
        return offered;
    }

    /** What a port throws ends that port: the sender has nothing to do with it. */
    final void offer(FabricPort port, Frame frame) {
        try {
            port.offer(frame);
        } catch (RuntimeException | Error e) {
            LOG.error("{}: a port failed and is unplugged", name, e);
            unplug(port);
        }
    }
}
