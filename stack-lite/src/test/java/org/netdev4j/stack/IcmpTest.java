package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.stack.Frames.ICMP;
import static org.netdev4j.stack.Frames.L4;
import static org.netdev4j.stack.Frames.OUR_IP;
import static org.netdev4j.stack.Frames.PEER_IP;
import static org.netdev4j.stack.Frames.echoRequest;
import static org.netdev4j.stack.Frames.icmp;
import static org.netdev4j.stack.Frames.ip;
import static org.netdev4j.stack.Frames.ipv4;
import static org.netdev4j.stack.Frames.ipv4FromUs;
import static org.netdev4j.stack.Frames.packet;
import static org.netdev4j.stack.Frames.with;
import static org.netdev4j.stack.Frames.withHeader;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.NetBuf;

class IcmpTest {
    private final Host host = new Host().knowingPeer();
    private final RecordedEchoes echoes = new RecordedEchoes();
    private final EchoClient client = host.stack.openEcho(echoes);
    private final int id = client.identifier();

    @AfterEach
    void everyBufferIsBack() {
        host.close();
    }

    private void send(int sequence, int payloadBytes) {
        assertTrue(client.send(ip(PEER_IP), sequence, payloadBytes));
        host.stack.doWork();
    }

    private static byte[] fromPeer(byte[] message) {
        return ipv4(PEER_IP, OUR_IP, ICMP, message);
    }

    /** An error about a request that we sent to the peer. */
    private byte[] error(int type, int code, int sequence) {
        return fromPeer(icmp(type, code, 0, 0, packet(OUR_IP, PEER_IP, ICMP, icmp(8, 0, id, sequence))));
    }

    // answering

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 56, 1400, 1472})
    void answersARequestOfAnySizeThatFitsTheMtu(int payloadBytes) {
        byte[] payload = Frames.pattern(payloadBytes);
        host.receive(echoRequest(0xabcd, 0xffff, payload));
        host.assertSent(ipv4FromUs(PEER_IP, ICMP, icmp(0, 0, 0xabcd, 0xffff, payload)));
        assertEquals(1, host.count(StackCounter.ECHO_REQUESTS_ANSWERED));
    }

    @Test
    void answersInTheBufferOfTheRequest() {
        byte[] frame = echoRequest(1, 1);
        NetBuf[] all = new NetBuf[host.pool.capacity()];
        int taken = host.pool.allocate(all, 0, all.length);
        NetBuf onlyOne = all[--taken];
        onlyOne.append(frame.length);
        onlyOne.copyFrom(0, MemorySegment.ofArray(frame), 0, frame.length);
        host.device.arrive(onlyOne);
        host.stack.doWork();
        host.assertSent(ipv4FromUs(PEER_IP, ICMP, icmp(0, 0, 1, 1)));
        NetBuf.free(all, 0, taken);
    }

    @Test
    void aWrongChecksumIsNotAnswered() {
        byte[] good = echoRequest(7, 1, new byte[]{1, 2, 3});
        for (int index = L4; index < good.length; index++) {
            byte[] frame = good.clone();
            frame[index] ^= 0x01;
            host.receiveUnanswered(StackCounter.ICMP_BAD_CHECKSUM, frame);
        }
    }

    @Test
    void aChecksumThatTheDeviceCheckedIsNotSummedAgainAndTheFlagNotSent() {
        NetBuf packet = host.packet(with(echoRequest(7, 1), L4 + 2, 0x55));
        packet.flags(NetBuf.CHECKSUM_VALID);
        host.device.arrive(packet);
        host.stack.doWork();
        assertEquals(1, host.count(StackCounter.ECHO_REQUESTS_ANSWERED));
        assertEquals(0, host.device.sentFlags.poll());
    }

    @Test
    void aChecksumStillToBeCompletedIsCompletedInTheAnswer() {
        NetBuf packet = host.packet(with(with(echoRequest(7, 1), L4 + 2, 0), L4 + 3, 0));
        packet.partialChecksum(L4, 2);
        host.device.arrive(packet);
        host.stack.doWork();
        assertEquals(0, host.device.sentFlags.peek());
        host.assertSent(ipv4FromUs(PEER_IP, ICMP, icmp(0, 0, 7, 1)));
    }

    @Test
    void aRequestForTheCompletionOfAnotherFieldVouchesForNothing() {
        NetBuf packet = host.packet(with(echoRequest(7, 1), L4 + 2, 0x55));
        packet.partialChecksum(L4 + 2, 2);
        host.device.arrive(packet);
        host.stack.doWork();
        assertEquals(1, host.count(StackCounter.ICMP_BAD_CHECKSUM));
    }

    @Test
    void messagesTooShortForAHeaderAreDropped() {
        for (int length = 0; length < 8; length++) {
            host.receiveUnanswered(StackCounter.ICMP_MALFORMED, fromPeer(new byte[length]));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 9, 13, 17, 255})
    void otherTypesAreIgnored(int type) {
        host.receiveUnanswered(StackCounter.ICMP_OTHER_TYPE, fromPeer(icmp(type, 0, 0, 0)));
    }

    // asking

    @Test
    void sendsARequestWithACountingPattern() {
        send(3, 5);
        host.assertSent(ipv4FromUs(PEER_IP, ICMP, icmp(8, 0, id, 3, new byte[]{0, 1, 2, 3, 4})));
        assertEquals(2, host.count(StackCounter.ECHO_REQUESTS_SENT));
    }

    @Test
    void reportsAReplyWithItsRoundTripTimeAndTimeToLive() {
        send(3, 56);
        host.nowNs += 123_456;
        host.receive(withHeader(fromPeer(icmp(0, 0, id, 3, new byte[56])), 8, 57));
        assertEquals(List.of("64 bytes from 10.7.0.1: seq=3 ttl=57 time=123456"), echoes.events);
        assertEquals(1, host.count(StackCounter.ECHO_REPLIES_RECEIVED));
    }

    @Test
    void reportsTheSecondReplyAsADuplicate() {
        send(0xffff, 0);
        host.receive(fromPeer(icmp(0, 0, id, 0xffff)));
        host.receive(fromPeer(icmp(0, 0, id, 0xffff)));
        assertEquals(List.of("8 bytes from 10.7.0.1: seq=65535 ttl=64 time=0",
                "8 bytes from 10.7.0.1: seq=65535 ttl=64 time=0 DUP"), echoes.events);
    }

    @Test
    void aSequenceNumberUsedAgainIsNoDuplicate() {
        send(5, 0);
        host.receive(fromPeer(icmp(0, 0, id, 5)));
        send(5 + EchoClient.WINDOW, 0);
        host.device.sent.clear();
        host.receive(fromPeer(icmp(0, 0, id, 5 + EchoClient.WINDOW)));
        host.receiveUnanswered(StackCounter.ICMP_UNEXPECTED, fromPeer(icmp(0, 0, id, 5)));
        assertEquals(2, echoes.events.size());
        assertFalse(echoes.events.get(1).contains("DUP"));
    }

    @Test
    void repliesToNothingAreCounted() {
        send(1, 0);
        host.device.sent.clear();
        host.receiveUnanswered(StackCounter.ICMP_UNEXPECTED, fromPeer(icmp(0, 0, id, 2)));
        host.receiveUnanswered(StackCounter.ICMP_UNEXPECTED, fromPeer(icmp(0, 0, id + 1, 1)));
        host.receiveUnanswered(StackCounter.ICMP_UNEXPECTED, ipv4("10.7.0.9", OUR_IP, ICMP, icmp(0, 0, id, 1)));
        assertEquals(List.of(), echoes.events);
    }

    @Test
    void eachClientHasItsOwnIdentifierAndHearsNothingWhenClosed() {
        RecordedEchoes others = new RecordedEchoes();
        EchoClient other = host.stack.openEcho(others);
        assertNotEquals(id, other.identifier());
        other.send(ip(PEER_IP), 1, 0);
        other.close();
        other.close();
        host.receive(fromPeer(icmp(0, 0, other.identifier(), 1)));
        assertEquals(List.of(), others.events);
        assertThrows(IllegalStateException.class, () -> other.send(ip(PEER_IP), 2, 0));
    }

    @Test
    void aPayloadBeyondTheMtuIsRefusedByName() {
        assertEquals("a payload of 1473 bytes is not possible: the MTU of 1500 leaves 0 to 1472",
                assertThrows(IllegalArgumentException.class, () -> client.send(ip(PEER_IP), 1, 1473)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"3, 0, Destination Net Unreachable", "3, 1, Destination Host Unreachable",
        "3, 2, Destination Protocol Unreachable", "3, 3, Destination Port Unreachable", "3, 4, Frag needed and DF set",
        "3, 5, Source Route Failed", "3, 9, Packet filtered", "3, 10, Packet filtered", "3, 13, Packet filtered",
        "3, 8, Destination Unreachable", "3, 200, Destination Unreachable", "11, 0, Time to live exceeded",
        "11, 1, Time to live exceeded"})
    void reportsAnErrorAboutARequest(int type, int code, String text) {
        send(4, 0);
        host.receive(error(type, code, 4));
        assertEquals(List.of("from 10.7.0.1: seq=4 " + text), echoes.events);
        assertEquals(1, host.count(StackCounter.ICMP_ERRORS_RECEIVED));
    }

    @Test
    void errorsAboutNothingWeSentAreCounted() {
        send(4, 0);
        host.device.sent.clear();
        byte[] request = icmp(8, 0, id, 4);
        host.receiveUnanswered(StackCounter.ICMP_UNEXPECTED, error(3, 1, 5));
        host.receiveUnanswered(StackCounter.ICMP_UNEXPECTED,
                fromPeer(icmp(3, 1, 0, 0, packet(PEER_IP, PEER_IP, ICMP, request))));
        host.receiveUnanswered(StackCounter.ICMP_UNEXPECTED,
                fromPeer(icmp(3, 1, 0, 0, packet(OUR_IP, "10.7.0.9", ICMP, request))));
        host.receiveUnanswered(StackCounter.ICMP_UNEXPECTED,
                fromPeer(icmp(3, 1, 0, 0, packet(OUR_IP, PEER_IP, ICMP, icmp(0, 0, id, 4)))));
        int tcp = 6;
        host.receiveUnanswered(StackCounter.ICMP_UNEXPECTED,
                fromPeer(icmp(3, 1, 0, 0, packet(OUR_IP, PEER_IP, tcp, request))));
        assertEquals(List.of(), echoes.events);
    }

    @Test
    void anErrorAboutADatagramIsCountedAlone() {
        byte[] quoted = packet(OUR_IP, PEER_IP, Frames.UDP, Frames.udp(OUR_IP, 49152, PEER_IP, 7));
        host.receiveUnanswered(StackCounter.ICMP_ERRORS_RECEIVED, fromPeer(icmp(3, 3, 0, 0, quoted)));
    }

    @Test
    void anErrorThatQuotesTooLittleIsCounted() {
        send(4, 0);
        host.device.sent.clear();
        byte[] quoted = packet(OUR_IP, PEER_IP, ICMP, icmp(8, 0, id, 4));
        for (int length = 0; length < quoted.length; length++) {
            host.receiveUnanswered(StackCounter.ICMP_UNEXPECTED,
                    fromPeer(icmp(3, 1, 0, 0, Arrays.copyOf(quoted, length))));
        }
        host.receive(fromPeer(icmp(3, 1, 0, 0, quoted)));
        assertEquals(1, echoes.events.size());
    }
}
