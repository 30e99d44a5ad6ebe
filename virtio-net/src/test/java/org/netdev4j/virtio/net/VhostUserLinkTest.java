package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.DeviceEvent;
import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.LinkState;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.vhostuser.VhostUserBackEnd;

/** The link of a device in another process is the link that its driver sees. */
@Timeout(20)
class VhostUserLinkTest {
    @TempDir
    Path directory;

    private final DeviceLoop loop = new DeviceLoop("back-end").start();
    private final FlappingBackend cable = new FlappingBackend(new Loopback());
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private VhostUserBackEnd backEnd;
    private NetDev dev;
    private NetBufPool pool;

    @BeforeEach
    void start() {
        Path socket = directory.resolve("s");
        backEnd = VhostUserBackEnd.listen(socket,
                new VirtioNetDevice(
                        DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")).withoutControlQueue(), cable),
                1, loop);
        dev = new NetDev("test", new VirtioNetDevices().open(DeviceString.parse("vhost-user:" + socket)));
        dev.onEvent((event, detail) -> {
            if (event == DeviceEvent.LINK_CHANGED) {
                events.add(detail);
            }
        });
        dev.probe();
        try (MemoryRegion region = dev.allocateMemory("packets", 1 << 20)) {
            pool = NetBufPool.builder().region(region).buffers(256).headroom(64).dataSize(2048).build();
        }
        dev.configure(NetDevConfig.pairs(1));
        dev.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(16));
        dev.configureTxQueue(0, TxQueueConfig.POLLED.withSize(16));
        dev.start();
    }

    @AfterEach
    void close() {
        dev.close();
        pool.close();
        backEnd.close();
        loop.close();
    }

    @Test
    void aCableThatIsPulledAndPluggedIsToldToTheDriver() throws InterruptedException {
        assertEquals(LinkState.UP, dev.linkState());
        for (int i = 0; i < 3; i++) {
            loop.call(() -> cable.linkUp(false));
            assertEquals("the link is DOWN", events.take());
            assertEquals(LinkState.DOWN, dev.linkState());
            loop.call(() -> cable.linkUp(true));
            assertEquals("the link is UP", events.take());
            assertEquals(LinkState.UP, dev.linkState());
        }
    }
}
