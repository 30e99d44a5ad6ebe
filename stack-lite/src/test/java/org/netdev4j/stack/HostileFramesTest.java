package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.stack.Frames.ICMP;
import static org.netdev4j.stack.Frames.OUR_IP;
import static org.netdev4j.stack.Frames.PEER_IP;
import static org.netdev4j.stack.Frames.PEER_MAC;
import static org.netdev4j.stack.Frames.icmp;
import static org.netdev4j.stack.Frames.ip;
import static org.netdev4j.stack.Frames.packet;

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.netdev4j.netbuf.NetBuf;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever arrives is answered, ignored or dropped, and counted; nothing throws, and no buffer is lost. */
class HostileFramesTest {
    private static final byte[] PAYLOAD = Frames.pattern(33);

    /** Frames that are right, one of each kind, to a stack with port 7 bound and a request on its way. */
    static byte[][] validFrames() {
        return new byte[][]{Frames.arpRequest(PEER_MAC, PEER_IP, OUR_IP), Frames.arpReply(PEER_MAC, PEER_IP),
            Frames.echoRequest(7, 1, PAYLOAD), Frames.ipv4(PEER_IP, OUR_IP, ICMP, icmp(0, 0, 1, 1, PAYLOAD)),
            Frames.ipv4(PEER_IP, OUR_IP, ICMP,
                    icmp(3, 1, 0, 0, packet(OUR_IP, PEER_IP, ICMP, icmp(8, 0, 1, 1, PAYLOAD)))),
            Frames.datagram(40000, 7, PAYLOAD), Frames.datagram(40000, 9, PAYLOAD)};
    }

    private static Host host() {
        Host host = new Host();
        host.stack.bindUdp(7, UdpDatagram::echo);
        host.stack.openEcho(new RecordedEchoes()).send(ip(PEER_IP), 1, 0);
        host.stack.doWork();
        host.device.sent.clear();
        return host;
    }

    private static long counted(Host host) {
        return Arrays.stream(StackCounter.Kind.values()).mapToLong(host.stack.stats()::total).sum();
    }

    @ParameterizedTest
    @MethodSource("validFrames")
    void everyBeginningOfAValidFrameIsRefusedAndCounted(byte[] frame) {
        try (Host host = host()) {
            for (int length = 0; length < frame.length; length++) {
                long before = host.stack.stats().total(StackCounter.Kind.DROPPED);
                host.receive(Arrays.copyOf(frame, length));
                assertEquals(before + 1, host.stack.stats().total(StackCounter.Kind.DROPPED),
                        "first " + length + " bytes");
                host.assertNothingSent();
            }
            long before = host.stack.stats().total(StackCounter.Kind.TRAFFIC);
            host.receive(frame);
            assertTrue(host.stack.stats().total(StackCounter.Kind.TRAFFIC) > before);
        }
    }

    @Property
    void anyBytesAreCounted(@ForAll @Size(max = 100) byte[] bytes) {
        receiveAnything(bytes);
    }

    @Property
    void anyBytesBehindGoodAddressesAreCounted(@ForAll("etherTypes") int etherType,
            @ForAll @Size(max = 100) byte[] bytes) {
        receiveAnything(Frames.ethernet(Frames.OUR_MAC, PEER_MAC, etherType, bytes));
    }

    @Property
    void anyBytesBehindAGoodIpv4HeaderAreCounted(@ForAll("protocols") int protocol,
            @ForAll @Size(max = 100) byte[] bytes) {
        receiveAnything(Frames.ipv4(PEER_IP, OUR_IP, protocol, bytes));
    }

    @Property
    void anyBytesInAGoodIcmpMessageAreCounted(@ForAll("icmpTypes") int type, @ForAll @Size(max = 100) byte[] bytes) {
        receiveAnything(Frames.ipv4(PEER_IP, OUR_IP, ICMP, icmp(type, 0, 1, 1, bytes)));
    }

    @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
    void aValidFrameWithAnyBytesReplacedIsCounted(@ForAll("validFrame") byte[] valid, @ForAll("changes") int[] changes,
            @ForAll boolean sumAgain) {
        byte[] frame = valid.clone();
        for (int change : changes) {
            frame[(change >>> 8) % frame.length] = (byte) change;
        }
        if (sumAgain && (frame[14] & 0xf) >= 5 && 14 + (frame[14] & 0xf) * 4 <= frame.length) {
            Frames.sumHeader(frame, 14);
        }
        receiveAnything(frame);
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void aValidFrameInAnyPiecesWithAnyOffloadIsCounted(@ForAll("validFrame") byte[] frame,
            @ForAll @IntRange(max = 60) int cut, @ForAll @IntRange(max = 3) int flags,
            @ForAll @IntRange(max = 100) int start, @ForAll @IntRange(max = 10) int offset) {
        try (Host host = host()) {
            int first = Math.min(cut, frame.length);
            NetBuf packet = host.packet(Arrays.copyOf(frame, first));
            packet.chain(host.packet(Arrays.copyOfRange(frame, first, frame.length)));
            if ((flags & NetBuf.CHECKSUM_PARTIAL) != 0) {
                packet.partialChecksum(start, offset);
            } else {
                packet.flags(flags);
            }
            long before = counted(host);
            host.device.arrive(packet);
            host.stack.doWork();
            assertTrue(counted(host) > before);
        }
    }

    private static void receiveAnything(byte[] frame) {
        try (Host host = host()) {
            long before = counted(host);
            host.receive(frame);
            assertTrue(counted(host) > before);
            for (byte[] answer : host.device.sent) {
                assertTrue(answer.length <= 14 + host.device.mtu);
                assertEquals(0x0200_0000_0002L, ByteBuffer.wrap(answer).getLong(6) >>> 16);
            }
        }
    }

    @Provide
    Arbitrary<Integer> etherTypes() {
        return Arbitraries.of(0x0800, 0x0806, 0x8100);
    }

    @Provide
    Arbitrary<Integer> protocols() {
        return Arbitraries.of(1, 17, 6);
    }

    @Provide
    Arbitrary<Integer> icmpTypes() {
        return Arbitraries.of(0, 3, 8, 11, 13);
    }

    @Provide
    Arbitrary<byte[]> validFrame() {
        return Arbitraries.of(validFrames());
    }

    /** Index in the higher bits, value in the lowest eight. */
    @Provide
    Arbitrary<int[]> changes() {
        return Arbitraries.integers().between(0, 0xffff).array(int[].class).ofMinSize(1).ofMaxSize(6);
    }
}
