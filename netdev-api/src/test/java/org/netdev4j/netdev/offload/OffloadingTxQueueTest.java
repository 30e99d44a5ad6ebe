package org.netdev4j.netdev.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.DropReason;

/** Room, order and ownership in front of a queue whose device does nothing itself. */
class OffloadingTxQueueTest {
    private static final SampleFrame UDP = SampleFrame.udp4(100);

    private static NetBuf partial(OffloadBench bench, int pieceLength) {
        NetBuf packet = bench.packet(UDP.partial(), pieceLength);
        packet.partialChecksum(UDP.transport(), UDP.checksumOffset());
        return packet;
    }

    private static byte[] complete() {
        return UDP.segment(0, 100);
    }

    @Test
    void packetsThatAskForNothingPassInOneBurst() {
        try (OffloadBench bench = OffloadBench.plain()) {
            NetBuf[] burst = new NetBuf[32];
            for (int i = 0; i < burst.length; i++) {
                burst[i] = bench.packet(complete(), 2048);
            }
            List<NetBuf> packets = List.of(burst);
            assertEquals(32, bench.transmit(burst));
            assertEquals(packets, bench.device.inFlight);
            assertEquals(1, bench.device.bursts);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2048, 100, 41, 35, 17})
    @DisplayName("regression 11: the checksum is completed, wherever the pieces of the packet end")
    void checksumIsCompletedInPlace(int pieceLength) {
        try (OffloadBench bench = OffloadBench.plain()) {
            NetBuf packet = partial(bench, pieceLength);
            bench.transmit(packet);
            assertEquals(List.of(packet), bench.device.inFlight);
            assertArrayEquals(complete(), bench.sent().get(0));
            assertEquals(0, packet.flags());
        }
    }

    @Test
    void aBurstOfPartialChecksumsIsOneBurstBehind() {
        try (OffloadBench bench = OffloadBench.plain()) {
            NetBuf[] burst = new NetBuf[32];
            for (int i = 0; i < burst.length; i++) {
                burst[i] = partial(bench, 2048);
            }
            assertEquals(32, bench.transmit(burst));
            assertEquals(1, bench.device.bursts);
        }
    }

    @Test
    void theOrderIsKept() {
        try (OffloadBench bench = OffloadBench.plain()) {
            NetBuf[] burst = {bench.packet(complete(), 2048), partial(bench, 2048),
                bench.toCut(SampleFrame.udp4(250), 100, 2048), bench.packet(complete(), 2048)};
            assertEquals(4, bench.transmit(burst));
            assertEquals(List.of(142, 142, 142, 142, 92, 142), bench.sent().stream().map(b -> b.length).toList());
        }
    }

    @Test
    @DisplayName("regression 27: what someone else holds stays as it is, a copy is completed")
    void sharedPacketIsCopied() {
        try (OffloadBench bench = OffloadBench.plain()) {
            NetBuf packet = partial(bench, 60);
            bench.transmit(packet.retain());
            assertArrayEquals(complete(), bench.sent().get(0));
            assertEquals(1, bench.device.inFlight.get(0).segmentCount(), "as few pieces as hold it");
            assertArrayEquals(UDP.partial(), OffloadBench.bytes(packet));
            assertEquals(NetBuf.CHECKSUM_PARTIAL, packet.flags());
            assertEquals(1, packet.refCount());
            packet.free();
        }
    }

    @Test
    void checksumFieldOutsideThePacketIsDropped() {
        try (OffloadBench bench = OffloadBench.plain()) {
            NetBuf packet = partial(bench, 2048);
            packet.partialChecksum(141, 0);
            bench.transmit(packet);
            bench.assertDropped(DropReason.MALFORMED);
        }
    }

    @Test
    @DisplayName("regression 9: a packet in more pieces than the device takes is copied into fewer")
    void longChainIsCopied() {
        try (OffloadBench bench = OffloadBench.plain()) {
            bench.transmit(bench.packet(complete(), 5));
            assertEquals(1, bench.device.inFlight.get(0).segmentCount());
            assertArrayEquals(complete(), bench.sent().get(0));
        }
    }

    @Test
    void chainThatIsTooLongEvenAsACopyIsDropped() {
        try (OffloadBench bench = new OffloadBench(16, 2, 64, 40)) {
            bench.transmit(bench.packet(complete(), 40));
            bench.assertDropped(DropReason.TOO_MANY_SEGMENTS);
        }
    }

    @Test
    void withoutRoomThePacketStaysTheSendersUnchanged() {
        try (OffloadBench bench = new OffloadBench(4, 4, 64, 2048)) {
            NetBuf[] burst = new NetBuf[6];
            for (int i = 0; i < burst.length; i++) {
                burst[i] = partial(bench, 2048);
            }
            NetBuf fifth = burst[4];
            assertEquals(4, bench.transmit(burst));
            assertNull(burst[3]);
            assertSame(fifth, burst[4]);
            assertEquals(NetBuf.CHECKSUM_PARTIAL, fifth.flags());
            assertArrayEquals(UDP.partial(), OffloadBench.bytes(fifth));
            assertEquals(1, bench.queue.stats().empty());

            bench.device.complete();
            assertEquals(2, bench.queue.transmitBurst(burst, 4, 2), "completed packets are reclaimed for it");
        }
    }

    @Test
    void aPacketIsCutWhenThereIsRoomForAllItsSegments() {
        try (OffloadBench bench = new OffloadBench(8, 8, 64, 2048)) {
            NetBuf[] burst = {bench.toCut(SampleFrame.udp4(500), 100, 2048),
                bench.toCut(SampleFrame.udp4(400), 100, 2048)};
            assertEquals(1, bench.transmit(burst));
            assertEquals(5, bench.device.inFlight.size());
            assertNotNull(burst[1]);
            bench.device.complete();
            assertEquals(1, bench.queue.transmitBurst(burst, 1, 1));
            assertEquals(4, bench.device.inFlight.size());
        }
    }

    @Test
    void aPacketWithMoreSegmentsThanTheQueueHoldsIsSentAsSpaceComesBack() {
        try (OffloadBench bench = new OffloadBench(4, 4, 64, 2048)) {
            SampleFrame frame = SampleFrame.udp4(1000);
            assertEquals(1, bench.transmit(bench.toCut(frame, 100, 2048)));
            assertEquals(4, bench.device.inFlight.size());
            NetBuf later = bench.packet(complete(), 2048);
            assertEquals(0, bench.transmit(later), "older packets first");
            assertEquals(0, bench.queue.freeSlots());
            for (int sent = 0; sent < 10; sent += 4) {
                assertArrayEquals(frame.segment(sent, 100), bench.sent().get(0));
                bench.device.complete();
                bench.queue.reclaimCompleted();
            }
            assertEquals(1, bench.transmit(later));
        }
    }

    @Test
    void heldSegmentsAreLostWithAStop() {
        OffloadBench bench = new OffloadBench(4, 4, 64, 2048);
        bench.transmit(bench.toCut(SampleFrame.udp4(1000), 100, 2048));
        bench.close();
        assertEquals(6, bench.queue.stats().drops().get(DropReason.RESET));
    }

    @Test
    void withoutBuffersAPacketWaitsForThoseInFlight() {
        try (OffloadBench bench = new OffloadBench(16, 16, 8, 2048)) {
            NetBuf shared = partial(bench, 2048);
            for (int i = 0; i < 7; i++) {
                assertEquals(1, bench.transmit(bench.packet(complete(), 2048)));
            }
            assertEquals(0, bench.transmit(shared.retain()), "no buffer for a copy");
            bench.device.complete();
            assertEquals(1, bench.transmit(shared));
            shared.free();
        }
    }

    @Test
    void aPacketLargerThanItsPoolIsSentAsBuffersComeBack() {
        try (OffloadBench bench = new OffloadBench(16, 16, 5, 2048)) {
            SampleFrame frame = SampleFrame.udp4(1000);
            assertEquals(1, bench.transmit(bench.toCut(frame, 100, 2048)));
            int sent = 0;
            while (!bench.device.inFlight.isEmpty()) {
                for (byte[] segment : bench.sent()) {
                    assertArrayEquals(frame.segment(sent++, 100), segment);
                }
                bench.device.complete();
                bench.queue.reclaimCompleted();
            }
            assertEquals(10, sent);
        }
    }

    @Test
    void withoutBuffersAndNothingInFlightThePacketIsDropped() {
        try (OffloadBench bench = new OffloadBench(16, 16, 1, 2048)) {
            NetBuf shared = partial(bench, 2048);
            assertEquals(1, bench.transmit(shared.retain()));
            shared.free();
            bench.assertDropped(DropReason.NO_BUFFER);
        }
        try (OffloadBench bench = new OffloadBench(16, 16, 1, 2048)) {
            assertEquals(1, bench.transmit(bench.toCut(SampleFrame.udp4(500), 100, 2048)));
            bench.assertDropped(DropReason.NO_BUFFER);
        }
    }
}
