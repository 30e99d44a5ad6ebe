package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

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
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.testing.Rule;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Whatever is under way when a device is stopped, reset behind the driver's back, broken by either end, configured anew or
 * closed: every buffer comes back to its pool, and comes back once. A double return would throw, with checks on.
 */
class ResetAtAnyMomentTest {
    private static final int BUFFERS = 40;
    private static final int RING = 8;
    private static final DeviceSettings SETTINGS = DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01"));

    enum Step {
        SEND, SEND_CHAIN, SEND_SHARED, DEVICE_WORKS, RECEIVE, KEEP, FREE_KEPT, RECLAIM, DRIVER_LIES, DEVICE_LIES,
        DEVICE_RESETS, QUEUE_RESETS, RESTART, CONFIGURE
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Arbitraries.frequency(
                Tuple.of(12, Step.SEND), Tuple.of(4, Step.SEND_CHAIN), Tuple.of(3, Step.SEND_SHARED),
                Tuple.of(12, Step.DEVICE_WORKS), Tuple.of(8, Step.RECEIVE), Tuple.of(2, Step.KEEP),
                Tuple.of(2, Step.FREE_KEPT), Tuple.of(3, Step.RECLAIM), Tuple.of(1, Step.DRIVER_LIES),
                Tuple.of(1, Step.DEVICE_LIES), Tuple.of(1, Step.DEVICE_RESETS), Tuple.of(1, Step.QUEUE_RESETS),
                Tuple.of(3, Step.RESTART), Tuple.of(1, Step.CONFIGURE)).list().ofMinSize(10).ofMaxSize(120);
    }

    @Provide
    Arbitrary<Features> rings() {
        return RingFeatures.any();
    }

    @Property(tries = 200)
    @Rule("CL2")
    void everyBufferComesBackOnce(@ForAll("steps") List<Step> steps, @ForAll("rings") Features ring,
            @ForAll long seed) {
        try (DeviceLoop loop = new DeviceLoop("test")) {
            Features offered = Features.of(VirtioFeature.VERSION_1, VirtioFeature.RING_RESET).or(ring);
            Run run = new Run(loop, SETTINGS.withOffered(offered), new Random(seed));
            steps.forEach(run::step);
            run.close();
        }
    }

    private static final class Run {
        private final DeviceLoop loop;
        private final Random random;
        private final InProcessTransport transport;
        private final RingTap rings;
        private final NetDev dev;
        private final NetBufPool pool;
        private final Deque<NetBuf> kept = new ArrayDeque<>();
        private final NetBuf[] burst = new NetBuf[4];
        private RxQueue rx;
        private TxQueue tx;

        Run(DeviceLoop loop, DeviceSettings settings, Random random) {
            this.loop = loop;
            this.random = random;
            transport = new InProcessTransport("test", new VirtioNetDevice(settings, new Loopback()), loop);
            rings = new RingTap(transport, transport.memory());
            dev = new NetDev("test", new VirtioNetDriver(DriverOptions.DEFAULT).probe(rings.tapped()));
            dev.probe();
            try (MemoryRegion region = dev.allocateMemory("packets", 128 << 10)) {
                pool = NetBufPool.builder().region(region).buffers(BUFFERS).headroom(64).dataSize(1518).cacheSize(0)
                        .build();
            }
            configure();
        }

        private void configure() {
            dev.configure(NetDevConfig.ONE_PAIR);
            rx = dev.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(RING));
            tx = dev.configureTxQueue(0, TxQueueConfig.POLLED.withSize(RING));
            dev.start();
        }

        void step(Step step) {
            switch (step) {
                case SEND -> send(1, false);
                case SEND_CHAIN -> send(3, false);
                case SEND_SHARED -> send(2, true);
                case DEVICE_WORKS -> loop.doWork();
                case RECEIVE -> receive(false);
                case KEEP -> receive(true);
                case FREE_KEPT -> freeKept();
                case RECLAIM -> tx.reclaim();
                case DRIVER_LIES -> rings.scribble(random, RingTap.DRIVER_PARTS);
                case DEVICE_LIES -> rings.scribble(random, RingTap.DEVICE_PARTS);
                case DEVICE_RESETS -> transport.reset();
                case QUEUE_RESETS -> rings.resetQueue(random.nextInt(2));
                case RESTART -> {
                    stop();
                    dev.start();
                }
                case CONFIGURE -> {
                    stop();
                    configure();
                }
            }
        }

        private void send(int pieces, boolean shared) {
            if (pool.available() < pieces) {
                return;
            }
            NetBuf packet = pool.allocate();
            packet.append(60);
            for (int i = 1; i < pieces; i++) {
                NetBuf piece = pool.allocate();
                piece.append(40);
                packet.chain(piece);
            }
            if (shared) {
                packet.retain();
            }
            if (!tx.transmit(packet)) {
                packet.free();
            }
            if (shared) {
                packet.free();
            }
        }

        private void receive(boolean keep) {
            int received = rx.receive(burst);
            for (int i = 0; i < received; i++) {
                if (keep) {
                    kept.add(burst[i]);
                } else {
                    burst[i].free();
                }
            }
        }

        private void freeKept() {
            kept.forEach(NetBuf::free);
            kept.clear();
        }

        private void stop() {
            dev.stop();
            assertEquals(BUFFERS, pool.available() + kept.size());
        }

        void close() {
            dev.close();
            freeKept();
            assertEquals(BUFFERS, pool.available());
            Set<NetBuf> all = new HashSet<>();
            for (int i = 0; i < BUFFERS; i++) {
                assertTrue(all.add(pool.allocate()));
            }
            all.forEach(NetBuf::free);
            pool.close();
        }
    }
}
