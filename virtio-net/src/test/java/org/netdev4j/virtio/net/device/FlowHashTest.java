package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.net.device.FlowFrames.ICMP;
import static org.netdev4j.virtio.net.device.FlowFrames.TCP;
import static org.netdev4j.virtio.net.device.FlowFrames.UDP;
import static org.netdev4j.virtio.net.device.FlowFrames.address;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.testing.Rule;

/** The hash of a flow, from the frame to the header and the queue (virtio 1.4 §5.1.9.4.3). */
class FlowHashTest {
    private static final Features HASHES = DriverEnd.RESETTABLE.with(NetFeature.CTRL_VQ).with(NetFeature.HASH_REPORT);
    private static final Features STEERING = DriverEnd.RESETTABLE.with(NetFeature.CTRL_VQ).with(NetFeature.MQ)
            .with(NetFeature.RSS);
    private static final int BUFFER = NetHeader.HASH_LENGTH + 1514;
    private static final String KEY = HexFormat.of().formatHex(ToeplitzTest.KEY);
    private static final int ALL_TYPES = 0x1ff;
    private static final byte[] FROM = address("3ffe:2501:200:1fff::7");
    private static final byte[] TO = address("3ffe:2501:200:3::1");

    private final FakeBackend backend = new FakeBackend();
    private final DeviceLoop loop = new DeviceLoop("test");
    private DriverEnd driver;

    private void start(int pairs, Features features) {
        VirtioNetDevice device = new VirtioNetDevice(
                DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")).withMaxPairs(pairs), backend);
        driver = new DriverEnd(device, loop, features, pairs);
    }

    @AfterEach
    void close() {
        driver.close();
        loop.close();
    }

    private static String le16(int value) {
        return HexFormat.of().toHexDigits(Short.reverseBytes((short) value));
    }

    private static String le32(int value) {
        return HexFormat.of().toHexDigits(Integer.reverseBytes(value));
    }

    private boolean hashes(int types) {
        return driver.executes("0402" + le32(types) + "0000000000000000" + "28" + KEY);
    }

    private boolean steers(int types, int unclassified, int... table) {
        StringBuilder entries = new StringBuilder();
        for (int queue : table) {
            entries.append(le16(queue));
        }
        return driver.executes("0401" + le32(types) + le16(table.length - 1) + le16(unclassified) + entries
                + le16(2) + "28" + KEY);
    }

    /** What the header of a received frame says: report, and hash if there is one. */
    private String told(byte[] frame) {
        driver.post(BUFFER);
        backend.receiver.receive(Frames.of(frame));
        driver.run();
        ByteBuffer header = ByteBuffer.wrap(driver.received()).order(ByteOrder.LITTLE_ENDIAN);
        int report = header.getShort(16);
        return report + (report == 0 ? "" : " " + HexFormat.of().toHexDigits(header.getInt(12)));
    }

    /** The vectors that Microsoft published for receive side scaling. */
    @ParameterizedTest
    @CsvSource({
        "66.9.149.187, 2794, 161.142.100.80, 1766, 323e8fc2, 51ccc178",
        "199.92.111.2, 14230, 65.69.140.83, 4739, d718262a, c626b0ea",
        "24.19.198.95, 12898, 12.22.207.184, 38024, d2d0a5de, 5c2b394a",
        "3ffe:2501:200:1fff::7, 2794, 3ffe:2501:200:3::1, 1766, 2cc18cd5, 40207d3d",
        "3ffe:501:8::260:97ff:fe40:efab, 14230, ff02::1, 4739, 0f0c461c, dde51bbf"})
    @Rule({"RX25.2", "RX25.3", "RX27.1", "RX27.2", "RX26"})
    void theReportNamesTheMostSpecificTypeByTheNumberOfItsBit(String source, int sourcePort, String destination,
            int destinationPort, String addresses, String ports) {
        start(1, HASHES);
        int first = source.contains(":") ? 4 : 1;
        byte[] tcp = FlowFrames.frame(source, sourcePort, destination, destinationPort, TCP);
        byte[] udp = FlowFrames.frame(source, sourcePort, destination, destinationPort, UDP);
        byte[] icmp = FlowFrames.frame(source, sourcePort, destination, destinationPort, ICMP);
        assertEquals("0", told(tcp), "nothing is hashed until it is asked for");

        assertTrue(hashes(ALL_TYPES));
        assertEquals(first + 1 + " " + ports, told(tcp));
        assertEquals(first + 2 + " " + ports, told(udp));
        assertEquals(first + " " + addresses, told(icmp));
        assertTrue(hashes(1 << (first - 1)));
        assertEquals(first + " " + addresses, told(tcp), "by addresses alone");
        assertTrue(hashes(1 << first));
        assertEquals(first + 1 + " " + ports, told(tcp), "TCP alone");
        assertEquals("0", told(udp));
        assertTrue(hashes(0));
        assertEquals("0", told(tcp));
    }

    @Test
    @Rule("RX25.4")
    void whatHasNoTypeHasNoHash() {
        start(1, HASHES);
        assertTrue(hashes(ALL_TYPES));
        assertEquals("0", told(Frames.numbered(60)), "no IP");
        byte[] fragment = FlowFrames.ipv4(address("1.2.3.4"), 5, address("6.7.8.9"), 10, TCP, 0x2000);
        assertTrue(told(fragment).startsWith("1 "), "a fragment has no ports");
    }

    /** With extension headers the types that take their addresses come first; those that skip them come next. */
    @Test
    @Rule({"RX25.3", "RX27.1"})
    void extensionHeadersAreTakenOrSkipped() {
        start(1, HASHES);
        byte[] plain = FlowFrames.frame(FROM, 2794, TO, 1766, TCP);
        byte[] padded = FlowFrames.ipv6(FROM, 2794, TO, 1766, TCP, FlowFrames.HOP_BY_HOP, FlowFrames.hopByHop(TCP));
        byte[] away = FlowFrames.ipv6(address("fe80::1"), 2794, TO, 1766, TCP, FlowFrames.DESTINATION_OPTIONS,
                FlowFrames.homeAddress(TCP, FROM));
        assertTrue(hashes(ALL_TYPES));
        assertEquals("5 40207d3d", told(plain));
        assertEquals("8 40207d3d", told(padded));
        assertEquals("8 40207d3d", told(away), "the home address is the source");
        assertTrue(hashes(1 << 6));
        assertEquals("7 2cc18cd5", told(away));
        assertTrue(hashes(1 << 4));
        assertEquals("5 40207d3d", told(padded), "skipped");
        assertTrue(hashes(1 << 3));
        assertEquals("4 2cc18cd5", told(padded));
        assertTrue(hashes(1 << 7));
        assertEquals("0", told(plain), "no extension header");
    }

    @Test
    @Rule({"RX25.1", "CQ16.1", "CQ16.2"})
    void theHashPicksTheQueueAndWithoutOneItIsTheUnclassified() {
        start(2, STEERING);
        // Their hashes are 0x51ccc178 and 0x40207d3d.
        byte[] even = FlowFrames.frame("66.9.149.187", 2794, "161.142.100.80", 1766, TCP);
        byte[] odd = FlowFrames.frame("3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766, TCP);
        assertTrue(steers(ALL_TYPES, 1, 0, 1));
        assertEquals(0, arrivesOn(even));
        assertEquals(1, arrivesOn(odd));
        assertEquals(1, arrivesOn(Frames.numbered(60)), "unclassified");
        assertTrue(steers(ALL_TYPES, 0, 1, 0));
        assertEquals(1, arrivesOn(even));
        assertEquals(0, arrivesOn(odd));
        assertEquals(0, arrivesOn(Frames.numbered(60)));
        assertTrue(steers(0, 1, 0, 0));
        assertEquals(1, arrivesOn(even), "no type is hashed");
    }

    /** @return the pair, or -1 */
    private int arrivesOn(byte[] frame) {
        for (int pair = 0; pair < 2; pair++) {
            driver.postOn(pair, NetHeader.LENGTH + 1514);
        }
        backend.receiver.receive(Frames.of(frame));
        driver.run();
        int at = -1;
        for (int pair = 0; pair < 2; pair++) {
            at = driver.receivedOn(pair) == null ? at : pair;
        }
        return at;
    }

    @Test
    @Rule("CQ16.3")
    void aFrameForAQueueInResetIsDropped() {
        start(2, STEERING);
        assertTrue(steers(ALL_TYPES, 0, 1, 1));
        driver.resetQueue(2);
        byte[] frame = FlowFrames.frame("66.9.149.187", 2794, "161.142.100.80", 1766, TCP);
        driver.post(NetHeader.LENGTH + 1514);
        assertEquals(Verdict.DROPPED, backend.receiver.receive(Frames.of(frame)));
        driver.run();
        assertNull(driver.received(), "it goes to no other queue either");
    }

    @Test
    void configurationsThatCannotBeAreRefusedAndChangeNothing() {
        start(2, STEERING);
        assertTrue(steers(ALL_TYPES, 1, 0, 1));
        assertFalse(steers(1 << 9, 1, 0, 1), "a type that is not supported");
        assertFalse(steers(ALL_TYPES, 1, 0, 1, 1), "three entries");
        assertFalse(steers(ALL_TYPES, 1, new int[256]), "256 entries");
        assertFalse(steers(ALL_TYPES, 2, 0, 1), "unclassified to queue 2 of two");
        assertFalse(steers(ALL_TYPES, 1, 0, 2), "queue 2 of two");
        assertFalse(hashes(ALL_TYPES), "HASH_REPORT was not negotiated");
        byte[] odd = FlowFrames.frame("3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766, TCP);
        assertEquals(1, arrivesOn(odd));
        assertEquals(1, arrivesOn(Frames.numbered(60)));
    }
}
