package org.netdev4j.virtio.net.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** From the driver's transmit queue to the back-end. */
class TransmitTest {
    private final FakeBackend backend = new FakeBackend();
    private final DeviceLoop loop = new DeviceLoop("test");
    private VirtioNetDevice device;
    private DriverEnd driver;

    private void start(Features features, int mtu) {
        device = new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")).withMtu(mtu), backend);
        driver = new DriverEnd(device, loop, features);
    }

    @AfterEach
    void close() {
        if (driver != null) {
            driver.close();
        }
        loop.close();
    }

    private void assertDropped(String reason) {
        driver.run();
        assertEquals(Map.of("device tx drop " + reason, 1L), device.counters());
        assertEquals(1, driver.reclaim());
        assertEquals(List.of(), backend.transmitted);
        driver.send(Frames.numbered(60));
        driver.run();
        assertEquals(1, backend.transmitted.size(), "the next frame passes");
    }

    @Test
    void aFrameReachesTheBackEndAndItsBufferComesBack() {
        start(DriverEnd.PLAIN, 1500);
        byte[] frame = Frames.numbered(100);
        driver.send(frame);
        driver.run();
        assertArrayEquals(frame, backend.transmitted.get(0));
        assertEquals(1, driver.reclaim());
        assertEquals(1L, device.counters().get("device tx frames"));
        assertEquals(100L, device.counters().get("device tx bytes"));
    }

    /** virtio 1.4 §2.7.4.1: nothing may be assumed about how header and frame are split. */
    @Property(tries = 300)
    @Rule("VU47")
    void anySplitOfHeaderAndFrameIsTheSameFrame(@ForAll @IntRange(min = 14, max = 1518) int length,
            @ForAll @Size(max = 80) List<@IntRange(min = 0, max = 1529) Integer> cuts) {
        start(DriverEnd.CHECKSUMS, 1500);
        byte[] frame = Frames.numbered(length);
        byte[] all = Frames.concat(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, 4, 6), frame);
        int[] ends = cuts.stream().mapToInt(cut -> cut % all.length).filter(cut -> cut > 0).sorted().distinct()
                .toArray();
        int[] pieces = new int[ends.length + 1];
        int begin = 0;
        for (int i = 0; i < ends.length; i++) {
            pieces[i] = ends[i] - begin;
            begin = ends[i];
        }
        pieces[ends.length] = all.length - begin;
        driver.sendSplit(all, pieces);
        driver.run();
        assertArrayEquals(frame, backend.transmitted.getLast(), () -> Arrays.toString(pieces));
        assertEquals(4, backend.requests.getLast().checksumStart());
        assertEquals(10, backend.requests.getLast().checksumField());
        assertTrue(backend.pieces.getLast() <= Frame.MAX_PIECES);
        driver.close();
        driver = null;
    }

    @Test
    void aFrameInMorePiecesThanABackEndSeesIsCopiedTogether() {
        start(DriverEnd.PLAIN, 1500);
        byte[] frame = Frames.numbered(Frame.MAX_PIECES + 1);
        int[] pieces = new int[1 + frame.length];
        Arrays.fill(pieces, 1);
        pieces[0] = NetHeader.LENGTH;
        driver.sendSplit(Frames.concat(Frames.header(), frame), pieces);
        driver.run();
        assertArrayEquals(frame, backend.transmitted.get(0));
        assertEquals(1, backend.pieces.get(0));
    }

    @Test
    @Rule("VU47")
    void aBufferShorterThanTheHeaderIsDropped() {
        start(DriverEnd.PLAIN, 1500);
        driver.sendSplit(new byte[NetHeader.LENGTH - 1], NetHeader.LENGTH - 1);
        assertDropped("no header");
    }

    @Test
    void aBufferThatTheDeviceMayOnlyWriteIsDropped() {
        start(DriverEnd.PLAIN, 1500);
        driver.transmitQueue.add(driver.memory.deviceAddress() + (1 << 20), 100, true, 0);
        driver.transmitQueue.publish();
        driver.run();
        assertEquals(Map.of("device tx drop no header", 1L), device.counters());
    }

    @Test
    @Rule("VU47")
    void aFrameWithoutAnEthernetHeaderIsDropped() {
        start(DriverEnd.PLAIN, 1500);
        driver.send(Frames.numbered(13));
        assertDropped("runt");
    }

    @Test
    void anEmptyFrameIsDropped() {
        start(DriverEnd.PLAIN, 1500);
        driver.send(new byte[0]);
        assertDropped("runt");
    }

    /** Regression 10: a VLAN tag and a jumbo MTU are no reason to drop. */
    @Test
    @Rule("NC4")
    void theLargestFrameIsTheMtuWithEthernetHeaderAndVlanTag() {
        start(DriverEnd.PLAIN, 9000);
        driver.send(Frames.numbered(9018));
        driver.run();
        assertEquals(9018, backend.transmitted.get(0).length);
        driver.send(Frames.numbered(9019));
        driver.run();
        assertEquals(1L, device.counters().get("device tx drop oversize"));
    }

    @Test
    @Rule("VU48")
    void aChecksumThatWasNotNegotiatedIsDropped() {
        start(DriverEnd.PLAIN, 1500);
        driver.send(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, 34, 6), Frames.numbered(60));
        assertDropped("offload");
    }

    @Test
    @Rule("VU48")
    void segmentationThatWasNotNegotiatedIsDropped() {
        start(DriverEnd.CHECKSUMS, 1500);
        driver.send(Frames.header(NetHeader.FLAG_NEEDS_CSUM, NetHeader.GSO_TCPV4, 34, 16), Frames.numbered(60));
        assertDropped("offload");
    }

    @Test
    @Rule("VU48")
    void aChecksumFieldThatEndsOutsideTheFrameIsDropped() {
        start(DriverEnd.CHECKSUMS, 1500);
        driver.send(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, 34, 25), Frames.numbered(60));
        assertDropped("checksum range");
    }

    @Test
    void aChecksumFieldAtTheVeryEndOfTheFrameIsFine() {
        start(DriverEnd.CHECKSUMS, 1500);
        driver.send(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, 34, 24), Frames.numbered(60));
        driver.run();
        assertEquals(1, backend.transmitted.size());
    }

    @Test
    @Rule("VU48")
    void theLargestOffsetsDoNotWrapAround() {
        start(DriverEnd.CHECKSUMS, 1500);
        driver.send(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, 0xffff, 0xffff), Frames.numbered(60));
        assertDropped("checksum range");
    }

    /** virtio 1.4 §5.1.9.2.2: unknown flags and fields without their flag are ignored. */
    @Test
    @Rule({"TX14", "TX15"})
    void fieldsThatMeanNothingAreNotPassedOn() {
        start(DriverEnd.CHECKSUMS, 1500);
        driver.send(Frames.header(0xfe, 0, 0xffff, 0xffff), Frames.numbered(60));
        driver.run();
        OffloadRequest request = backend.requests.get(0);
        assertEquals(0, request.flags());
        assertEquals(0, request.headerLength());
        assertEquals(0, request.gsoSize());
        assertEquals(0, request.checksumStart());
        assertEquals(0, request.checksumField());
    }

    /** What is not negotiated has no fields in the header: behind its 12 bytes the frame begins. */
    @Test
    @Rule("TX17")
    void flagsOfOtherFeaturesAddNothingToTheHeader() {
        start(DriverEnd.CHECKSUMS, 1500);
        byte[] frame = Frames.numbered(60);
        for (int flag = 4; flag < 0x100; flag <<= 1) {
            driver.send(Frames.header(flag, 0, 0xffff, 0xffff), frame);
        }
        driver.run();
        assertEquals(6, backend.transmitted.size());
        backend.transmitted.forEach(sent -> assertArrayEquals(frame, sent));
        backend.requests.forEach(request -> assertEquals(0, request.flags()));
    }

    /** Tunnels were not negotiated, so a frame in one cannot be cut. */
    @Test
    void aTunnelIsDropped() {
        start(DriverEnd.CHECKSUMS, 1500);
        driver.send(Frames.header(1, NetHeader.GSO_TCPV4 | 0x20, 34, 16), Frames.numbered(100));
        assertDropped("offload");
    }

    @Test
    void aPartialChecksumPassesToABackEndThatTakesIt() {
        start(DriverEnd.CHECKSUMS, 1500);
        byte[] frame = Frames.partialUdp((byte) 1, (byte) 2, (byte) 3);
        driver.send(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, Frames.UDP, 6), frame);
        driver.run();
        assertArrayEquals(frame, backend.transmitted.get(0));
        assertTrue(backend.requests.get(0).needsChecksum());
    }

    @Test
    void aPartialChecksumIsCompletedForABackEndThatDoesNotTakeIt() {
        backend.partialChecksum = false;
        start(DriverEnd.CHECKSUMS, 1500);
        byte[] payload = Frames.numbered(99);
        byte[] all = Frames.concat(Frames.header(NetHeader.FLAG_NEEDS_CSUM, 0, Frames.UDP, 6),
                Frames.partialUdp(payload));
        driver.sendSplit(all, 7, 30, all.length - 37);
        driver.run();
        assertArrayEquals(Frames.completeUdp(payload), backend.transmitted.get(0));
        assertFalse(backend.requests.get(0).needsChecksum());
        assertEquals(1L, device.counters().get("device tx checksums"));
    }

    @Test
    void whatTheBackEndDropsIsCounted() {
        start(DriverEnd.PLAIN, 1500);
        backend.answer = Verdict.DROPPED;
        driver.send(Frames.numbered(60));
        driver.run();
        assertEquals(Map.of("device tx drop backend", 1L), device.counters());
        assertEquals(1, driver.reclaim());
    }

    @Test
    void aBusyBackEndLeavesFramesInTheQueueUntilItResumes() {
        start(DriverEnd.PLAIN, 1500);
        backend.room = 2;
        for (int i = 0; i < 5; i++) {
            driver.send(Frames.numbered(60 + i));
        }
        driver.run();
        assertEquals(2, driver.reclaim());
        assertEquals(1L, device.counters().get("device tx busy"));

        backend.room = 3;
        driver.run();
        assertEquals(0, driver.reclaim(), "nothing is offered before the back-end says so");

        backend.receiver.resume();
        driver.run();
        assertEquals(3, driver.reclaim());
        assertEquals(List.of(60, 61, 62, 63, 64), backend.transmitted.stream().map(frame -> frame.length).toList());
    }

    @Test
    void oneRoundTakesABoundedNumberWithOneInterrupt() {
        start(DriverEnd.PLAIN, 1500);
        driver.transmitQueue.armInterrupt();
        for (int i = 0; i < TransmitPath.BUDGET + 1; i++) {
            driver.send(Frames.numbered(60));
        }
        loop.doWork();
        assertEquals(TransmitPath.BUDGET, backend.transmitted.size());
        assertEquals(1, driver.transport.queueInterrupt(VirtioNetDevice.TRANSMIT_QUEUE).drain());
        loop.doWork();
        assertEquals(TransmitPath.BUDGET + 1, backend.transmitted.size());
    }

    @Test
    void aKickIsAskedForOnlyBeforeTheLoopSleeps() {
        start(DriverEnd.PLAIN, 1500);
        driver.send(Frames.numbered(60));
        driver.run();
        assertTrue(device.armWakeUps());
        driver.transmitQueue.add(driver.memory.deviceAddress(), NetHeader.LENGTH + 60, false, 0);
        assertTrue(driver.transmitQueue.publish(), "armed: the driver is to kick");
        assertFalse(device.armWakeUps(), "there is work already");
        device.disarmWakeUps();
        driver.run();
        driver.transmitQueue.add(driver.memory.deviceAddress(), NetHeader.LENGTH + 60, false, 0);
        assertFalse(driver.transmitQueue.publish(), "polling: no kick");
    }

    @Test
    void aQueueThatWaitsForTheBackEndAsksForNoKick() {
        start(DriverEnd.PLAIN, 1500);
        backend.room = 0;
        driver.send(Frames.numbered(60));
        driver.run();
        assertTrue(device.armWakeUps(), "the loop may sleep: the back-end wakes it");
    }

    @Test
    void aBackEndWithRoomForSomeOfABurstGetsTheRestLater() {
        start(DriverEnd.PLAIN, 1500);
        backend.room = 5;
        for (int i = 0; i < 20; i++) {
            driver.send(Frames.numbered(60 + i));
        }
        driver.run();
        assertEquals(5, backend.transmitted.size());
        assertEquals(5, driver.reclaim());
        assertEquals(1L, device.counters().get("device tx busy"));

        backend.room = 100;
        backend.receiver.resume();
        driver.run();
        assertEquals(15, driver.reclaim());
        for (int i = 0; i < 20; i++) {
            assertArrayEquals(Frames.numbered(60 + i), backend.transmitted.get(i));
        }
        assertEquals(20L, device.counters().get("device tx frames"));
    }

    @Test
    void whatABackEndDropsOfABurstIsCountedAndComesBack() {
        start(DriverEnd.PLAIN, 1500);
        backend.answer = Verdict.DROPPED;
        for (int i = 0; i < 20; i++) {
            driver.send(Frames.numbered(60));
        }
        driver.run();
        assertEquals(20, driver.reclaim());
        assertEquals(Map.of("device tx drop backend", 20L), device.counters());
    }
}
