package org.netdev4j.virtio.net;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

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
import org.netdev4j.netdev.fault.FaultInjection;
import org.netdev4j.netdev.fault.Faults;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.Hub;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;

/**
 * Both ends of a device with faults at the driver, on a hub: a thread for each queue pair in use sends frames of every kind and
 * receives what comes.
 */
final class SoakStation implements AutoCloseable {
    static final int MAX_PAIRS = 4;
    private static final int BUFFERS = 2048;
    private static final Faults FAULTS = Faults.NONE.withDrop(0.01).withDuplicate(0.01).withCorrupt(0.01)
            .withReorder(0.01).withDelayNanos(20_000);

    private final DeviceLoop loop;
    private final FlappingBackend backend;
    private final VirtioNetDevice[] device = new VirtioNetDevice[1];
    private final NetBufPool pool;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final List<Worker> workers = new ArrayList<>();
    private final long seed;
    private final MacAddress mac;
    final NetDev dev;

    SoakStation(Hub hub, MacAddress mac, long seed) {
        this.seed = seed;
        this.mac = mac;
        loop = hub.loop();
        backend = new FlappingBackend(hub.newPort());
        loop.call(() -> device[0] = new VirtioNetDevice(DeviceSettings.of(mac).withMaxPairs(MAX_PAIRS), backend));
        dev = new NetDev("soak " + mac, new VirtioNetDriver(DriverOptions.DEFAULT)
                .probe(new InProcessTransport("soak " + mac, device[0], loop)),
                new FaultInjection(FAULTS, FAULTS, seed, System::nanoTime));
        dev.probe();
        try (MemoryRegion region = dev.allocateMemory("soak", BUFFERS * 2560L)) {
            pool = NetBufPool.builder().name("soak " + mac).region(region).buffers(BUFFERS).dataSize(2048).headroom(128)
                    .build();
        }
    }

    /** Configures anew, with so many pairs, and runs. */
    void run(int pairs) {
        dev.configure(NetDevConfig.pairs(pairs));
        List<RxQueue> rx = new ArrayList<>();
        List<TxQueue> tx = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            rx.add(dev.configureRxQueue(i, RxQueueConfig.polled(pool).withSize(128)));
            tx.add(dev.configureTxQueue(i, TxQueueConfig.POLLED.withSize(128)));
        }
        dev.start();
        for (int i = 0; i < pairs; i++) {
            Worker worker = new Worker(rx.get(i), tx.get(i), new Random(seed + i));
            workers.add(worker);
            worker.thread.start();
        }
    }

    /** Ends the threads and stops the device. */
    void stop() {
        pause();
        dev.stop();
    }

    /** Stops the device while nobody is in its queues, and starts it again. */
    void restart() {
        List<Worker> paused = List.copyOf(workers);
        pause();
        dev.stop();
        dev.start();
        for (Worker worker : paused) {
            Worker next = new Worker(worker.rx, worker.tx, worker.random);
            workers.add(next);
            next.thread.start();
        }
    }

    private void pause() {
        workers.forEach(Worker::stop);
        workers.clear();
    }

    void link(boolean up) {
        loop.call(() -> backend.linkUp(up));
    }

    /** What a thread of its queues threw, or null. */
    Throwable failure() {
        return failure.get();
    }

    /** Packets that went through its queues in either direction. */
    long moved() {
        return dev.stats().rx().packets() + dev.stats().tx().packets();
    }

    /** Buffers that did not come back. */
    int missing() {
        return pool.capacity() - pool.available();
    }

    @Override
    public void close() {
        pause();
        dev.close();
    }

    void closePool() {
        pool.close();
    }

    private final class Worker {
        private final RxQueue rx;
        private final TxQueue tx;
        private final Random random;
        private final Thread thread = Thread.ofPlatform().name("soak " + mac).unstarted(this::work);
        private final NetBuf[] burst = new NetBuf[16];
        private volatile boolean stopped;

        Worker(RxQueue rx, TxQueue tx, Random random) {
            this.rx = rx;
            this.tx = tx;
            this.random = random;
        }

        private void work() {
            try {
                while (!stopped) {
                    int received = rx.receive(burst);
                    NetBuf.free(burst, 0, received);
                    tx.reclaim();
                    NetBuf packet = packet();
                    if (packet != null && !tx.transmit(packet)) {
                        packet.free();
                    }
                    if (received == 0) {
                        Thread.onSpinWait();
                    }
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        }

        /** A UDP datagram: short or long, whole or with its checksum or its cutting left to the device. */
        private NetBuf packet() {
            NetBuf packet = pool.allocate();
            if (packet == null) {
                return null;
            }
            int payload = 18 + random.nextInt(1400);
            packet.append(42 + payload);
            packet.setLong(0, -1L);
            packet.setInt(8, random.nextInt());
            packet.setShort(12, 0x0800);
            packet.setByte(14, 0x45);
            packet.setByte(15, 0);
            packet.setShort(16, 28 + payload);
            packet.setInt(18, 0);
            packet.setShort(22, 0x4011);
            packet.setShort(24, 0);
            packet.setInt(26, 0x0a070001);
            packet.setInt(30, 0x0a0700ff);
            packet.setShort(34, 1024 + random.nextInt(1000));
            packet.setShort(36, 7);
            packet.setShort(38, 8 + payload);
            packet.setShort(40, 0);
            switch (random.nextInt(3)) {
                case 0 -> packet.partialChecksum(34, 6);
                case 1 -> {
                    packet.partialChecksum(34, 6);
                    packet.gso(GsoType.UDP, 10 + random.nextInt(500), 42);
                }
                default -> {
                    // As it is.
                }
            }
            return packet;
        }

        void stop() {
            stopped = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
