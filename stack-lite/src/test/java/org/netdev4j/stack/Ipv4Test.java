package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.netdev4j.stack.Frames.ETHERNET;
import static org.netdev4j.stack.Frames.ICMP;
import static org.netdev4j.stack.Frames.OUR_IP;
import static org.netdev4j.stack.Frames.OUR_MAC;
import static org.netdev4j.stack.Frames.PEER_IP;
import static org.netdev4j.stack.Frames.PEER_MAC;
import static org.netdev4j.stack.Frames.echoRequest;
import static org.netdev4j.stack.Frames.ethernet;
import static org.netdev4j.stack.Frames.icmp;
import static org.netdev4j.stack.Frames.ip;
import static org.netdev4j.stack.Frames.ipv4;
import static org.netdev4j.stack.Frames.ipv4FromUs;
import static org.netdev4j.stack.Frames.padded;
import static org.netdev4j.stack.Frames.with;
import static org.netdev4j.stack.Frames.withHeader;

import java.nio.ByteBuffer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4Test {
    private static final byte[] REQUEST = echoRequest(7, 1);
    private static final byte[] REPLY = ipv4FromUs(PEER_IP, ICMP, icmp(0, 0, 7, 1));

    private final Host host = new Host();

    @AfterEach
    void everyBufferIsBack() {
        host.close();
    }

    @ParameterizedTest
    @CsvSource({"0, 0x65, version 6", "0, 0x44, header of 16 bytes", "0, 0x48, options beyond the packet",
        "2, 0x01, total length beyond the frame", "3, 0x13, total length within the header"})
    void headersThatMakeNoSenseAreDropped(int index, int value, String what) {
        host.receiveUnanswered(StackCounter.IPV4_MALFORMED, with(REQUEST, ETHERNET + index, value));
        assertEquals(1, host.stack.stats().total(StackCounter.Kind.DROPPED), what);
    }

    @Test
    void aWrongHeaderChecksumIsDropped() {
        for (int index = 4; index < 20; index++) {
            byte[] frame = REQUEST.clone();
            frame[ETHERNET + index] ^= 0x10;
            host.receiveUnanswered(StackCounter.IPV4_BAD_CHECKSUM, frame);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "10.7.0.255",
        "10.7.0.0", OUR_IP})
    void sourcesThatNoOtherHostCanHaveAreDropped(String source) {
        host.receiveUnanswered(StackCounter.IPV4_BAD_SOURCE, ipv4(source, OUR_IP, ICMP, icmp(8, 0, 7, 1)));
    }

    @ParameterizedTest
    @CsvSource({"10.7.0.3, IPV4_FOR_OTHERS", "192.168.1.1, IPV4_FOR_OTHERS", "10.7.0.255, IPV4_BROADCAST",
        "255.255.255.255, IPV4_BROADCAST", "224.0.0.1, IPV4_BROADCAST"})
    void whatIsNotForUsAloneIsIgnored(String destination, StackCounter counter) {
        host.receiveUnanswered(counter, ipv4(PEER_IP, destination, ICMP, icmp(8, 0, 7, 1)));
    }

    @Test
    void aPacketForUsInABroadcastFrameIsIgnored() {
        byte[] frame = REQUEST.clone();
        System.arraycopy(new byte[]{-1, -1, -1, -1, -1, -1}, 0, frame, 0, 6);
        host.receiveUnanswered(StackCounter.IPV4_BROADCAST, frame);
    }

    @ParameterizedTest
    @CsvSource({"6, 0x20", "7, 0x01", "6, 0x1f"})
    void fragmentsAreDropped(int index, int value) {
        host.receiveUnanswered(StackCounter.IPV4_FRAGMENT, withHeader(REQUEST, index, value));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255})
    void anyTimeToLiveWillDoAtItsDestination(int ttl) {
        host.receive(withHeader(REQUEST, 8, ttl));
        host.assertSent(REPLY);
    }

    @Test
    void paddingBehindThePacketIsNotAnswered() {
        host.receive(padded(REQUEST, 18));
        host.assertSent(REPLY);
    }

    @Test
    void optionsArePassedOverAndNotSentBack() {
        byte[] noOperations = {1, 1, 1, 1, 1, 1, 1, 0};
        byte[] plain = Frames.packet(PEER_IP, OUR_IP, ICMP, icmp(8, 0, 7, 1, (byte) 0x33));
        ByteBuffer packet = ByteBuffer.allocate(plain.length + noOperations.length);
        packet.put(plain, 0, 20).put(noOperations).put(plain, 20, plain.length - 20);
        packet.put(0, (byte) 0x47).putShort(2, (short) packet.capacity());
        host.receive(ethernet(OUR_MAC, PEER_MAC, 0x0800, Frames.sumHeader(packet.array(), 0)));
        host.assertSent(ipv4FromUs(PEER_IP, ICMP, icmp(0, 0, 7, 1, (byte) 0x33)));
    }

    @Test
    void anUnknownProtocolIsRefusedAndTheRefusalQuotesThePacket() {
        int tcp = 6;
        byte[] packet = Frames.packet(PEER_IP, OUR_IP, tcp, new byte[]{1, 2, 3, 4, 5, 6, 7, 8, 9});
        host.receive(ethernet(OUR_MAC, PEER_MAC, 0x0800, packet));
        host.assertSent(ipv4FromUs(PEER_IP, ICMP, icmp(3, 2, 0, 0, packet)));
        assertEquals(1, host.count(StackCounter.IPV4_OTHER_PROTOCOL));
        assertEquals(1, host.count(StackCounter.ICMP_ERRORS_SENT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.168.1.1", "10.7.0.255", "10.7.0.0", "255.255.255.255", "224.0.0.1", "127.0.0.1",
        "0.0.0.0", OUR_IP})
    void whereThereIsNoWayNothingIsSent(String destination) {
        EchoClient client = host.stack.openEcho(new RecordedEchoes());
        assertEquals(false, client.send(ip(destination), 1, 0));
        host.stack.doWork();
        host.assertNothingSent();
        assertEquals(1, host.count(StackCounter.NO_ROUTE));
    }

    @Test
    void otherSubnetsAreReachedThroughTheGateway() {
        try (Host routed = new Host(new CapturedDevice(OUR_MAC, 1500),
                builder -> builder.gateway(ip(PEER_IP)))) {
            routed.knowingPeer();
            EchoClient client = routed.stack.openEcho(new RecordedEchoes());
            client.send(ip("192.168.1.1"), 1, 0);
            routed.stack.doWork();
            routed.assertSent(ipv4FromUs("192.168.1.1", ICMP, icmp(8, 0, 2, 1)));
        }
    }

    @Test
    void anAddressOfItsOwnStillHasAGateway() {
        try (Host routed = new Host(new CapturedDevice(OUR_MAC, 1500),
                builder -> builder.address(Ipv4Cidr.parse(OUR_IP + "/32")).gateway(ip(PEER_IP)))) {
            routed.receive(Frames.arpRequest(PEER_MAC, PEER_IP, OUR_IP));
            routed.device.sent.clear();
            routed.stack.openEcho(new RecordedEchoes()).send(ip("10.7.0.9"), 1, 0);
            routed.stack.doWork();
            routed.assertSent(ipv4FromUs("10.7.0.9", ICMP, icmp(8, 0, 1, 1)));
        }
    }
}
