package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.function.LongSupplier;

import org.agrona.concurrent.OffsetEpochNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.netdev.capture.Direction;
import org.netdev4j.netdev.capture.PcapReader;
import org.netdev4j.netdev.capture.PcapngWriter;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.CapturingBackend;
import org.netdev4j.virtio.net.backend.Hub;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.backend.Replay;
import org.netdev4j.virtio.net.backend.Sink;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Patch;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;
import com.sun.management.ThreadMXBean;

/** Driver, device and back-ends move frames without making garbage, once they are compiled. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final DeviceSettings SETTINGS = DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01"));
    private static final int FRAMES = 32;
    private static final int ROUNDS = 100;
    private static final int ATTEMPTS = 300;

    private final DeviceLoop loop = new DeviceLoop("test");
    private final NetBuf[] burst = new NetBuf[FRAMES];

    @AfterEach
    void close() {
        loop.close();
    }

    private final class Host implements AutoCloseable {
        final NetDev dev;
        final NetBufPool pool;
        final RxQueue rx;
        final TxQueue tx;

        Host(DeviceSettings settings, NetBackend backend) {
            VirtioNetDevice device = new VirtioNetDevice(settings, backend);
            dev = new NetDev("test", new VirtioNetDriver(DriverOptions.DEFAULT)
                    .probe(new InProcessTransport("test", device, loop)));
            dev.probe();
            try (MemoryRegion region = dev.allocateMemory("packets", 4 << 20)) {
                pool = NetBufPool.builder().name("packets").region(region).buffers(1024).dataSize(2048).headroom(128)
                        .build();
            }
            dev.configure(NetDevConfig.ONE_PAIR);
            rx = dev.configureRxQueue(0, RxQueueConfig.polled(pool));
            tx = dev.configureTxQueue(0, TxQueueConfig.POLLED);
            dev.start();
        }

        /** Sends a burst of frames that ask for their checksum. */
        void send() {
            int count = pool.allocate(burst, 0, FRAMES);
            for (int i = 0; i < count; i++) {
                burst[i].append(60 + i);
                burst[i].partialChecksum(34, 6);
            }
            int sent = tx.transmit(burst, 0, count);
            NetBuf.free(burst, sent, count - sent);
        }

        /** Sends one packet to be cut into so many UDP datagrams. */
        void sendDatagrams(int count) {
            NetBuf packet = pool.allocate();
            packet.append(42 + count * 200);
            packet.setLong(0, -1);
            packet.setInt(12, 0x0800_4500);
            packet.setInt(20, 0x4000_4011);
            packet.partialChecksum(34, 6);
            packet.gso(GsoType.UDP, 200, 42);
            if (!tx.transmit(packet)) {
                packet.free();
            }
        }

        long receive() {
            int count = rx.receive(burst, 0, FRAMES);
            NetBuf.free(burst, 0, count);
            return count;
        }

        @Override
        public void close() {
            dev.close();
            pool.close();
        }
    }

    private void assertNoGarbage(LongSupplier round) {
        assertGarbageAtMost(0, round);
    }

    private void assertGarbageAtMost(long bytes, LongSupplier round) {
        long fewest = Long.MAX_VALUE;
        long frames = 0;
        for (int attempt = 0; attempt < ATTEMPTS && fewest > bytes; attempt++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ROUNDS; i++) {
                frames += round.getAsLong();
            }
            fewest = Math.min(fewest, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(fewest <= bytes, fewest + " bytes in " + ROUNDS + " bursts");
        assertTrue(frames >= ROUNDS * (FRAMES - 1L), "only " + frames + " frames went through");
    }

    @ParameterizedTest
    @EnumSource(value = VirtioFeature.class, names = {"VERSION_1", "RING_PACKED", "IN_ORDER", "EVENT_IDX"})
    void throughTheLoopback(VirtioFeature one) {
        Features others = Features.of(VirtioFeature.RING_PACKED, VirtioFeature.IN_ORDER, VirtioFeature.EVENT_IDX);
        Features offered = SETTINGS.offered().minus(others).with(one);
        try (Host host = new Host(SETTINGS.withOffered(offered), new Loopback())) {
            assertNoGarbage(() -> {
                host.send();
                loop.doWork();
                loop.doWork();
                return host.receive();
            });
        }
    }

    @Test
    void cutAndSummedInSoftware() {
        try (Host host = new Host(
                SETTINGS.withOffered(NetFeatures.TABLE.close(SETTINGS.offered().without(NetFeature.CSUM))),
                new Loopback())) {
            assertNoGarbage(() -> {
                for (int i = 0; i < FRAMES / 8; i++) {
                    host.sendDatagrams(8);
                }
                loop.doWork();
                loop.doWork();
                host.tx.reclaim();
                return host.receive();
            });
        }
    }

    /** With a capture, and to a driver that takes no partial checksums. */
    @Test
    void fromDeviceToDeviceThroughAHub() {
        Hub hub = new Hub("test", loop);
        PcapngWriter capture = new PcapngWriter("nowhere", new Nowhere(), PcapngWriter.WHOLE_FRAMES);
        DeviceSettings plain = SETTINGS
                .withOffered(NetFeatures.TABLE.close(SETTINGS.offered().without(NetFeature.GUEST_CSUM)));
        try (Host a = new Host(SETTINGS, new CapturingBackend(hub.newPort(), capture, new OffsetEpochNanoClock()));
                Host b = new Host(plain, hub.newPort())) {
            assertNoGarbage(() -> {
                a.send();
                loop.doWork();
                loop.doWork();
                return b.receive();
            });
            assertTrue(capture.packets() > 0);
        }
        capture.close();
    }

    /** A file longer than what is read of it at once, again and again: the JDK makes garbage when it reads, not we for a frame. */
    @Test
    void aFileIsReplayed(@TempDir Path directory) {
        Path file = directory.resolve("long.pcapng");
        try (PcapngWriter writer = PcapngWriter.create(file, PcapngWriter.WHOLE_FRAMES)) {
            int number = writer.addInterface("test");
            byte[] frame = new byte[60];
            for (int i = 0; i < 10_000; i++) {
                writer.begin(number, i, Direction.INBOUND, frame.length);
                writer.bytes(MemorySegment.ofArray(frame), 0, frame.length);
                writer.end();
            }
        }
        Replay replay = new Replay("long", PcapReader.open(file), Replay.Pace.RECORDED, Integer.MAX_VALUE, loop,
                System::nanoTime);
        try (Patch _ = Patch.join(replay, new Sink(), loop)) {
            assertGarbageAtMost(ROUNDS * FRAMES, loop::doWork);
        }
    }

    private static final class Nowhere implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) {
            int written = bytes.remaining();
            bytes.position(bytes.limit());
            return written;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
