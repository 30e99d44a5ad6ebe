package org.netdev4j.virtio.net;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevContract;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.linux.SharedMemory;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.vhostuser.VhostUserBackEnd;

/** The compatibility kit with our front-end on our back-end, over a socket and memory that both have mapped. */
@ParameterizedClass(name = "{0} pairs, {1}")
@CsvSource(delimiter = '|', textBlock = """
        2 | ring=split
        2 | ring=packed,features=-MRG_RXBUF-IN_ORDER
        """)
class VhostUserContractTest extends NetDevContract {
    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
    private static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(1);

    @TempDir
    Path directory;

    private final int pairs;
    private final String options;
    private final DeviceLoop loop = new DeviceLoop("back-end").start();
    private VirtioNetDevice device;
    private VhostUserBackEnd backEnd;

    VhostUserContractTest(int pairs, String options) {
        this.pairs = pairs;
        this.options = options;
    }

    @Override
    protected NetDevOps open() {
        closeBackEnd();
        Path socket = directory.resolve("s");
        loop.call(() -> device = new VirtioNetDevice(
                DeviceSettings.of(MAC).withMaxPairs(pairs).withoutControlQueue(), new Loopback()));
        backEnd = VhostUserBackEnd.listen(socket, device, pairs, loop);
        return new VirtioNetDevices().open(DeviceString.parse(
                "vhost-user:" + socket + ",size=16,queues=" + pairs + "," + options));
    }

    @Override
    public boolean worksByItself() {
        return true;
    }

    @Override
    public MemoryRegion memoryOfOthers(String name, long bytes) {
        return SharedMemory.allocate(name, bytes);
    }

    /** The device has a thread of its own: it has settled when nothing more happens to it. */
    @Override
    protected void settle() {
        Map<String, Long> before;
        Map<String, Long> after = device.counters();
        int quiet = 0;
        while (quiet < 3) {
            LockSupport.parkNanos(QUIET_NS);
            loop.call(() -> {});
            before = after;
            after = device.counters();
            quiet = before.equals(after) ? quiet + 1 : 0;
        }
    }

    private void closeBackEnd() {
        if (backEnd != null) {
            backEnd.close();
            backEnd = null;
        }
    }

    @AfterEach
    void closeLoop() {
        closeBackEnd();
        loop.close();
    }
}
