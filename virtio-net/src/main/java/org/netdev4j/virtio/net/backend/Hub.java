package org.netdev4j.virtio.net.backend;

import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.Verdict;

/** An Ethernet hub in this process: what comes in at one port goes out at every other. */
public final class Hub extends Fabric {
    /** A hub without ports. */
    public Hub(String name, DeviceLoop loop) {
        super(name, loop);
    }

    @Override
    String kind() {
        return "hub";
    }

    @Override
    void forget(FabricPort port) {}

    @Override
    Verdict forward(FabricPort source, Frame frame) {
        FabricPort other = onlyOther(source);
        if (other != null) {
            return other.offerOrWait(source, frame);
        }
        if (flood(source, frame) == 0) {
            source.unheard();
        }
        return Verdict.CONSUMED;
    }
}
