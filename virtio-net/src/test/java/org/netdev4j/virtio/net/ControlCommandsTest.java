package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.Coalescing;
import org.netdev4j.netdev.DeviceEvent;
import org.netdev4j.netdev.DeviceString;
import org.netdev4j.netdev.FlowHashType;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.ReceiveMode;
import org.netdev4j.netdev.RssConfig;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.FakeBackend;
import org.netdev4j.virtio.net.device.Frames;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.testing.Rule;
import org.netdev4j.virtio.transport.inprocess.InProcessTransport;

/** What the driver tells the device by control commands, and what the device does then. */
class ControlCommandsTest {
    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
    private static final MacAddress OTHER = MacAddress.parse("02:00:00:00:00:99");
    private static final MacAddress GROUP = MacAddress.parse("01:00:5e:00:00:05");
    private static final int PAIRS = 4;
    private static final byte[] KEY = new byte[40];

    private final FakeBackend backend = new FakeBackend();
    private final DeviceLoop loop = new DeviceLoop("test");
    private final VirtioNetDevice device = new VirtioNetDevice(DeviceSettings.of(MAC).withMaxPairs(PAIRS)
            .withSpeed(10_000), backend);
    private final List<DeviceEvent> events = new ArrayList<>();
    private NetDev dev;
    private NetBufPool pool;

    private void start(int pairs, String features) {
        DriverOptions options = DriverOptions.parse(DeviceString.parse("loopback" + features));
        dev = new NetDev("test", new VirtioNetDriver(options).probe(new InProcessTransport("test", device, loop)));
        dev.onEvent((event, detail) -> {
            synchronized (events) {
                events.add(event);
                events.notifyAll();
            }
        });
        dev.probe();
        try (MemoryRegion region = dev.allocateMemory("packets", 1 << 20)) {
            pool = NetBufPool.builder().region(region).buffers(256).headroom(64).dataSize(2048).build();
        }
        dev.configure(NetDevConfig.pairs(pairs));
        for (int i = 0; i < pairs; i++) {
            dev.configureRxQueue(i, RxQueueConfig.polled(pool).withSize(16));
            dev.configureTxQueue(i, TxQueueConfig.POLLED.withSize(16));
        }
        dev.start();
    }

    @AfterEach
    void close() {
        dev.close();
        pool.close();
        loop.close();
    }

    /** @return the receive queue at which a frame to {@code destination} arrives, or -1 */
    private int arrives(MacAddress destination, int... behindTheAddresses) {
        byte[] frame = Frames.numbered(64);
        destination.write(MemorySegment.ofArray(frame), 0);
        OTHER.write(MemorySegment.ofArray(frame), 6);
        for (int i = 0; i < behindTheAddresses.length; i++) {
            frame[12 + i] = (byte) behindTheAddresses[i];
        }
        backend.arriving.add(Frames.of(frame));
        while (loop.doWork() > 0) {
            // Until a round moves nothing.
        }
        NetBuf[] one = new NetBuf[1];
        for (int queue = 0; queue < PAIRS; queue++) {
            try {
                if (dev.rxQueue(queue).receive(one) == 1) {
                    one[0].free();
                    return queue;
                }
            } catch (IllegalArgumentException e) {
                return -1;
            }
        }
        return -1;
    }

    @Test
    @Rule({"CQ2.1", "CQ5"})
    void withoutPromiscuousModeOnlyTheOwnAddressAndBroadcastArrive() {
        start(1, "");
        assertEquals(0, arrives(OTHER), "a device delivers everything until it is told otherwise");
        dev.promiscuous(false);
        assertEquals(-1, arrives(OTHER));
        assertEquals(-1, arrives(GROUP));
        assertEquals(0, arrives(MAC));
        assertEquals(0, arrives(MacAddress.BROADCAST));
        assertEquals(2, device.counters().get("device rx drop other address"));
        dev.allMulticast(true);
        assertEquals(0, arrives(GROUP));
        assertEquals(-1, arrives(OTHER));
        dev.allMulticast(false);
        dev.multicastList(Set.of(GROUP));
        assertEquals(0, arrives(GROUP));
        dev.multicastList(Set.of());
        assertEquals(-1, arrives(GROUP));
    }

    @Test
    @Rule("CQ2.2")
    void modesLetInAndKeepOutWhatTheySay() {
        start(1, "");
        dev.promiscuous(false);
        dev.receiveModes(Set.of(ReceiveMode.ALL_UNICAST, ReceiveMode.NO_BROADCAST));
        assertEquals(0, arrives(OTHER));
        assertEquals(-1, arrives(MacAddress.parse("ff:ff:ff:ff:ff:ff")));
        dev.receiveModes(Set.of());
        assertEquals(-1, arrives(OTHER));
        assertEquals(0, arrives(MacAddress.parse("ff:ff:ff:ff:ff:ff")));
    }

    @Test
    @Rule({"CQ4.3", "CQ6.2"})
    void anotherAddressIsListenedToAndShownByTheDevice() {
        start(1, "");
        dev.promiscuous(false);
        dev.macAddress(OTHER);
        assertEquals(0, arrives(OTHER));
        assertEquals(-1, arrives(MAC));
        assertEquals(OTHER, MacAddress.read(MemorySegment.ofArray(device.config()), NetConfigLayout.MAC));
        assertThrows(NetDevException.class, () -> dev.macAddress(GROUP));
    }

    @Test
    void settingsHoldOverStopAndStart() {
        start(1, "");
        dev.promiscuous(false);
        dev.macAddress(OTHER);
        dev.multicastList(Set.of(GROUP));
        dev.stop();
        dev.start();
        assertEquals(0, arrives(OTHER));
        assertEquals(0, arrives(GROUP));
        assertEquals(-1, arrives(MAC));
    }

    @Test
    @Rule({"CQ8.2", "CQ8.3"})
    void onlyTheVlansOfTheListArriveAndUntaggedFramesAnyway() {
        start(1, ",features=+CTRL_VLAN");
        assertEquals(-1, arrives(MAC, 0x81, 0, 0, 7));
        dev.addVlan(7);
        assertEquals(0, arrives(MAC, 0x81, 0, 0, 7));
        assertEquals(0, arrives(MAC, 0x81, 0, 0x60, 7), "whatever its priority");
        assertEquals(-1, arrives(MAC, 0x81, 0, 0, 8));
        assertEquals(0, arrives(MAC));
        dev.removeVlan(7);
        assertEquals(-1, arrives(MAC, 0x81, 0, 0, 7));
        assertEquals(3, device.counters().get("device rx drop other vlan"));
    }

    @Test
    @Rule("CQ8.1")
    void withoutTheFilterEveryVlanArrives() {
        start(1, "");
        assertEquals(0, arrives(MAC, 0x81, 0, 0, 7));
    }

    @Test
    void packetsAreSpreadByTheTableOverTheirHash() {
        start(PAIRS, "");
        int[] table = new int[128];
        Arrays.fill(table, 2);
        dev.steering(new RssConfig(Set.of(FlowHashType.IPV4, FlowHashType.TCPV4, FlowHashType.UDPV4), KEY, table, 3));
        assertEquals(2, arrives(MAC, 8, 0, 0x45));
        assertEquals(3, arrives(MAC, 0x88, 0xb5), "a frame without a hash");
        dev.steering(null);
        assertThrows(NetDevException.class, () -> dev.steering(RssConfig.even(Set.of(), KEY, 256, PAIRS)));
        assertThrows(NetDevException.class, () -> dev.steering(RssConfig.even(Set.of(), new byte[41], 128, PAIRS)));
        assertThrows(IllegalArgumentException.class,
                () -> dev.steering(RssConfig.even(Set.of(), KEY, 128, PAIRS + 1)));
    }

    @Test
    void aFlowComesBackOnThePairThatItWasSentOn() {
        start(PAIRS, "");
        for (int pair : new int[]{2, 0, 3}) {
            NetBuf packet = pool.allocate();
            packet.append(64);
            OTHER.write(packet.segment(), packet.dataOffset());
            MAC.write(packet.segment(), packet.dataOffset() + 6);
            packet.setShort(12, 0x88b5);
            assertTrue(dev.txQueue(pair).transmit(packet));
            while (loop.doWork() > 0) {
                // Until the device has sent it.
            }
            assertEquals(pair, arrives(MAC, 0x88, 0xb5));
        }
    }

    @Test
    void interruptsAreHeldBackAsLongAsTheDriverSays() {
        start(2, "");
        Coalescing rx = new Coalescing(16, 50);
        Coalescing tx = new Coalescing(64, 100);
        dev.coalescing(rx, tx);
        assertEquals(rx, dev.rxCoalescing(1));
        assertEquals(tx, dev.txCoalescing(0));
        dev.rxCoalescing(1, Coalescing.NONE);
        assertEquals(Coalescing.NONE, dev.rxCoalescing(1));
        assertEquals(rx, dev.rxCoalescing(0));
    }

    @Test
    void theDeviceTellsWhatItCounts() {
        start(1, ",features=+DEVICE_STATS");
        arrives(MAC);
        Map<String, Long> counters = dev.counters();
        assertEquals(1, counters.get("device counts rx0 packets"));
        assertEquals(64, counters.get("device counts rx0 bytes"));
        assertEquals(0, counters.get("device counts tx0 packets"));
    }

    @Test
    @Rule("CQ9.2")
    void anAnnouncementIsToldAndAcknowledged() throws InterruptedException {
        start(1, "");
        device.announce();
        synchronized (events) {
            while (!events.contains(DeviceEvent.ANNOUNCE)) {
                events.wait(10_000);
            }
        }
        while ((device.config()[NetConfigLayout.STATUS] & NetConfigLayout.STATUS_ANNOUNCE) != 0) {
            loop.doWork();
            Thread.onSpinWait();
        }
        assertEquals(1, events.stream().filter(event -> event == DeviceEvent.ANNOUNCE).count());
    }

    @Test
    @Rule("NC6")
    void theSpeedOfTheLinkIsRead() {
        start(1, "");
        assertEquals(10_000, dev.linkSpeedMbps());
        assertEquals(NetConfigLayout.DUPLEX_FULL, device.config()[NetConfigLayout.DUPLEX]);
    }

    @Test
    void whatWasNotNegotiatedIsNotOffered() {
        start(1, ",features=-CTRL_VQ");
        assertThrows(NetDevException.class, () -> dev.promiscuous(false));
        assertThrows(NetDevException.class, () -> dev.coalescing(Coalescing.NONE, Coalescing.NONE));
        assertFalse(dev.counters().containsKey("device counts rx0 packets"));
    }
}
