package org.netdev4j.virtio.net;

import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.virtio.VirtioDriver;
import org.netdev4j.virtio.VirtioException;
import org.netdev4j.virtio.VirtioTransport;

/**
 * The virtio-net driver (virtio 1.4 §5.1) over any transport: modern devices with one pair of queues, link state, MTU
 * and checksum offload in both directions.
 * <p>
 * What {@link #probe} returns owns the transport from then on and closes it with itself; it reads and negotiates nothing before
 * its own {@link NetDevOps#probe()}.
 */
public final class VirtioNetDriver implements VirtioDriver<NetDevOps> {
    private final DriverOptions options;

    /** A driver that starts its devices with {@code options}. */
    public VirtioNetDriver(DriverOptions options) {
        this.options = options;
    }

    @Override
    public int deviceType() {
        return NetFeatures.DEVICE_TYPE;
    }

    @Override
    public NetDevOps probe(VirtioTransport device) {
        if (device.deviceType() != NetFeatures.DEVICE_TYPE) {
            throw new VirtioException(device.name() + " is a virtio device of type " + device.deviceType()
                    + ", a network device is type " + NetFeatures.DEVICE_TYPE);
        }
        return new VirtioNetOps(device, options);
    }

    @Override
    public void remove(NetDevOps probed) {
        probed.close();
    }
}
