package org.netdev4j.virtio.net;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevContract;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;

/**
 * The virtio-net driver on the device model with the loopback back-end, moved by hand, for every kind of ring: each pair of
 * ring features is there in all four combinations.
 */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {
    "ring=split,features=+EVENT_IDX+INDIRECT_DESC+IN_ORDER+NOTIFICATION_DATA",
    "ring=split,features=-EVENT_IDX-INDIRECT_DESC-IN_ORDER-NOTIFICATION_DATA",
    "ring=split,features=+EVENT_IDX-INDIRECT_DESC+IN_ORDER-NOTIFICATION_DATA",
    "ring=split,features=-EVENT_IDX+INDIRECT_DESC-IN_ORDER+NOTIFICATION_DATA",
    "ring=packed,features=+EVENT_IDX+INDIRECT_DESC+IN_ORDER+NOTIFICATION_DATA",
    "ring=packed,features=+EVENT_IDX+INDIRECT_DESC-IN_ORDER-NOTIFICATION_DATA",
    "ring=packed,features=-EVENT_IDX-INDIRECT_DESC+IN_ORDER+NOTIFICATION_DATA"})
class LoopbackContractTest extends NetDevContract {
    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");

    private final DriverOptions options;
    private final DeviceLoop loop = new DeviceLoop("test");

    /** Rings of the contract's size, which decides how many pieces a packet may have. */
    LoopbackContractTest(String ring) {
        options = DriverOptions.parse(DeviceString.parse("loopback,size=16," + ring));
    }

    @Override
    protected NetDevOps open() {
        VirtioNetDevice device = new VirtioNetDevice(DeviceSettings.of(MAC), new Loopback());
        return new VirtioNetDriver(options).probe(new InProcessTransport("loopback", device, loop));
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
