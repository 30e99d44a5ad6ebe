package org.netdev4j.virtio.net;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

import org.agrona.concurrent.OffsetEpochNanoClock;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDevInfo;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.netdev.capture.PcapngWriter;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioBus;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.CapturingBackend;
import org.netdev4j.virtio.net.backend.Hub;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.backend.TapBackend;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;

/**
 * Both ends of a virtio-net device in this JVM, put together part by part: back-end and loop, device, transport, bus, driver.
 * {@link #close()} takes down what there is, in any state.
 */
final class InProcessDevice implements AutoCloseable {
    private static final int MAX_QUEUE_SIZE = 1024;

    private final String name;
    private final DriverOptions options;
    private final int pairs;
    private final TearDown tearDown = new TearDown();
    private DeviceLoop loop;
    private NetBackend backend;
    private VirtioNetDevice device;
    private InProcessTransport transport;

    /** @param pairs queue pairs of the device */
    InProcessDevice(String name, DriverOptions options, int pairs) {
        this.name = name;
        this.options = options;
        this.pairs = pairs;
    }

    void loopback() {
        startLoop();
        putBehind(new Loopback());
    }

    void hub(String hubName) {
        Hub hub = NamedHubs.join(hubName);
        tearDown.add(() -> NamedHubs.leave(hub));
        loop = hub.loop();
        putBehind(hub.newPort());
    }

    void tap(String interfaceName) {
        startLoop();
        putBehind(TapBackend.open(interfaceName, loop, pairs, true));
    }

    /** Records what passes between the back-end and the device. */
    void capture(Path file) {
        PcapngWriter capture = PcapngWriter.create(file, PcapngWriter.WHOLE_FRAMES);
        tearDown.add(capture::close);
        putBehind(new CapturingBackend(backend, capture, new OffsetEpochNanoClock()));
    }

    private void startLoop() {
        loop = new DeviceLoop(name);
        tearDown.add(loop::close);
        loop.start();
    }

    private void putBehind(NetBackend outside) {
        backend = outside;
        tearDown.add(() -> loop.call(outside::close));
    }

    /** Makes the device and hands it to a driver. */
    NetDevOps connect() {
        loop.call(() -> device = new VirtioNetDevice(settings(), backend));
        tearDown.add(() -> loop.call(device::close));
        transport = new InProcessTransport(name, device, loop);
        tearDown.add(transport::close);
        VirtioBus<NetDevOps> bus = new VirtioBus<>();
        bus.register(new VirtioNetDriver(options));
        NetDevOps driver = bus.add(transport);
        tearDown.add(() -> bus.remove(transport));
        return new InProcessNetDev(driver, this);
    }

    private DeviceSettings settings() {
        MacAddress mac = options.mac() == null ? MacAddress.randomLocal(ThreadLocalRandom.current()) : options.mac();
        DeviceSettings all = DeviceSettings.of(mac).withMaxPairs(pairs)
                .withMtu(options.mtu() == 0 ? NetDevInfo.DEFAULT_MTU : options.mtu())
                .withMaxQueueSize(Math.max(MAX_QUEUE_SIZE, powerOfTwo(options.ringSize())));
        // Split queues, unless the user asks for packed ones.
        Features offered = all.offered().without(VirtioFeature.RING_PACKED).or(options.needed());
        return all.withOffered(NetFeatures.TABLE.close(offered));
    }

    /** The next from {@code size} on; 0 for 0. */
    private static int powerOfTwo(int size) {
        return size < 2 ? size : Integer.highestOneBit(size - 1) << 1;
    }

    /** Counters of the driver, followed by those of the device and its back-end. */
    Map<String, Long> countersBehind(NetDevOps driver) {
        Map<String, Long> counters = new LinkedHashMap<>(driver.counters());
        counters.putAll(device.counters());
        if (transport.strayKicks() > 0) {
            counters.put("device stray kicks", transport.strayKicks());
        }
        return counters;
    }

    @Override
    public void close() {
        tearDown.close();
    }
}
