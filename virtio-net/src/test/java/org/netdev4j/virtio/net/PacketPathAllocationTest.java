package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;
import com.sun.management.ThreadMXBean;

/** Packets cross the driver, both ends of the ring and the device without an object being made. */
class PacketPathAllocationTest {
    private static final int BURST = 32;
    private static final int ROUNDS = 500;

    private final DeviceLoop loop = new DeviceLoop("allocation");
    private final NetBuf[] burst = new NetBuf[BURST];

    @Test
    void nothingIsAllocatedPerPacket() {
        VirtioNetDevice device = new VirtioNetDevice(DeviceSettings.of(new MacAddress(0x020000000001L)),
                new Loopback());
        try (loop;
                NetDev dev = new NetDev("allocation", new VirtioNetDriver(DriverOptions.DEFAULT)
                        .probe(new InProcessTransport("allocation", device, loop)))) {
            dev.probe();
            NetBufPool pool = NetBufPool.builder().buffers(2048).build();
            dev.attachMemory(pool.region());
            dev.configure(NetDevConfig.ONE_PAIR);
            RxQueue rx = dev.configureRxQueue(0, RxQueueConfig.polled(pool));
            TxQueue tx = dev.configureTxQueue(0, TxQueueConfig.POLLED);
            dev.start();
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long least = Long.MAX_VALUE;
            for (int attempt = 0; attempt < 20 && least != 0; attempt++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                long received = crossings(pool, rx, tx);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                assertEquals((long) ROUNDS * BURST, received);
            }
            assertTrue(least < ROUNDS, least + " bytes in " + ROUNDS + " bursts");
        }
    }

    private long crossings(NetBufPool pool, RxQueue rx, TxQueue tx) {
        long received = 0;
        for (int round = 0; round < ROUNDS; round++) {
            pool.allocate(burst, 0, BURST);
            for (int i = 0; i < BURST; i++) {
                burst[i].append(60);
            }
            tx.transmit(burst, 0, BURST);
            for (int got = 1; got > 0;) {
                loop.doWork();
                got = rx.receive(burst);
                NetBuf.free(burst, 0, got);
                received += got;
            }
        }
        Arrays.fill(burst, null);
        return received;
    }
}
