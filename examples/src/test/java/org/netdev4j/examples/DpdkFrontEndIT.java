package org.netdev4j.examples;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.vhostuser.VhostUserBackEnd;

/** The device as the driver of DPDK finds it, in another process. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class DpdkFrontEndIT {
    @TempDir
    Path directory;

    @BeforeAll
    static void needsPeers() {
        Testpmd.requireInstalled();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            packed_vq=0,mrg_rxbuf=1 | 64
            packed_vq=1,mrg_rxbuf=1 | 64
            packed_vq=0,mrg_rxbuf=0 | 1518
            packed_vq=1,mrg_rxbuf=0 | 1518
            """)
    void whatDpdkSendsComesBackToIt(String device, int size) {
        Path socket = directory.resolve("s");
        try (DeviceLoop _ = serve(socket);
                Testpmd testpmd = Testpmd.frontEnd(socket, 1, device, "flowgen", "--txpkts=" + size)) {
            testpmd.awaitReceived();
        }
    }

    @Test
    void theNextFrontEndIsServedWhenOneWasKilled() {
        Path socket = directory.resolve("s");
        try (DeviceLoop _ = serve(socket)) {
            for (int i = 0; i < 2; i++) {
                try (Testpmd testpmd = Testpmd.frontEnd(socket, 1, "packed_vq=0", "flowgen")) {
                    testpmd.awaitReceived();
                }
            }
        }
    }

    private static DeviceLoop serve(Path socket) {
        DeviceLoop loop = new DeviceLoop("back-end").start();
        DeviceSettings settings = DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")).withoutControlQueue();
        VhostUserBackEnd.listen(socket, new VirtioNetDevice(settings, new Loopback()), 1, loop);
        return loop;
    }
}
