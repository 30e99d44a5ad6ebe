package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** From the back-end to the driver's receive queue. */
class ReceiveTest {
    private static final OffloadRequest NOTHING = new OffloadRequest();

    private final FakeBackend backend = new FakeBackend();
    private final DeviceLoop loop = new DeviceLoop("test");
    private VirtioNetDevice device;
    private DriverEnd driver;

    private void start(Features features) {
        device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")), backend);
        driver = new DriverEnd(device, loop, features);
    }

    @AfterEach
    void close() {
        if (driver != null) {
            driver.close();
        }
        loop.close();
    }

    private Verdict arrives(Frame frame) {
        backend.arriving.add(frame);
        driver.run();
        return backend.delivered.get(backend.delivered.size() - 1);
    }

    /** Header and frame as the driver must find them when nothing is asked of it: num_buffers is 1. */
    private static byte[] plain(byte[] frame) {
        return Frames.concat(new byte[]{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}, frame);
    }

    private void assertDropped(Verdict verdict, String reason) {
        assertEquals(Verdict.DROPPED, verdict);
        assertEquals(Map.of("device rx drop " + reason, 1L), device.counters());
        assertNull(driver.received());
        byte[] next = Frames.numbered(60);
        assertEquals(Verdict.CONSUMED, arrives(Frames.of(next)), "the buffer is still there for the next frame");
        assertArrayEquals(plain(next), driver.received());
    }

    /** Regression 1: the length that the driver is told is header and frame, no more. */
    @Test
    @Rule("RX6")
    void aFrameArrivesBehindAWholeHeader() {
        start(DriverEnd.PLAIN);
        driver.post(2000);
        byte[] frame = Frames.numbered(100);
        assertEquals(Verdict.CONSUMED, arrives(Frames.of(frame)));
        assertArrayEquals(plain(frame), driver.received());
        assertEquals(1L, device.counters().get("device rx frames"));
        assertEquals(100L, device.counters().get("device rx bytes"));
    }

    @Property(tries = 300)
    void anySplitOfTheBufferHoldsTheFrame(@ForAll @IntRange(min = 14, max = 1518) int length,
            @ForAll @IntRange(min = 0, max = 40) int spare,
            @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 1529) Integer> cuts, @ForAll boolean borrow) {
        start(DriverEnd.CHECKSUMS);
        int room = NetHeader.LENGTH + length + spare;
        int[] ends = cuts.stream().mapToInt(cut -> cut).filter(cut -> cut < room).sorted().distinct().toArray();
        int[] pieces = new int[ends.length + 1];
        int begin = 0;
        for (int i = 0; i < ends.length; i++) {
            pieces[i] = ends[i] - begin;
            begin = ends[i];
        }
        pieces[ends.length] = room - begin;
        driver.post(pieces);
        byte[] frame = Frames.numbered(length);
        if (borrow) {
            fill(backend.receiver.borrow(), frame);
            assertEquals(Verdict.CONSUMED, backend.receiver.commit(length, NOTHING));
            driver.run();
        } else {
            assertEquals(Verdict.CONSUMED, arrives(Frames.of(frame)));
        }
        byte[] padded = Arrays.copyOf(frame, Math.max(length, Math.min(60, length + spare)));
        assertArrayEquals(plain(padded), driver.received(), () -> Arrays.toString(pieces));
        driver.close();
        driver = null;
    }

    private static void fill(FrameMemory room, byte[] frame) {
        int position = 0;
        for (int i = 0; position < frame.length; i++) {
            int now = Math.min(room.length(i), frame.length - position);
            MemorySegment.copy(frame, position, room.segment(i), ValueLayout.JAVA_BYTE, room.offset(i), now);
            position += now;
        }
    }

    @Test
    void aRuntIsDropped() {
        start(DriverEnd.PLAIN);
        driver.post(2000);
        assertDropped(arrives(Frames.of(Frames.numbered(13))), "runt");
    }

    /** virtio 1.4 §5.1.4.1: nothing larger than the MTU reaches the driver. */
    @Test
    @Rule("NC3")
    void aFrameLargerThanTheMtuIsDropped() {
        start(DriverEnd.PLAIN);
        driver.post(2000);
        assertDropped(arrives(Frames.of(Frames.numbered(1519))), "oversize");
    }

    @Test
    void aFrameLargerThanTheBufferIsDroppedBeforeAnythingIsWritten() {
        start(DriverEnd.PLAIN);
        driver.post(NetHeader.LENGTH + 99);
        assertDropped(arrives(Frames.of(Frames.numbered(100))), "buffer too small");
    }

    @Test
    void aBufferWithoutRoomForAHeaderTakesNothing() {
        start(DriverEnd.PLAIN);
        driver.post(NetHeader.LENGTH - 1);
        assertEquals(Verdict.DROPPED, arrives(Frames.of(Frames.numbered(60))));
        FrameMemory room = backend.receiver.borrow();
        assertEquals(0, room.length());
        assertEquals(0, room.pieces());
        assertEquals(Verdict.DROPPED, backend.receiver.commit(60, NOTHING));
        assertEquals(Map.of("device rx drop buffer too small", 2L), device.counters());
    }

    @Test
    void aSegmentationThatTheDriverCannotTakeIsDropped() {
        start(DriverEnd.CHECKSUMS);
        driver.post(2000);
        ContiguousFrame frame = Frames.of(Frames.numbered(60));
        byte[] header = Frames.header(NetHeader.FLAG_NEEDS_CSUM, NetHeader.GSO_TCPV4, 34, 16);
        frame.offload().read(MemorySegment.ofArray(header), 0);
        assertDropped(arrives(frame), "offload");
    }

    @Test
    void aChecksumFieldOutsideTheFrameIsDropped() {
        start(DriverEnd.CHECKSUMS);
        driver.post(2000);
        assertDropped(arrives(Frames.of(Frames.numbered(60), 34, 25)), "checksum range");
    }

    @Test
    void aPartialChecksumPassesToADriverThatTakesIt() {
        start(DriverEnd.CHECKSUMS);
        assertTrue(backend.receiver.accepts().has(Offloads.CHECKSUM));
        driver.post(2000);
        byte[] frame = Frames.partialUdp(Frames.numbered(18));
        arrives(Frames.of(frame, Frames.UDP, 6));
        assertArrayEquals(Frames.concat(new byte[]{1, 0, 0, 0, 0, 0, 34, 0, 6, 0, 1, 0}, frame), driver.received());
    }

    /** virtio 1.4 §5.1.9.4.1: without GUEST_CSUM flags are 0 and the checksum is complete. */
    @Test
    @Rule("RX10")
    void aPartialChecksumIsCompletedForADriverThatDoesNotTakeIt() {
        start(DriverEnd.PLAIN);
        assertFalse(backend.receiver.accepts().has(Offloads.CHECKSUM));
        driver.postMany(2);
        byte[] payload = Frames.numbered(33);
        arrives(Frames.of(Frames.partialUdp(payload), Frames.UDP, 6));
        assertArrayEquals(plain(Frames.completeUdp(payload)), driver.received());

        fill(backend.receiver.borrow(), Frames.partialUdp(payload));
        OffloadRequest request = new OffloadRequest();
        request.partialChecksum(Frames.UDP, 6);
        backend.receiver.commit(Frames.UDP + 8 + payload.length, request);
        driver.run();
        assertArrayEquals(plain(Frames.completeUdp(payload)), driver.received());
        assertEquals(2L, device.counters().get("device rx checksums"));
    }

    @Test
    @Rule("RX16")
    void aValidChecksumIsVouchedForOnlyToADriverThatAsked() {
        ContiguousFrame valid = Frames.of(Frames.numbered(60));
        valid.offload().read(MemorySegment.ofArray(Frames.header(NetHeader.FLAG_DATA_VALID, 0, 0, 0)), 0);
        start(DriverEnd.CHECKSUMS);
        driver.post(2000);
        arrives(valid);
        assertEquals(NetHeader.FLAG_DATA_VALID, driver.received()[NetHeader.FLAGS]);
        driver.close();

        start(DriverEnd.PLAIN);
        driver.post(2000);
        arrives(valid);
        assertEquals(0, driver.received()[NetHeader.FLAGS]);
    }

    /** RSC_EXT is not offered, so nothing is said about merged segments, whatever the back-end says. */
    @Test
    @Rule({"RX14.2", "RX14.3"})
    void onlyFlagsThatTheDriverKnowsAreSet() {
        ContiguousFrame flagged = Frames.of(Frames.numbered(60));
        flagged.offload().read(MemorySegment.ofArray(Frames.header(0xfe, 0, 20, 6)), 0);
        start(DriverEnd.CHECKSUMS);
        driver.post(2000);
        arrives(flagged);
        byte[] received = driver.received();
        assertEquals(NetHeader.FLAG_DATA_VALID, received[NetHeader.FLAGS]);
        assertArrayEquals(new byte[NetHeader.NUM_BUFFERS - 1], Arrays.copyOfRange(received, 1, NetHeader.NUM_BUFFERS));
    }

    /** Seed row 4.19: what was in the driver's memory does not show. */
    @Test
    void aShortFrameIsPaddedWithZeros() {
        start(DriverEnd.PLAIN);
        driver.post(2000);
        byte[] frame = Frames.numbered(20);
        assertEquals(Verdict.CONSUMED, arrives(Frames.of(frame)));
        assertArrayEquals(plain(Arrays.copyOf(frame, 60)), driver.received());
        assertEquals(1L, device.counters().get("device rx padded"));
        assertEquals(20L, device.counters().get("device rx bytes"), "bytes that arrived");
    }

    /** Seed row 4.24, 4.30: without buffers the back-end is told to wait, and to go on when there are some. */
    @Test
    void aDriverWithoutBuffersIsBusyUntilItPostsSome() {
        start(DriverEnd.PLAIN);
        for (int i = 0; i < 3; i++) {
            backend.arriving.add(Frames.of(Frames.numbered(60 + i)));
        }
        driver.run();
        assertEquals(List.of(Verdict.BUSY), backend.delivered);
        assertEquals(List.of("start"), backend.events);
        assertEquals(1L, device.counters().get("device rx busy"));

        driver.postMany(2);
        driver.run();
        assertEquals(List.of("start", "resume"), backend.events);
        assertEquals(60, driver.received().length - NetHeader.LENGTH);
        assertEquals(61, driver.received().length - NetHeader.LENGTH);
        assertNull(driver.received());

        driver.postMany(1);
        driver.run();
        assertEquals(62, driver.received().length - NetHeader.LENGTH);
    }

    @Test
    void kicksForReceiveBuffersAreAskedForOnlyWhileTheBackEndWaits() {
        start(DriverEnd.PLAIN);
        driver.run();
        assertTrue(device.armWakeUps());
        driver.receiveQueue.add(driver.memory.deviceAddress(), 2000, true, 0);
        assertFalse(driver.receiveQueue.publish(), "nothing waits: no kick");
        arrives(Frames.of(Frames.numbered(60)));
        arrives(Frames.of(Frames.numbered(60)));
        assertTrue(device.armWakeUps());
        driver.receiveQueue.add(driver.memory.deviceAddress(), 2000, true, 1);
        assertTrue(driver.receiveQueue.publish(), "a frame waits: the driver is to kick");
        assertFalse(device.armWakeUps(), "there is work already");
    }

    @Test
    void aBurstIsPublishedOnceWithOneInterrupt() {
        start(DriverEnd.PLAIN);
        driver.postMany(10);
        driver.receiveQueue.armInterrupt();
        for (int i = 0; i < 10; i++) {
            backend.receiver.receive(Frames.of(Frames.numbered(60)));
        }
        assertFalse(driver.receiveQueue.hasUsed(), "not visible before the end of the round");
        assertFalse(device.armWakeUps(), "and the loop does not sleep over it");
        driver.run();
        assertEquals(1, driver.transport.queueInterrupt(VirtioNetDevice.RECEIVE_QUEUE).drain());
        for (int i = 0; i < 10; i++) {
            assertNotNull(driver.received());
        }
    }

    @Test
    void aBufferThatIsGivenBackIsLentAgain() {
        start(DriverEnd.PLAIN);
        driver.post(NetHeader.LENGTH + 100);
        assertEquals(100, backend.receiver.borrow().length());
        backend.receiver.giveBack();
        byte[] frame = Frames.numbered(100);
        fill(backend.receiver.borrow(), frame);
        backend.receiver.commit(100, NOTHING);
        driver.run();
        assertArrayEquals(plain(frame), driver.received());
        assertNull(backend.receiver.borrow(), "there was only one");
    }

    @Test
    void whatDidNotFitInABorrowedBufferIsDropped() {
        start(DriverEnd.PLAIN);
        driver.post(NetHeader.LENGTH + 100);
        backend.receiver.borrow();
        assertDropped(backend.receiver.commit(101, NOTHING), "buffer too small");
    }

    @Test
    void aBorrowedBufferIsCheckedLikeAnyFrame() {
        start(DriverEnd.PLAIN);
        driver.post(2000);
        backend.receiver.borrow();
        assertDropped(backend.receiver.commit(13, NOTHING), "runt");
    }

    @Test
    void borrowingTwiceOrCommittingNothingIsMisuse() {
        start(DriverEnd.PLAIN);
        driver.postMany(2);
        assertThrows(IllegalStateException.class, () -> backend.receiver.commit(60, NOTHING));
        assertThrows(IllegalStateException.class, () -> backend.receiver.giveBack());
        backend.receiver.borrow();
        assertThrows(IllegalStateException.class, () -> backend.receiver.borrow());
    }
}
