package org.netdev4j.netdev.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.netdev4j.netdev.offload.SampleFrame.ACK;
import static org.netdev4j.netdev.offload.SampleFrame.CWR;
import static org.netdev4j.netdev.offload.SampleFrame.FIN;
import static org.netdev4j.netdev.offload.SampleFrame.PSH;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.DropReason;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Segments against frames built byte by byte. */
class SegmentationTest {
    @Property(tries = 300)
    void segmentsAreTheFramesThatTheStackWouldHaveBuilt(@ForAll("frames") SampleFrame frame,
            @ForAll @IntRange(min = 1, max = 1500) int gsoSize,
            @ForAll @IntRange(min = 30, max = 2048) int pieceLength) {
        try (OffloadBench bench = new OffloadBench(8192, 16, 8192, 2048)) {
            assertEquals(1, bench.transmit(bench.toCut(frame, gsoSize, pieceLength)));
            assertEquals(frame.segments(gsoSize), bench.device.inFlight.size());
            for (int i = 0; i < frame.segments(gsoSize); i++) {
                assertArrayEquals(frame.segment(i, gsoSize), bench.sent().get(i), "segment " + i);
            }
        }
    }

    @Provide
    Arbitrary<SampleFrame> frames() {
        return Combinators.combine(Arbitraries.integers().between(0, 2), Arbitraries.of(true, false),
                Arbitraries.integers().between(0, 4), Arbitraries.of(true, false),
                Arbitraries.integers().between(0, 10), Arbitraries.integers().between(0, 255),
                Arbitraries.integers().between(0xfff0, 0xffff), Arbitraries.integers().between(0, 5000))
                .as((vlans, ipv6, extras, udp, tcpOptions, flags, id, bytes) -> new SampleFrame(vlans, ipv6, extras,
                        udp, tcpOptions, flags, id, 0xffff_f000 + id, bytes));
    }

    @Test
    @DisplayName("FIN and PSH are of the last segment, CWR is of the first (RFC 3168 §6.1.2)")
    void flagsThatOnlyOneSegmentHas() {
        try (OffloadBench bench = OffloadBench.plain()) {
            SampleFrame frame = SampleFrame.tcp4(3000).withFlags(ACK | FIN | PSH | CWR);
            bench.transmit(bench.toCut(frame, 1000, 2048));
            List<Integer> flags = bench.sent().stream().map(segment -> segment[frame.transport() + 13] & 0xff).toList();
            assertEquals(List.of(ACK | CWR, ACK, ACK | FIN | PSH), flags);
        }
    }

    @Test
    @DisplayName("regression 12: a stack asks for segments whatever the device can do")
    void deviceThatCutsIsLeftToDoSo() {
        try (OffloadBench bench = new OffloadBench(16, 16, 16, 4096, Capability.TX_CHECKSUM, Capability.TX_TSO4)) {
            SampleFrame frame = SampleFrame.tcp4(3000);
            NetBuf packet = bench.toCut(frame, 1000, 4096);
            bench.transmit(packet);
            assertEquals(List.of(packet), bench.device.inFlight);
            assertEquals(GsoType.TCP_IPV4, packet.gsoType());
            assertArrayEquals(frame.partial(), OffloadBench.bytes(packet));
        }
    }

    @Test
    void deviceThatOnlySumsGetsSegmentsToSum() {
        try (OffloadBench bench = new OffloadBench(16, 16, 16, 4096, Capability.TX_CHECKSUM)) {
            SampleFrame frame = SampleFrame.udp4(2500);
            bench.transmit(bench.toCut(frame, 1000, 4096));
            for (int i = 0; i < 3; i++) {
                NetBuf segment = bench.device.inFlight.get(i);
                assertEquals(NetBuf.CHECKSUM_PARTIAL, segment.flags());
                assertEquals(frame.transport(), segment.checksumStart());
                PartialChecksum.complete(segment);
                assertArrayEquals(frame.segment(i, 1000), OffloadBench.bytes(segment));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"TCP_IPV4_ECN, true", "TCP_IPV4, false"})
    void cwrNeedsADeviceThatKnowsIt(GsoType type, boolean cut) {
        try (OffloadBench bench = new OffloadBench(16, 16, 16, 4096, Capability.TX_CHECKSUM, Capability.TX_TSO4)) {
            NetBuf packet = bench.toCut(SampleFrame.tcp4(2000), 1000, 4096);
            packet.gso(type, 1000, packet.headerLength());
            bench.transmit(packet);
            assertEquals(cut ? 2 : 1, bench.device.inFlight.size());
        }
    }

    @Test
    void segmentsLargerThanABufferAreChains() {
        try (OffloadBench bench = new OffloadBench(256, 16, 256, 128)) {
            SampleFrame frame = SampleFrame.tcp4(2000);
            bench.transmit(bench.toCut(frame, 500, 128));
            assertEquals(5, bench.device.inFlight.get(0).segmentCount());
            for (int i = 0; i < 4; i++) {
                assertArrayEquals(frame.segment(i, 500), bench.sent().get(i));
            }
        }
    }

    private interface Spoiler {
        void spoil(byte[] frame, NetBuf packet);
    }

    private static void refused(DropReason reason, SampleFrame frame, Spoiler spoiler) {
        try (OffloadBench bench = OffloadBench.plain()) {
            byte[] bytes = frame.partial();
            NetBuf packet = bench.toCut(frame, 1000, 2048);
            spoiler.spoil(bytes, packet);
            if (packet.totalLength() == bytes.length) {
                packet.copyFrom(0, MemorySegment.ofArray(bytes), 0, bytes.length);
            }
            assertEquals(1, bench.transmit(packet), "taken");
            bench.assertDropped(reason);
        }
    }

    @Test
    void requestsThatContradictTheFrameAreDropped() {
        SampleFrame tcp = SampleFrame.tcp4(1900);
        SampleFrame udp = SampleFrame.udp4(1900);
        List<Spoiler> spoilers = new ArrayList<>();
        spoilers.add((bytes, packet) -> packet.flags(0));
        spoilers.add((bytes, packet) -> packet.gso(GsoType.TCP_IPV6, 1000, 54));
        spoilers.add((bytes, packet) -> packet.gso(GsoType.UDP, 1000, 54));
        spoilers.add((bytes, packet) -> packet.gso(GsoType.TCP_IPV4, 65535, 54));
        spoilers.add((bytes, packet) -> packet.partialChecksum(33, 16));
        spoilers.add((bytes, packet) -> packet.partialChecksum(34, 6));
        spoilers.add((bytes, packet) -> packet.partialChecksum(Integer.MAX_VALUE, Integer.MAX_VALUE));
        spoilers.add((bytes, packet) -> bytes[12] = 9);
        spoilers.add((bytes, packet) -> bytes[14] = 0x65);
        spoilers.add((bytes, packet) -> bytes[14] = 0x44);
        spoilers.add((bytes, packet) -> bytes[23] = 17);
        spoilers.add((bytes, packet) -> bytes[46] = 0x40);
        spoilers.add((bytes, packet) -> trimTo(packet, 13));
        spoilers.add((bytes, packet) -> trimTo(packet, 33));
        spoilers.add((bytes, packet) -> trimTo(packet, 53));
        spoilers.add((bytes, packet) -> trimTo(packet, 65));
        for (Spoiler spoiler : spoilers) {
            refused(DropReason.MALFORMED, tcp, spoiler);
        }
        refused(DropReason.MALFORMED, udp, (bytes, packet) -> trimTo(packet, 41));
        refused(DropReason.MALFORMED, udp, (bytes, packet) -> packet.partialChecksum(34, 16));
    }

    private static void trimTo(NetBuf packet, int length) {
        packet.trimBack(packet.totalLength() - length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x20, 0x3f})
    void fragmentsAreNotCut(int fragmentBits) {
        refused(DropReason.UNSUPPORTED_OFFLOAD, SampleFrame.tcp4(2000),
                (bytes, packet) -> bytes[20] = (byte) fragmentBits);
    }

    @Test
    void extensionHeadersThatCannotBeRepeatedAreNotCut() {
        SampleFrame frame = new SampleFrame(0, true, 1, false, 0, ACK, 0, 0, 2000);
        refused(DropReason.UNSUPPORTED_OFFLOAD, frame, (bytes, packet) -> bytes[20] = 44);
        refused(DropReason.MALFORMED, frame, (bytes, packet) -> bytes[55] = 1);
    }

    @Test
    void headersBeyondReasonAreNotCut() {
        SampleFrame frame = new SampleFrame(0, true, 70, false, 0, ACK, 0, 0, 1000);
        refused(DropReason.UNSUPPORTED_OFFLOAD, frame, (bytes, packet) -> {});
    }

    @Property(tries = 500)
    void anyHeaderBytesAreCutOrCounted(@ForAll @IntRange(max = 200) int length, @ForAll long seed,
            @ForAll GsoType type, @ForAll @IntRange(max = 300) int start) {
        try (OffloadBench bench = OffloadBench.plain()) {
            byte[] bytes = new byte[length];
            new Random(seed).nextBytes(bytes);
            if (length > 20) {
                bytes[12] = (byte) (type == GsoType.TCP_IPV6 ? 0x86 : 8);
                bytes[13] = (byte) (type == GsoType.TCP_IPV6 ? 0xdd : 0);
                bytes[14] = (byte) (type == GsoType.TCP_IPV6 ? 0x60 : 0x45);
            }
            NetBuf packet = bench.packet(bytes, 64);
            packet.partialChecksum(start, (seed & 1) == 0 ? 16 : 6);
            packet.gso(type, 100, 54);
            assertEquals(1, bench.transmit(packet));
            assertEquals(1, Math.min(1, bench.device.inFlight.size()) + bench.queue.stats().dropped());
        }
    }
}
