package org.netdev4j.virtio.net;

import org.junit.jupiter.api.AfterEach;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevContract;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;

/** The virtio-net driver on the device model with the loopback back-end, moved by hand. */
class LoopbackContractTest extends NetDevContract {
    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
    /** The ring size of the contract, which decides how many pieces a packet may have. */
    private static final DriverOptions OPTIONS = new DriverOptions(DriverOptions.DEFAULT.wanted(), 16, 0, null);

    private final DeviceLoop loop = new DeviceLoop("test");

    @Override
    protected NetDevOps open() {
        VirtioNetDevice device = new VirtioNetDevice(DeviceSettings.of(MAC), new Loopback());
        return new VirtioNetDriver(OPTIONS).probe(new InProcessTransport("loopback", device, loop));
    }

    @Override
    protected void settle() {
        while (loop.doWork() > 0) {
            // Until a round moves nothing.
        }
    }

    @AfterEach
    void closeLoop() {
        loop.close();
    }
}
