package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.netdev4j.netbuf.InternetChecksum;
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

class PktgenCommandTest {
    private static final String DIRECTION = "\\{\"packets\":\\d+,\"mpps\":[\\d.]+,\"gbps\":[\\d.]+,\"drops\":\\{}}";
    private static final Pattern FIGURES = Pattern.compile("\\{\"seconds\":[\\d.]+,\"rx\":" + DIRECTION + ",\"tx\":"
            + DIRECTION + ",\"kicks\":\\d+,\"interrupts\":\\d+,\"gcPauses\":\\d+,\"gcMillis\":\\d+}");
    private static final Pattern SENT = Pattern.compile("\"tx\":\\{\"packets\":([0-9]+)");

    @ParameterizedTest
    @EnumSource(PacketMode.class)
    void everyModeEndsWithFiguresForAProgram(PacketMode mode) {
        String last = pktgen("--mode", mode.toString(), "--duration", "0.1");
        Matcher sent = SENT.matcher(last);
        assertTrue(sent.find(), last);
        boolean sends = mode == PacketMode.TX;
        assertEquals(sends, Long.parseLong(sent.group(1)) > 0, last);
        assertTrue(FIGURES.matcher(last).matches(), last);
    }

    @Test
    void aRateIsNotExceeded() {
        String last = pktgen("--mode", "tx", "--duration", "0.5", "--rate", "1k", "--burst", "1");
        Matcher sent = SENT.matcher(last);
        assertTrue(sent.find() && Long.parseLong(sent.group(1)) <= 1001, last);
    }

    private static String pktgen(String... options) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] args = new String[options.length + 4];
        System.arraycopy(options, 0, args, 4, options.length);
        args[0] = "pktgen";
        args[1] = "--device";
        args[2] = "loopback";
        args[3] = "--json";
        assertEquals(0, Main.run(new PrintWriter(out), new PrintWriter(err), args), err::toString);
        return out.toString().strip().lines().reduce((first, second) -> second).orElseThrow();
    }

    @Test
    void forwardingExchangesTheAddresses() {
        try (NetDev device = NetDev.open("loopback");
                MemoryRegion memory = device.allocateMemory("test", 4 << 20);
                NetBufPool pool = NetBufPool.builder().region(memory).buffers(1024).build()) {
            device.configure(NetDevConfig.ONE_PAIR);
            RxQueue rx = device.configureRxQueue(0, RxQueueConfig.polled(pool));
            TxQueue tx = device.configureTxQueue(0, TxQueueConfig.POLLED);
            device.start();
            NetBuf frame = pool.allocate();
            frame.append(60);
            frame.setLong(0, 0x0102030405060708L);
            frame.setInt(8, 0x090a0b0c);
            frame.setShort(12, 0x88b5);
            tx.transmit(frame);
            PacketLoop forward = PacketMode.MACSWAP.loop(rx, tx, pool, 64, 1, 0);
            while (forward.doWork() == 0) {
                Thread.onSpinWait();
            }
            NetBuf[] back = new NetBuf[1];
            while (rx.receive(back) == 0) {
                Thread.onSpinWait();
            }
            assertEquals(new MacAddress(0x0708090a0b0cL), new MacAddress(back[0].getLong(0) >>> 16));
            assertEquals(0x0102, back[0].getLong(0) & 0xffff);
            assertEquals(0x03040506, back[0].getInt(8));
            assertEquals(0x88b5, back[0].getUnsignedShort(12));
            back[0].free();
            device.stop();
        }
    }

    @Test
    void theTestFrameHasTheChecksumOfItsHeader() {
        MemorySegment header = TestFrame.header();
        TestFrame.length(header, 64);
        assertEquals(0xffff, InternetChecksum.fold(InternetChecksum.add(0, header, 14, 20)));
        TestFrame.length(header, 1514);
        assertEquals(0xffff, InternetChecksum.fold(InternetChecksum.add(0, header, 14, 20)));
        assertNotEquals(0, header.byteSize());
    }
}
