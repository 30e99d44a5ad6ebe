package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.Coalescing;
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
import org.netdev4j.virtio.testing.Rule;

/** What the driver asks for on the control queue, byte by byte (virtio 1.4 §5.1.9.5). */
class DriverCommandsTest {
    private static final int RING_SIZE = 16;
    private static final MacAddress OTHER = MacAddress.parse("02:00:00:00:00:99");
    private static final MacAddress GROUP = MacAddress.parse("01:00:5e:00:00:05");
    private static final byte[] KEY = {1, 2, 3, 4};
    private static final int HASHES = 0x3f;

    private final ScriptedDevice device = new ScriptedDevice();
    private NetDev dev;
    private NetBufPool pool;

    DriverCommandsTest() {
        device.pairs = 2;
        device.offers(NetFeature.CTRL_VQ);
        device.config16(NetConfigLayout.MAX_VIRTQUEUE_PAIRS, 2);
        device.config[NetConfigLayout.RSS_MAX_KEY_SIZE] = 40;
        device.config16(NetConfigLayout.RSS_MAX_INDIRECTION_TABLE_LENGTH, 8);
        device.config16(NetConfigLayout.SUPPORTED_HASH_TYPES, HASHES);
    }

    private void probe(String features) {
        DriverOptions options = DriverOptions.parse(DeviceString.parse("loopback" + features));
        dev = new NetDev("test", new VirtioNetDriver(options).probe(device));
        dev.probe();
        try (MemoryRegion region = dev.allocateMemory("packets", 1 << 20)) {
            pool = NetBufPool.builder().region(region).buffers(128).headroom(64).dataSize(2048).build();
        }
    }

    private void start(int pairs, String features) {
        probe(features);
        dev.configure(NetDevConfig.pairs(pairs));
        for (int i = 0; i < pairs; i++) {
            dev.configureRxQueue(i, RxQueueConfig.polled(pool).withSize(RING_SIZE));
            dev.configureTxQueue(i, TxQueueConfig.POLLED.withSize(RING_SIZE));
        }
        dev.start();
    }

    /** Starts with one pair, and forgets what was said until then. */
    private void started(NetFeature... features) {
        device.offers(features);
        start(1, "");
        device.commands.clear();
        device.rooms.clear();
    }

    @AfterEach
    void close() {
        dev.close();
        pool.close();
    }

    private void assertCommands(String... hex) {
        assertEquals(List.of(hex), device.commands.stream().map(HexFormat.of()::formatHex).toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 0x80, 0xff})
    @Rule("CQ1.1")
    void anyAcknowledgementButOkIsARefusal(int ack) {
        started(NetFeature.CTRL_RX);
        device.onCommand = command -> new byte[]{(byte) ack};
        assertThrows(NetDevException.class, () -> dev.promiscuous(false));
        assertTrue(dev.promiscuous(), "what the device refuses is not remembered");
    }

    @Test
    @Rule("CQ1.1")
    void aDeviceThatWritesNoAcknowledgementHasRefused() {
        started(NetFeature.CTRL_RX);
        device.onCommand = command -> new byte[0];
        assertThrows(NetDevException.class, () -> dev.promiscuous(false));
        assertNotEquals(ControlLayout.OK, device.rooms.getFirst()[0], "before it is written");
    }

    @Test
    @Rule("CQ1.2")
    void aCommandThatHangsEndsAndStopsNoPacket() {
        started(NetFeature.CTRL_RX);
        device.onCommand = command -> null;
        long begun = System.nanoTime();
        assertThrows(NetDevException.class, () -> dev.promiscuous(false));
        assertTrue(System.nanoTime() - begun >= ControlQueue.TIMEOUT_NS);

        assertTrue(dev.txQueue(0).transmit(Bench.packet(pool, Bench.frame(60))));
        assertArrayEquals(Bench.frame(60), device.transmitted().frame);
        begun = System.nanoTime();
        assertThrows(NetDevException.class, () -> dev.allMulticast(true));
        assertTrue(System.nanoTime() - begun < ControlQueue.TIMEOUT_NS, "the next one fails at once");

        device.onCommand = command -> new byte[]{ControlLayout.OK};
        dev.stop();
        dev.start();
        dev.promiscuous(false);
    }

    static Stream<Arguments> settings() {
        return Stream.of(setting("a receive mode", dev -> dev.promiscuous(false)),
                setting("another receive mode", dev -> dev.allMulticast(true)),
                setting("more receive modes", dev -> dev.receiveModes(Set.of(ReceiveMode.NO_UNICAST))),
                setting("a MAC address", dev -> dev.macAddress(OTHER)),
                setting("a multicast list", dev -> dev.multicastList(Set.of(GROUP))),
                setting("a VLAN", dev -> dev.addVlan(5)),
                setting("steering", dev -> dev.steering(RssConfig.even(Set.of(FlowHashType.IPV4), KEY, 4, 1))),
                setting("hashes", dev -> dev.flowHash(Set.of(FlowHashType.IPV4), KEY)),
                setting("coalescing", dev -> dev.coalescing(new Coalescing(8, 100), Coalescing.NONE)),
                setting("coalescing of one queue", dev -> dev.rxCoalescing(0, new Coalescing(8, 100))),
                setting("what coalescing there is", dev -> dev.txCoalescing(0)),
                setting("receive offloads", dev -> dev.rxOffloads(Set.of())));
    }

    private static Arguments setting(String what, Consumer<NetDev> change) {
        return Arguments.of(Named.of(what, change));
    }

    @ParameterizedTest
    @MethodSource("settings")
    @Rule({"CQ3", "CQ6.1", "CQ15.1", "CQ19", "CQ20.2", "CQ20.3"})
    void whatWasNotNegotiatedIsNotAskedFor(Consumer<NetDev> change) {
        start(1, "");
        assertThrows(NetDevException.class, () -> change.accept(dev));
        assertCommands();
    }

    @Test
    @Rule("CQ3")
    void receiveModes() {
        started(NetFeature.CTRL_RX);
        dev.promiscuous(false);
        dev.allMulticast(true);
        assertCommands("000000", "000101");
    }

    /** All-unicast 2, no multicast 3, no unicast 4, no broadcast 5; only what changes is asked for. */
    @Test
    @Rule("CQ3")
    void moreReceiveModes() {
        started(NetFeature.CTRL_RX_EXTRA);
        dev.receiveModes(Set.of(ReceiveMode.ALL_UNICAST));
        dev.receiveModes(Set.of(ReceiveMode.NO_UNICAST));
        dev.receiveModes(Set.of(ReceiveMode.NO_UNICAST, ReceiveMode.NO_MULTICAST));
        dev.receiveModes(Set.of(ReceiveMode.NO_BROADCAST));
        assertCommands("000201", "000200", "000401", "000301", "000400", "000300", "000501");
        device.commands.clear();
        dev.stop();
        dev.start();
        assertCommands("000501");
        assertEquals(Set.of(ReceiveMode.NO_BROADCAST), dev.receiveModes());
    }

    @Test
    @Rule({"CQ7.1", "CQ7.2"})
    void aTableHasUnicastAddressesAndMulticastAddresses() {
        started(NetFeature.CTRL_RX);
        dev.multicastList(Set.of(GROUP));
        dev.multicastList(Set.of());
        assertCommands("0100" + "00000000" + "01000000" + "01005e000005", "0100" + "00000000" + "00000000");
    }

    @Test
    @Rule("CQ6.2")
    void anAddressOfOnesOwnIsSentAtOnceAndAtEachStart() {
        started(NetFeature.CTRL_MAC_ADDR, NetFeature.MAC);
        dev.macAddress(OTHER);
        dev.stop();
        dev.start();
        assertCommands("0101020000000099", "0101020000000099");
    }

    @Test
    @Rule({"CQ11.1", "CQ11.2", "CQ11.3", "NC17", "RX4"})
    void theOrderOfAStart() {
        device.offers(NetFeature.MQ, NetFeature.MAC, NetFeature.STATUS, NetFeature.CTRL_MAC_ADDR, NetFeature.GUEST_CSUM,
                NetFeature.CTRL_GUEST_OFFLOADS);
        device.config[0] = 2;
        int[] filled = new int[2];
        device.onCommand = command -> {
            if (command[0] == ControlLayout.CLASS_MQ) {
                filled[0] = device.available(0);
                filled[1] = device.available(2);
                assertEquals(0, device.available(1) + device.available(3), "sent before pairs were enabled");
            }
            return new byte[]{ControlLayout.OK};
        };
        start(2, "");
        dev.macAddress(OTHER);
        dev.rxOffloads(Set.of());
        dev.stop();
        device.history.clear();
        device.commands.clear();
        dev.start();

        assertEquals(List.of("enable 0", "enable 2", "enable 1", "enable 3", "enable 4", "DRIVER_OK", "command 4.0",
                "command 1.1", "command 5.0"),
                device.history.stream().filter(
                        step -> step.startsWith("enable") || step.startsWith("command") || step.equals("DRIVER_OK"))
                        .toList());
        assertCommands("0400" + "0200", "0101020000000099", "0500" + "0000000000000000");
        assertArrayEquals(new int[]{RING_SIZE, RING_SIZE}, filled, "receive queues are full by then");
    }

    @Test
    @Rule("CQ11.2")
    void morePairsThanTheDeviceHasAreNotConfigured() {
        device.offers(NetFeature.MQ);
        probe("");
        assertThrows(NetDevException.class, () -> dev.configure(NetDevConfig.pairs(3)));
    }

    @Test
    @Rule("CQ11.4")
    void nothingIsPutInQueuesBeyondThosePairs() {
        device.offers(NetFeature.MQ);
        start(1, "");
        assertCommands("0400" + "0100");
        assertFalse(device.has(2) || device.has(3), "the second pair is not even enabled");
        assertThrows(IllegalArgumentException.class, () -> dev.txQueue(1));
    }

    @Test
    @Rule({"CQ14.1", "CQ14.2", "RX3"})
    void hashesAreAskedForWithReservedWordsOfZero() {
        device.offers(NetFeature.HASH_REPORT);
        start(1, ",features=+HASH_REPORT");
        assertCommands();
        dev.flowHash(Set.of(FlowHashType.IPV4, FlowHashType.TCPV4), KEY);
        assertCommands("0402" + "03000000" + "0000000000000000" + "04" + "01020304");
    }

    @Test
    @Rule({"CQ15.2", "CQ15.3", "CQ15.4", "CQ15.5"})
    void steeringIsAskedForAsTheDeviceCanDoIt() {
        device.offers(NetFeature.MQ, NetFeature.RSS);
        start(2, "");
        device.commands.clear();
        Set<FlowHashType> types = Set.of(FlowHashType.TCPV4);
        dev.steering(new RssConfig(types, KEY, new int[]{0, 1, 1, 0}, 1));
        assertCommands("0401" + "02000000" + "0300" + "0100" + "0000010001000000" + "0200" + "04" + "01020304");

        device.commands.clear();
        assertThrows(RuntimeException.class, () -> dev.steering(new RssConfig(types, KEY, new int[]{0, 2}, 0)),
                "queue 2 of two");
        assertThrows(RuntimeException.class, () -> dev.steering(new RssConfig(types, KEY, new int[]{0}, 2)),
                "unclassified to queue 2");
        assertThrows(IllegalArgumentException.class, () -> new RssConfig(types, KEY, new int[]{0, 1, 0}, 0),
                "three entries");
        assertThrows(NetDevException.class, () -> dev.steering(RssConfig.even(types, KEY, 16, 2)),
                "16 entries of 8");
        assertThrows(NetDevException.class, () -> dev.steering(RssConfig.even(types, new byte[41], 4, 2)),
                "a key of 41 bytes of 40");
        assertThrows(NetDevException.class,
                () -> dev.steering(RssConfig.even(Set.of(FlowHashType.UDPV6_EX), KEY, 4, 2)),
                "a type that is not supported");
        assertCommands();
    }

    @Test
    @Rule("CQ19")
    void onlyReceiveOffloadsThatWereNegotiatedAreAskedFor() {
        started(NetFeature.GUEST_CSUM, NetFeature.GUEST_TSO4, NetFeature.CTRL_GUEST_OFFLOADS);
        dev.rxOffloads(Set.of(Capability.RX_CHECKSUM, Capability.RX_TSO4, Capability.RX_USO6));
        assertCommands("0500" + "0200000000000000");
    }

    @Test
    @Rule({"CQ20.1", "CQ20.2"})
    void coalescingOfAllQueues() {
        started(NetFeature.NOTF_COAL);
        dev.coalescing(new Coalescing(8, 100), new Coalescing(16, 200));
        assertCommands("0601" + "08000000" + "64000000", "0600" + "10000000" + "c8000000");
        assertThrows(NetDevException.class, () -> dev.rxCoalescing(0, Coalescing.NONE), "needs VQ_NOTF_COAL");
    }

    @Test
    @Rule({"CQ20.1", "CQ20.3"})
    void coalescingOfOneQueueThatIsThere() {
        started(NetFeature.VQ_NOTF_COAL);
        dev.txCoalescing(0, new Coalescing(8, 100));
        assertCommands("0602" + "0100" + "0000" + "08000000" + "64000000");
        assertThrows(IllegalArgumentException.class, () -> dev.txCoalescing(1, Coalescing.NONE));
        assertThrows(IllegalArgumentException.class, () -> dev.rxCoalescing(1));
        assertEquals(1, device.commands.size());
    }

    @Test
    @Rule("CQ20.4")
    void aFailedAnswerToWhatCoalescingThereIsIsIgnored() {
        started(NetFeature.VQ_NOTF_COAL);
        byte[] answer = ByteBuffer.allocate(13).order(ByteOrder.LITTLE_ENDIAN).putInt(5, 7).putInt(9, 70).array();
        device.onCommand = command -> answer;
        assertEquals(new Coalescing(7, 70), dev.rxCoalescing(0));
        assertCommands("0603" + "0000" + "0000");
        answer[0] = ControlLayout.ERR;
        assertThrows(NetDevException.class, () -> dev.rxCoalescing(0));
    }

    @Test
    @Rule({"CQ24.1", "CQ24.2"})
    void onlyStatisticsThatTheDeviceHasAreAskedForWithRoomForThem() {
        device.offers(NetFeature.DEVICE_STATS);
        device.onCommand = command -> command[1] == ControlLayout.STATS_QUERY
                ? new byte[]{ControlLayout.OK, 1 << ControlLayout.STATS_RX_BASIC | 1 << ControlLayout.STATS_RX_CSUM, 0,
                    0, 0,
                    0, 0, 0, 0}
                : new byte[]{ControlLayout.OK};
        start(1, ",features=+DEVICE_STATS");
        dev.counters();
        assertCommands("0800", "0801" + "0000" + "000000000000" + "0100000000000000");
        assertEquals(1 + 8 + 6 * 8, device.rooms.getLast().length, "ack, header, six counters");
    }

    @Test
    @Rule("CQ24.2")
    void anAnswerThatIsTooShortOrOfAnotherQueueTellsNothing() {
        device.offers(NetFeature.DEVICE_STATS);
        byte[] good = new byte[57];
        good[7] = 56;
        Arrays.fill(good, 9, 57, (byte) 1);
        byte[][] reply = {good};
        device.onCommand = command -> command[1] == ControlLayout.STATS_QUERY
                ? new byte[]{ControlLayout.OK, 1, 0, 0, 0, 0, 0, 0, 0}
                : reply[0];
        start(1, ",features=+DEVICE_STATS");
        assertEquals(0x0101_0101_0101_0101L, dev.counters().get("device counts rx0 packets"));
        for (int wrong : IntStream.of(1, 3, 7).toArray()) {
            reply[0] = good.clone();
            reply[0][wrong] = 9;
            assertFalse(dev.counters().containsKey("device counts rx0 packets"), "byte " + wrong);
        }
        reply[0] = Arrays.copyOf(good, 56);
        assertFalse(dev.counters().containsKey("device counts rx0 packets"));
    }
}
