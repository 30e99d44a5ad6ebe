package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.ControlLayout;
import org.netdev4j.virtio.net.NetConfigLayout;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.testing.Rule;

/** What commands do to a device, sent by hand (virtio 1.4 §5.1.9.5). */
class DeviceCommandsTest {
    private static final Features COMMANDS = DriverEnd.RESETTABLE.with(NetFeature.CTRL_VQ)
            .with(VirtioFeature.INDIRECT_DESC);
    private static final Features FILTERS = COMMANDS.with(NetFeature.MAC).with(NetFeature.CTRL_RX)
            .with(NetFeature.CTRL_RX_EXTRA).with(NetFeature.CTRL_MAC_ADDR);
    private static final Features COALESCING = COMMANDS.with(NetFeature.NOTF_COAL).with(NetFeature.VQ_NOTF_COAL);
    private static final String OWN = "020000000001";
    private static final String OTHER = "020000000099";
    private static final String GROUP = "01005e000005";
    private static final String BROADCAST = "ffffffffffff";
    private static final int BUFFER = NetHeader.LENGTH + 1514;
    private static final byte[] ERROR = {ControlLayout.ERR};

    private final FakeBackend backend = new FakeBackend();
    private final DeviceLoop loop = new DeviceLoop("test");
    private long nanoTime;
    private VirtioNetDevice device;
    private DriverEnd driver;

    private void start(Features features) {
        device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")), backend, () -> nanoTime);
        driver = new DriverEnd(device, loop, features);
    }

    @AfterEach
    void close() {
        driver.close();
        loop.close();
    }

    /** True if a frame to that address gets to the driver. */
    private boolean arrives(String destination) {
        byte[] frame = Frames.numbered(60);
        System.arraycopy(HexFormat.of().parseHex(destination), 0, frame, 0, 6);
        driver.post(BUFFER);
        backend.receiver.receive(Frames.of(frame));
        driver.run();
        return driver.received() != null;
    }

    private String arriving(String... destinations) {
        StringBuilder all = new StringBuilder();
        for (String destination : destinations) {
            all.append(arrives(destination) ? 'Y' : '-');
        }
        return all.toString();
    }

    /** Own, another unicast, a multicast address and broadcast. */
    private String arriving() {
        return arriving(OWN, OTHER, GROUP, BROADCAST);
    }

    private void mode(int command, int on) {
        assertTrue(driver.executes("00" + HexFormat.of().toHexDigits((byte) command) + "0" + on));
    }

    @Test
    @Rule({"CQ2.1", "CQ2.2"})
    void eachModeLetsInOrKeepsOutWhatItSays() {
        start(FILTERS);
        assertEquals("YYYY", arriving(), "promiscuous at first");
        mode(ControlLayout.RX_PROMISC, 0);
        assertEquals("Y--Y", arriving());
        mode(ControlLayout.RX_ALLMULTI, 1);
        assertEquals("Y-YY", arriving());
        mode(ControlLayout.RX_ALLUNI, 1);
        assertEquals("YYYY", arriving());
        mode(ControlLayout.RX_ALLMULTI, 0);
        assertEquals("YY-Y", arriving());
        mode(ControlLayout.RX_NOBCAST, 1);
        assertEquals("YY--", arriving());
        mode(ControlLayout.RX_ALLUNI, 0);
        mode(ControlLayout.RX_NOBCAST, 0);
        assertEquals("Y--Y", arriving());
    }

    @Test
    @Rule("CQ2.3")
    void whatIsKeptOutIsKeptOutWhateverIsLetIn() {
        start(FILTERS);
        mode(ControlLayout.RX_ALLMULTI, 1);
        mode(ControlLayout.RX_NOMULTI, 1);
        assertEquals("YY-Y", arriving());
        mode(ControlLayout.RX_ALLUNI, 1);
        mode(ControlLayout.RX_NOUNI, 1);
        assertEquals("---Y", arriving());
        mode(ControlLayout.RX_NOBCAST, 1);
        assertEquals("----", arriving());
    }

    @Test
    @Rule({"CQ4.1", "CQ4.2", "CQ4.3"})
    void theAddressTable() {
        start(FILTERS);
        mode(ControlLayout.RX_PROMISC, 0);
        assertEquals("Y--Y", arriving(), "empty");
        assertTrue(driver.executes("0100" + "01000000" + OTHER + "01000000" + GROUP));
        assertEquals("YYYY", arriving(), "in force when the command is acknowledged");
        assertTrue(driver.executes("0101" + OTHER));
        assertEquals(OTHER, HexFormat.of().formatHex(device.config(), 0, 6));
        assertEquals("Y", arriving(OTHER));

        driver.close();
        driver = new DriverEnd(device, loop, FILTERS);
        mode(ControlLayout.RX_PROMISC, 0);
        assertFalse(arrives(GROUP), "empty after a reset");
    }

    @Test
    @Rule("CQ10")
    void theWishForAnAnnouncementIsGoneWhenItIsAcknowledged() {
        start(COMMANDS.with(NetFeature.STATUS).with(NetFeature.GUEST_ANNOUNCE));
        device.announce();
        assertTrue(asksForAnnouncement());
        assertTrue(driver.executes("0300"));
        assertFalse(asksForAnnouncement());
    }

    private boolean asksForAnnouncement() {
        return (device.config()[NetConfigLayout.STATUS] & NetConfigLayout.STATUS_ANNOUNCE) != 0;
    }

    /** A command of 20 bytes, at each place and at random places. */
    @Test
    @Rule("CQ27")
    void aCommandMayComeInAnyDescriptors() {
        start(FILTERS);
        mode(ControlLayout.RX_PROMISC, 0);
        byte[] table = HexFormat.of().parseHex("0100" + "01000000" + OTHER + "01000000" + GROUP);
        byte[] empty = HexFormat.of().parseHex("0100" + "00000000" + "00000000");
        for (int at = 1; at < table.length; at++) {
            assertArrayEquals(new byte[]{ControlLayout.OK}, driver.command(table, 1, at));
            assertEquals("YYYY", arriving(), "split at " + at);
            assertArrayEquals(new byte[]{ControlLayout.OK}, driver.command(empty, 1));
            assertEquals("Y--Y", arriving());
        }
        int[] bytes = new int[table.length];
        Arrays.fill(bytes, 1);
        assertArrayEquals(new byte[]{ControlLayout.OK}, driver.command(table, 1, bytes), "byte by byte");
        assertEquals("YYYY", arriving());
        assertEquals(0, driver.command(table, 0).length, "without room for an acknowledgement");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "0000", "000002", "00000000", "000600", "0900", "0100", "010000000000",
        "0100ffffffff00000000", "01000000000001000000", "0100" + "01000000" + OTHER, "0101", "01010200000000",
        "010101005e000005", "0102", "0200", "020000", "02000010", "0300", "0400", "04000000", "04000200", "0401",
        "0402",
        "0500ffffffffffffffff", "0600", "0800"})
    void aCommandThatIsMalformedOrNotNegotiatedIsRefusedAndChangesNothing(String hex) {
        start(FILTERS);
        mode(ControlLayout.RX_PROMISC, 0);
        assertArrayEquals(ERROR, driver.command(HexFormat.of().parseHex(hex), 1));
        assertEquals("Y--Y", arriving());
        assertEquals(OWN, HexFormat.of().formatHex(device.config(), 0, 6));
    }

    @Test
    void randomCommandsAreAnsweredOneByOne() {
        start(FILTERS.or(COALESCING).with(NetFeature.DEVICE_STATS).with(NetFeature.CTRL_VLAN));
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 5000; i++) {
            byte[] command = new byte[random.nextInt(40)];
            random.nextBytes(command);
            if (command.length > 1) {
                command[0] = (byte) random.nextInt(10);
                command[1] = (byte) random.nextInt(7);
            }
            int room = random.nextInt(command.length == 0 ? 1 : 0, 80);
            byte[] answer = driver.command(command, room);
            assertTrue(answer.length <= room && (room == 0 || answer[0] == 0 || Arrays.equals(ERROR, answer)),
                    () -> "seed " + seed + ": " + HexFormat.of().formatHex(command));
        }
    }

    private static String le32(int value) {
        return HexFormat.of().toHexDigits(Integer.reverseBytes(value));
    }

    private boolean coalesces(int command, int packets, int micros) {
        return driver.executes("060" + command + le32(packets) + le32(micros));
    }

    private boolean coalescesQueue(int queue, String reserved, int packets, int micros) {
        return driver.executes("0602" + HexFormat.of().toHexDigits(Short.reverseBytes((short) queue)) + reserved
                + le32(packets) + le32(micros));
    }

    /** Packets and microseconds of a queue, or the refusal. */
    private String coalescing(int queue) {
        byte[] answer = driver.command(HexFormat.of().parseHex(
                "0603" + HexFormat.of().toHexDigits(Short.reverseBytes((short) queue)) + "0000"), 13);
        if (answer.length == 1) {
            return "refused";
        }
        ByteBuffer told = ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(queue, told.getShort(1));
        return told.getInt(5) + " " + told.getInt(9);
    }

    @Test
    @Rule({"CQ21.1", "CQ21.2", "CQ21.3", "CQ21.4", "CQ21.5"})
    void settingsOfCoalescing() {
        start(COALESCING);
        assertEquals("0 0", coalescing(0));
        assertTrue(coalesces(ControlLayout.NOTF_COAL_RX_SET, 8, 100));
        assertEquals("8 100", coalescing(0));
        assertEquals("0 0", coalescing(1));
        assertTrue(coalescesQueue(0, "ffff", 9, 200), "reserved fields are ignored");
        assertEquals("9 200", coalescing(0));
        assertFalse(coalesces(ControlLayout.NOTF_COAL_RX_SET, 8, 10_000_001), "ten seconds at most");
        assertFalse(coalescesQueue(0, "0000", 8, -1));
        assertEquals("9 200", coalescing(0));

        driver.resetQueue(0);
        assertEquals("refused", coalescing(0));
        assertFalse(coalescesQueue(0, "0000", 1, 1), "not enabled");
        assertFalse(coalescesQueue(2, "0000", 1, 1), "the control queue");
        assertFalse(coalescesQueue(77, "0000", 1, 1), "not there");
        driver.enableQueue(0);
        assertEquals("8 100", coalescing(0), "as all receive queues");

        driver.close();
        driver = new DriverEnd(device, loop, COALESCING);
        assertEquals("0 0", coalescing(0), "after a reset");
    }

    private void wantInterrupts() {
        while (driver.received() != null) {
            // Until none waits.
        }
        assertTrue(driver.receiveQueue.armInterrupt());
    }

    /** Delivers one frame; the loop is not let to sleep. @return interrupts since the last call */
    private int interruptsOfFrame() {
        driver.post(BUFFER);
        backend.receiver.receive(Frames.of(Frames.numbered(60)));
        return interruptsNow();
    }

    private int interruptsNow() {
        driver.run();
        return (int) driver.transport.queueInterrupt(0).drain();
    }

    @Test
    @Rule({"CQ22.1", "CQ21.6"})
    void interruptsComeBySoManyPacketsOrSoMuchTime() {
        start(COALESCING);
        wantInterrupts();
        assertTrue(coalesces(ControlLayout.NOTF_COAL_RX_SET, 3, 100));
        assertEquals(0, interruptsOfFrame());
        assertEquals(0, interruptsOfFrame());
        assertEquals(1, interruptsOfFrame(), "the third");
        assertEquals(0, interruptsOfFrame());
        nanoTime += 99_999;
        assertEquals(0, interruptsNow());
        nanoTime += 1;
        assertEquals(1, interruptsNow(), "100 us after the first");
    }

    @Test
    @Rule("CQ22.2")
    void eachPacketInterruptsWhenEitherIsZero() {
        start(COALESCING);
        wantInterrupts();
        for (int[] setting : new int[][]{{0, 0}, {0, 100}, {3, 0}}) {
            assertTrue(coalesces(ControlLayout.NOTF_COAL_RX_SET, setting[0], setting[1]));
            assertEquals(1, interruptsOfFrame());
            assertEquals(1, interruptsOfFrame());
        }
    }

    @Test
    @Rule("CQ22.3")
    void aChangeIsInForceAtOnce() {
        start(COALESCING);
        wantInterrupts();
        assertTrue(coalesces(ControlLayout.NOTF_COAL_RX_SET, 10, 1000));
        assertEquals(0, interruptsOfFrame() + interruptsOfFrame());
        assertTrue(coalesces(ControlLayout.NOTF_COAL_RX_SET, 2, 1000));
        assertEquals(1, interruptsNow(), "two wait");
        assertEquals(0, interruptsOfFrame());
        assertTrue(coalesces(ControlLayout.NOTF_COAL_RX_SET, 0, 0));
        assertEquals(1, interruptsNow());
    }

    @Test
    @Rule("CQ21.7")
    void aDriverThatWantsNoInterruptsHasNone() {
        start(COALESCING);
        assertTrue(coalesces(ControlLayout.NOTF_COAL_RX_SET, 2, 100));
        driver.receiveQueue.disarmInterrupt();
        assertEquals(0, interruptsOfFrame() + interruptsOfFrame());
        nanoTime += 1_000_000;
        assertEquals(0, interruptsNow());
        wantInterrupts();
        assertEquals(1, interruptsOfFrame() + interruptsOfFrame());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Rule("CQ21.7")
    void anInterruptThatWasHeldBackIsNotSentToADriverThatWantsNoneAnyMore(boolean packed) {
        start(packed ? COALESCING.with(VirtioFeature.RING_PACKED) : COALESCING);
        wantInterrupts();
        assertTrue(coalesces(ControlLayout.NOTF_COAL_RX_SET, 2, 100));
        assertEquals(0, interruptsOfFrame());
        driver.receiveQueue.disarmInterrupt();
        nanoTime += 1_000_000;
        assertEquals(0, interruptsNow());
    }

    @Test
    @Rule({"CQ23.1", "CQ23.2", "CQ23.3", "CQ23.4"})
    void statistics() {
        start(COMMANDS.with(NetFeature.DEVICE_STATS));
        interruptsOfFrame();
        assertEquals("00" + "0100010001000000", HexFormat.of().formatHex(driver.command(new byte[]{8, 0}, 9)),
                "RX_BASIC, TX_BASIC, CVQ");
        byte[] answer = driver.command(HexFormat.of().parseHex("0801" + "0000" + "000000000000" + "0100000000000000"),
                57);
        ByteBuffer told = ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(57, answer.length);
        assertEquals(0, told.get(1), "type");
        assertEquals(0, told.getShort(3), "queue");
        assertEquals(56, told.getShort(7), "bytes");
        assertEquals(1, told.getLong(17), "packets");
        assertEquals(60, told.getLong(25), "bytes of packets");
        assertEquals(20, driver.command(HexFormat.of().parseHex("0801" + "0000" + "000000000000" + "0100000000000000"),
                20).length, "no more than fits");
        for (String wrong : new String[]{"0801", "0801" + "0000" + "000000000000" + "01000000000000",
            "0801" + "0000" + "000000000000" + "0000010000000000",
            "0801" + "0000" + "000000000000" + "0300000000000000",
            "0801" + "0900" + "000000000000" + "0100000000000000",
            "0801" + "0000" + "000000000000" + "0100000000000000" + "0100" + "000000000000" + "0100000000000000"}) {
            assertArrayEquals(ERROR, driver.command(HexFormat.of().parseHex(wrong), 200), wrong);
        }
    }
}
