package org.netdev4j.virtio.net;

import org.junit.jupiter.api.AfterEach;
import org.netdev4j.netdev.NetDevContract;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;

/** The driver against what every driver must do, on a device that returns what it is sent. */
class DriverContractTest extends NetDevContract {
    private final DeviceLoop loop = new DeviceLoop("mirror");

    @Override
    protected NetDevOps open() {
        return new VirtioNetDriver(DriverOptions.DEFAULT)
                .probe(new InProcessTransport("mirror", new MirrorDevice(), loop));
    }

    @Override
    protected void settle() {
        while (loop.doWork() > 0) {
            // Until the device has nothing to do.
        }
    }

    @AfterEach
    void closeLoop() {
        loop.close();
    }
}
