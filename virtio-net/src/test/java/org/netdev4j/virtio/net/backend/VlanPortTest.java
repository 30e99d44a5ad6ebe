package org.netdev4j.virtio.net.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.DriverEnd;
import org.netdev4j.virtio.net.device.FakeBackend;
import org.netdev4j.virtio.net.device.Frames;
import org.netdev4j.virtio.net.device.Verdict;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** A device that is in one VLAN and does not know it. */
class VlanPortTest {
    private static final int VLAN = 10;
    private static final int BUFFER = NetHeader.LENGTH + 1518;

    private FakeBackend backend;
    private DeviceLoop loop;
    private VirtioNetDevice device;
    private DriverEnd driver;

    @BeforeEach
    @BeforeTry
    void start() {
        backend = new FakeBackend();
        loop = new DeviceLoop("test");
        device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")),
                new VlanPort(backend, VLAN));
        driver = new DriverEnd(device, loop, DriverEnd.CHECKSUMS);
    }

    @AfterEach
    @AfterTry
    void close() {
        driver.close();
        loop.close();
    }

    /** The frame with a tag behind its addresses. */
    private static byte[] tagged(byte[] frame, int tag) {
        byte[] result = new byte[frame.length + 4];
        System.arraycopy(frame, 0, result, 0, 12);
        result[12] = (byte) 0x81;
        result[14] = (byte) (tag >> 8);
        result[15] = (byte) tag;
        System.arraycopy(frame, 12, result, 16, frame.length - 12);
        return result;
    }

    private long counted(String counter) {
        return device.counters().entrySet().stream().filter(entry -> entry.getKey().endsWith("vlan 10 " + counter))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private Verdict arrives(byte[] frame) {
        driver.post(BUFFER);
        Verdict verdict = backend.receiver.receive(Frames.of(frame));
        driver.run();
        return verdict;
    }

    /** However the driver split it. */
    @Property(tries = 200)
    void aFrameOfTheDriverLeavesWithItsTag(@ForAll @IntRange(min = 14, max = 1518) int length,
            @ForAll @IntRange(min = 1, max = 25) int piece) {
        byte[] frame = Frames.numbered(length);
        byte[] all = Frames.concat(Frames.header(), frame);
        int[] pieces = new int[all.length / piece + 1];
        Arrays.fill(pieces, piece);
        pieces[pieces.length - 1] = all.length % piece;
        driver.sendSplit(all, Arrays.stream(pieces).filter(bytes -> bytes > 0).limit(250).toArray());
        driver.run();
        if (pieces.length <= 250) {
            assertArrayEquals(tagged(frame, VLAN), backend.transmitted.getFirst());
        }
    }

    @Property(tries = 200)
    void aFrameOfItsVlanArrivesWithoutItsTag(@ForAll @IntRange(min = 60, max = 1514) int length,
            @ForAll @IntRange(max = 15) int priority) {
        byte[] frame = Frames.numbered(length);
        assertEquals(Verdict.CONSUMED, arrives(tagged(frame, priority << 12 | VLAN)));
        byte[] received = driver.received();
        assertArrayEquals(frame, Arrays.copyOfRange(received, NetHeader.LENGTH, received.length));
        assertEquals(1, counted("untagged"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 11, 10 + 4096 * 2 + 1, 4095})
    void aFrameOfAnotherVlanIsDropped(int tag) {
        assertEquals(Verdict.DROPPED, arrives(tagged(Frames.numbered(60), tag)));
        assertNull(driver.received());
        assertEquals(1, counted("drop other vlan"));
    }

    @Test
    void aFrameWithoutATagOrTooShortForOneIsDropped() {
        assertEquals(Verdict.DROPPED, arrives(Frames.numbered(60)));
        assertEquals(Verdict.DROPPED, arrives(tagged(Frames.numbered(13), VLAN)));
        assertNull(driver.received());
    }

    @Test
    void whatTheDriverTagsItselfIsDropped() {
        driver.send(tagged(Frames.numbered(60), VLAN));
        driver.run();
        assertEquals(0, backend.transmitted.size());
        assertEquals(1, counted("drop tagged"));
        assertEquals(1, driver.reclaim());
    }

    @Test
    void aPartialChecksumMovesWithTheFrame() {
        byte[] udp = Frames.partialUdp((byte) 1, (byte) 2, (byte) 3);
        driver.send(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, Frames.UDP, 6), udp);
        driver.run();
        assertArrayEquals(tagged(udp, VLAN), backend.transmitted.getFirst());
        assertEquals(Frames.UDP + 4, backend.requests.getFirst().checksumStart());
        assertEquals(Frames.UDP + 4 + 6, backend.requests.getFirst().checksumField());

        driver.post(BUFFER);
        backend.receiver.receive(Frames.of(tagged(udp, VLAN), Frames.UDP + 4, 6));
        driver.run();
        byte[] received = driver.received();
        assertEquals(Frames.UDP, received[NetHeader.CSUM_START]);
        assertArrayEquals(udp, Arrays.copyOfRange(received, NetHeader.LENGTH, NetHeader.LENGTH + udp.length));
    }

    @Test
    void aBusyBackEndGetsTheSameFrameAgain() {
        backend.room = 0;
        driver.send(Frames.numbered(60));
        driver.run();
        assertEquals(0, counted("tagged"));
        backend.room = 1;
        backend.receiver.resume();
        driver.run();
        assertArrayEquals(tagged(Frames.numbered(60), VLAN), backend.transmitted.getFirst());
        assertEquals(1, counted("tagged"));
    }

    @Test
    void nothingIsLent() {
        assertFalse(backend.receiver.lends());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 4095, 4096})
    void whatIsNoVlanIsRefused(int id) {
        assertThrows(IllegalArgumentException.class, () -> new VlanPort(backend, id));
    }
}
