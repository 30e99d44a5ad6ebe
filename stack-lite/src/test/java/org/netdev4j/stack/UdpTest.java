package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.stack.Frames.ICMP;
import static org.netdev4j.stack.Frames.L4;
import static org.netdev4j.stack.Frames.OUR_IP;
import static org.netdev4j.stack.Frames.OUR_MAC;
import static org.netdev4j.stack.Frames.PEER_IP;
import static org.netdev4j.stack.Frames.PEER_MAC;
import static org.netdev4j.stack.Frames.UDP;
import static org.netdev4j.stack.Frames.datagram;
import static org.netdev4j.stack.Frames.ethernet;
import static org.netdev4j.stack.Frames.icmp;
import static org.netdev4j.stack.Frames.ip;
import static org.netdev4j.stack.Frames.ipv4;
import static org.netdev4j.stack.Frames.ipv4FromUs;
import static org.netdev4j.stack.Frames.udp;
import static org.netdev4j.stack.Frames.with;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.Capability;

class UdpTest {
    private static final byte[] HELLO = {'h', 'e', 'l', 'l', 'o'};

    private final Host host = new Host();

    @AfterEach
    void everyBufferIsBack() {
        host.close();
    }

    private static byte[] echoOf(byte... payload) {
        return ipv4FromUs(PEER_IP, UDP, udp(OUR_IP, 7, PEER_IP, 40000, payload));
    }

    // receiving

    @Test
    void aHandlerSeesTheSenderAndThePayload() {
        List<String> seen = new ArrayList<>();
        host.stack.bindUdp(9, datagram -> {
            byte[] payload = new byte[datagram.length() - 1];
            datagram.copyTo(1, MemorySegment.ofArray(payload), 0, payload.length);
            seen.add(Ipv4Address.format(datagram.source()) + ":" + datagram.sourcePort() + " "
                    + (char) datagram.getUnsignedByte(0) + Arrays.toString(payload));
        });
        host.receive(datagram(40000, 9, HELLO));
        assertEquals(List.of("10.7.0.1:40000 h[101, 108, 108, 111]"), seen);
        host.assertNothingSent();
        assertEquals(1, host.count(StackCounter.UDP_RECEIVED));
    }

    @Test
    void aHandlerCannotReadBesideThePayload() {
        host.stack.bindUdp(9, datagram -> {
            assertThrows(IndexOutOfBoundsException.class, () -> datagram.getUnsignedByte(-1));
            assertThrows(IndexOutOfBoundsException.class, () -> datagram.getUnsignedByte(5));
            assertThrows(IndexOutOfBoundsException.class,
                    () -> datagram.copyTo(1, MemorySegment.ofArray(new byte[5]), 0, 5));
        });
        host.receive(datagram(40000, 9, HELLO));
        assertEquals(1, host.count(StackCounter.UDP_RECEIVED));
    }

    @Test
    void aDatagramIsGoneAfterItsHandlerReturnsOrUsesIt() {
        List<UdpDatagram> kept = new ArrayList<>();
        host.stack.bindUdp(7, datagram -> {
            datagram.echo();
            assertThrows(IllegalStateException.class, datagram::echo);
            assertThrows(IllegalStateException.class, datagram::length);
        });
        host.stack.bindUdp(9, kept::add);
        host.receive(datagram(40000, 7, HELLO));
        host.assertSent(echoOf(HELLO));
        host.receive(datagram(40000, 9, HELLO));
        assertThrows(IllegalStateException.class, kept.get(0)::length);
    }

    @ParameterizedTest
    @CsvSource({"4, 0xff, length beyond the packet", "5, 14, length one beyond the packet", "5, 7, length below 8"})
    void lengthsThatMakeNoSenseAreDropped(int index, int value, String what) {
        host.stack.bindUdp(7, UdpDatagram::echo);
        host.receiveUnanswered(StackCounter.UDP_MALFORMED, with(datagram(40000, 7, HELLO), L4 + index, value));
        assertEquals(1, host.stack.stats().total(StackCounter.Kind.DROPPED), what);
    }

    @Test
    void packetsTooShortForAHeaderAreDropped() {
        for (int length = 0; length < 8; length++) {
            host.receiveUnanswered(StackCounter.UDP_MALFORMED, ipv4(PEER_IP, OUR_IP, UDP, new byte[length]));
        }
    }

    @Test
    void aWrongChecksumIsDropped() {
        host.stack.bindUdp(7, UdpDatagram::echo);
        byte[] good = datagram(40000, 7, HELLO);
        for (int index : new int[]{L4, L4 + 6, L4 + 7, L4 + 8, L4 + 12}) {
            byte[] frame = good.clone();
            frame[index] ^= 0x40;
            host.receiveUnanswered(StackCounter.UDP_BAD_CHECKSUM, frame);
        }
    }

    @Test
    void bytesBehindTheDatagramAreNotItsPayload() {
        host.stack.bindUdp(7, UdpDatagram::echo);
        byte[] longer = Arrays.copyOf(udp(PEER_IP, 40000, OUR_IP, 7, HELLO), 20);
        host.receive(ipv4(PEER_IP, OUR_IP, UDP, longer));
        host.assertSent(echoOf(HELLO));
    }

    // answering

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 18, 1471, 1472})
    void echoesAPayloadOfAnySizeThatFitsTheMtu(int payloadBytes) {
        host.stack.bindUdp(7, UdpDatagram::echo);
        byte[] payload = Frames.pattern(payloadBytes);
        host.receive(datagram(40000, 7, payload));
        host.assertSent(echoOf(payload));
        assertEquals(1, host.count(StackCounter.UDP_SENT));
    }

    @Test
    void aDatagramWithoutChecksumIsEchoedWithoutOne() {
        host.stack.bindUdp(7, UdpDatagram::echo);
        byte[] sent = udp(PEER_IP, 40000, OUR_IP, 7, HELLO);
        host.receive(ipv4(PEER_IP, OUR_IP, UDP, with(with(sent, 6, 0), 7, 0)));
        byte[] echo = udp(OUR_IP, 7, PEER_IP, 40000, HELLO);
        host.assertSent(ipv4FromUs(PEER_IP, UDP, with(with(echo, 6, 0), 7, 0)));
    }

    @Test
    void aChecksumStillToBeCompletedIsCompletedInTheEcho() {
        host.stack.bindUdp(7, UdpDatagram::echo);
        arrivePartial(host);
        assertEquals(0, host.device.sentFlags.peek());
        host.assertSent(echoOf(HELLO));
    }

    @Test
    void aDeviceThatCompletesChecksumsIsLeftToDoSo() {
        CapturedDevice device = new CapturedDevice(OUR_MAC, 1500);
        device.capabilities.add(Capability.TX_CHECKSUM);
        try (Host offloading = new Host(device)) {
            offloading.stack.bindUdp(7, UdpDatagram::echo);
            arrivePartial(offloading);
            assertEquals(NetBuf.CHECKSUM_PARTIAL, device.sentFlags.peek());
            int pseudoHeader = Frames.pseudoHeader(OUR_IP, PEER_IP, 13);
            offloading.assertSent(with(with(echoOf(HELLO), L4 + 6, pseudoHeader >> 8), L4 + 7, pseudoHeader & 0xff));
        }
    }

    /** "hello" to port 7, with the checksum of the pseudo header only. */
    private static void arrivePartial(Host host) {
        int pseudoHeader = Frames.pseudoHeader(PEER_IP, OUR_IP, 13);
        byte[] sent = udp(PEER_IP, 40000, OUR_IP, 7, HELLO);
        NetBuf packet = host.packet(
                ipv4(PEER_IP, OUR_IP, UDP, with(with(sent, 6, pseudoHeader >> 8), 7, pseudoHeader & 0xff)));
        packet.partialChecksum(L4, 6);
        host.device.arrive(packet);
        host.stack.doWork();
    }

    @Test
    void anUnboundPortIsRefusedAndTheRefusalQuotesThePacket() {
        byte[] packet = Frames.packet(PEER_IP, OUR_IP, UDP, udp(PEER_IP, 40000, OUR_IP, 9, HELLO));
        host.receive(ethernet(OUR_MAC, PEER_MAC, 0x0800, packet));
        host.assertSent(ipv4FromUs(PEER_IP, ICMP, icmp(3, 3, 0, 0, packet)));
        assertEquals(1, host.count(StackCounter.UDP_NO_SOCKET));
    }

    @Test
    void aRefusalIsNoLargerThan576Bytes() {
        byte[] packet = Frames.packet(PEER_IP, OUR_IP, UDP, udp(PEER_IP, 40000, OUR_IP, 9, new byte[1472]));
        host.receive(ethernet(OUR_MAC, PEER_MAC, 0x0800, packet));
        host.assertSent(ipv4FromUs(PEER_IP, ICMP, icmp(3, 3, 0, 0, Arrays.copyOf(packet, 548))));
    }

    @Test
    void refusalsAreLimitedInRate() {
        for (int i = 0; i < 60; i++) {
            host.receive(datagram(40000, 9));
        }
        assertEquals(50, host.device.sent.size());
        assertEquals(10, host.count(StackCounter.ICMP_RATE_LIMITED));
        host.nowNs += 1_000_000_000;
        host.receive(datagram(40000, 9));
        assertEquals(51, host.device.sent.size());
    }

    @Test
    void whatAHandlerThrowsComesOutOfDoWorkAndLosesNoOtherPacket() {
        IllegalStateException bug = new IllegalStateException("bug");
        host.stack.bindUdp(7, datagram -> {
            throw bug;
        });
        host.device.arrive(datagram(40000, 7, HELLO));
        host.device.arrive(datagram(40000, 7, HELLO));
        host.device.arrive(Frames.echoRequest(1, 1));
        assertSame(bug, assertThrows(IllegalStateException.class, host.stack::doWork));
        assertSame(bug, assertThrows(IllegalStateException.class, host.stack::doWork));
        assertEquals(2, host.stack.doWork(), "the echo request and its answer");
        assertEquals(1, host.count(StackCounter.ECHO_REQUESTS_ANSWERED));
    }

    @Test
    void packetsLeftBehindByAHandlerThatThrewAreFreedByClose() {
        host.stack.bindUdp(7, datagram -> {
            throw new IllegalStateException("bug");
        });
        host.device.arrive(datagram(40000, 7, HELLO));
        host.device.arrive(datagram(40000, 7, HELLO));
        assertThrows(IllegalStateException.class, host.stack::doWork);
        host.stack.close();
        assertEquals(host.pool.capacity(), host.pool.available());
    }

    // sending

    @Test
    void sendsACopyOfBytes() {
        host.knowingPeer();
        UdpSocket socket = host.stack.bindUdp(5000, datagram -> {});
        byte[] bytes = {0, 'h', 'e', 'l', 'l', 'o', 0};
        assertTrue(socket.send(ip(PEER_IP), 53, MemorySegment.ofArray(bytes), 1, 5));
        host.stack.doWork();
        host.assertSent(ipv4FromUs(PEER_IP, UDP, udp(OUR_IP, 5000, PEER_IP, 53, HELLO)));
    }

    @Test
    void sendsABufferWithoutCopyingIt() {
        host.knowingPeer();
        UdpSocket socket = host.stack.bindUdp(5000, datagram -> {});
        NetBuf payload = host.stack.allocate();
        payload.append(1472);
        for (int i = 0; i < 1472; i++) {
            payload.setByte(i, 0x5a);
        }
        assertTrue(socket.send(ip(PEER_IP), 53, payload));
        host.stack.doWork();
        byte[] expected = new byte[1472];
        Arrays.fill(expected, (byte) 0x5a);
        host.assertSent(ipv4FromUs(PEER_IP, UDP, udp(OUR_IP, 5000, PEER_IP, 53, expected)));
    }

    @Test
    void aTakenDatagramCanBeSentOn() {
        host.knowingPeer();
        UdpSocket[] socket = new UdpSocket[1];
        socket[0] = host.stack.bindUdp(7, datagram -> socket[0].send(ip(PEER_IP), 99, datagram.take()));
        host.receive(datagram(40000, 7, HELLO));
        host.assertSent(ipv4FromUs(PEER_IP, UDP, udp(OUR_IP, 7, PEER_IP, 99, HELLO)));
    }

    @Test
    void whatCannotBeSentStaysTheCallersUnchanged() {
        UdpSocket socket = host.stack.bindUdp(5000, datagram -> {});
        NetBuf payload = host.stack.allocate();
        payload.append(3);
        payload.setByte(0, 0x5a);
        assertFalse(socket.send(ip("192.168.1.1"), 53, payload));
        assertEquals(3, payload.length());
        assertEquals(0x5a, payload.getUnsignedByte(0));
        assertEquals(host.pool.headroom(), payload.headroom());
        payload.free();
        assertFalse(socket.send(ip("192.168.1.1"), 53, MemorySegment.ofArray(HELLO), 0, 5));
        assertEquals(2, host.count(StackCounter.NO_ROUTE));
        assertEquals(0, host.count(StackCounter.UDP_SENT));
    }

    @Test
    void impossiblePortsAndSizesAreRefused() {
        UdpSocket socket = host.stack.bindUdp(5000, datagram -> {});
        MemorySegment bytes = MemorySegment.ofArray(new byte[2000]);
        assertThrows(IllegalArgumentException.class, () -> socket.send(ip(PEER_IP), 0, bytes, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> socket.send(ip(PEER_IP), 65536, bytes, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> socket.send(ip(PEER_IP), 53, bytes, 0, 1473));
        assertThrows(IllegalArgumentException.class, () -> socket.send(ip(PEER_IP), 53, bytes, 0, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> socket.send(ip(PEER_IP), 53, bytes, 1990, 11));
        NetBuf pieces = host.stack.allocate();
        pieces.chain(host.stack.allocate());
        assertThrows(IllegalArgumentException.class, () -> socket.send(ip(PEER_IP), 53, pieces));
        pieces.free();
    }

    // binding

    @Test
    void aPortIsBoundOnceUntilItIsClosed() {
        UdpSocket socket = host.stack.bindUdp(7, datagram -> {});
        assertEquals("UDP port 7 is bound already: close that socket first",
                assertThrows(IllegalStateException.class, () -> host.stack.bindUdp(7, UdpDatagram::echo)).getMessage());
        socket.close();
        UdpSocket next = host.stack.bindUdp(7, UdpDatagram::echo);
        socket.close();
        host.receive(datagram(40000, 7, HELLO));
        host.assertSent(echoOf(HELLO));
        next.close();
        assertThrows(IllegalStateException.class, () -> next.send(ip(PEER_IP), 53, MemorySegment.ofArray(HELLO), 0, 5));
    }

    @Test
    void dynamicPortsAreFreeOnesOfTheDynamicRange() {
        host.stack.bindUdp(49152, datagram -> {});
        assertEquals(49153, host.stack.bindUdp(datagram -> {}).port());
        assertEquals(49154, host.stack.bindUdp(datagram -> {}).port());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65536})
    void impossiblePortsAreNotBound(int port) {
        assertEquals("UDP port " + port + " is not possible: expected 1 to 65535",
                assertThrows(IllegalArgumentException.class, () -> host.stack.bindUdp(port, datagram -> {}))
                        .getMessage());
    }
}
