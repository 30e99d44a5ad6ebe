package org.netdev4j.netdev.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.InMemoryDriver;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;

class PacketTraceTest {
    private static final long TIME = 1_790_000_000_123_456_789L;
    private static final String ADDRESSES = "ffffffffffff" + "020000000001";

    private final NetBufPool pool = NetBufPool.builder().name("packets").buffers(16).build();

    @AfterEach
    void everyBufferIsBack() {
        assertEquals(pool.capacity(), pool.available());
        pool.close();
    }

    private NetBuf frame(String hex, int length) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        NetBuf frame = pool.allocate();
        frame.append(length);
        for (int i = 0; i < length; i++) {
            frame.setByte(i, i < bytes.length ? bytes[i] : 0);
        }
        return frame;
    }

    private static String line(NetBuf packet) {
        String line = FrameLine.of(TIME, "nd0 rx0", packet);
        packet.free();
        return line.substring("14:13:20.123456789 nd0 rx0 ".length());
    }

    @Test
    void bothDirectionsAreTraced() {
        List<String> lines = new ArrayList<>();
        InMemoryDriver driver = new InMemoryDriver();
        try (NetDev device = new NetDev("nd0", driver, new PacketTrace(lines::add, () -> TIME))) {
            device.probe();
            device.configure(NetDevConfig.ONE_PAIR);
            RxQueue rx = device.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(8));
            TxQueue tx = device.configureTxQueue(0, TxQueueConfig.POLLED.withSize(2));
            device.start();
            NetBuf[] burst = new NetBuf[3];
            for (int i = 0; i < burst.length; i++) {
                burst[i] = frame(ADDRESSES + "0806", 60 + i);
            }
            int taken = tx.transmit(burst, 0, 3);
            NetBuf.free(burst, taken, 3 - taken);
            driver.settle();
            NetBuf.free(burst, 0, rx.receive(burst));
            tx.reclaim();
        }
        String rest = " 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff ARP (0x0806)";
        assertEquals(List.of("14:13:20.123456789 nd0 tx0 60 bytes" + rest, "14:13:20.123456789 nd0 tx0 61 bytes" + rest,
                "14:13:20.123456789 nd0 rx0 60 bytes" + rest, "14:13:20.123456789 nd0 rx0 61 bytes" + rest), lines);
    }

    @Test
    void aTaggedFrameTellsItsVlan() {
        assertEquals("60 bytes 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff VLAN 5 IPv6 (0x86dd)",
                line(frame(ADDRESSES + "8100" + "2005" + "86dd", 60)));
    }

    @Test
    void whatIsSpecialIsSaid() {
        NetBuf packet = frame(ADDRESSES + "0800", 100);
        packet.chain(frame("", 50));
        packet.partialChecksum(34, 16);
        packet.gso(GsoType.TCP_IPV4, 10, 54);
        assertEquals("150 bytes 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff IPv4 (0x0800), 2 pieces, checksum partial,"
                + " segments of 10 bytes (TCP_IPV4)", line(packet));
    }

    @Test
    void aFrameTooShortForAHeaderIsNoError() {
        assertEquals("13 bytes no Ethernet header", line(frame(ADDRESSES, 13)));
        assertEquals("0 bytes no Ethernet header", line(frame("", 0)));
    }
}
