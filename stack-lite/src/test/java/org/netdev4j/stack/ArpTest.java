package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.stack.Frames.OUR_IP;
import static org.netdev4j.stack.Frames.OUR_MAC;
import static org.netdev4j.stack.Frames.PEER_IP;
import static org.netdev4j.stack.Frames.PEER_MAC;
import static org.netdev4j.stack.Frames.arp;
import static org.netdev4j.stack.Frames.arpReply;
import static org.netdev4j.stack.Frames.arpRequest;
import static org.netdev4j.stack.Frames.ip;
import static org.netdev4j.stack.Frames.padded;
import static org.netdev4j.stack.Frames.with;

import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.DeviceEvent;

class ArpTest {
    private static final String OTHER_MAC = "02:00:00:00:00:77";
    private static final String NO_MAC = "00:00:00:00:00:00";
    private static final byte[] OUR_REQUEST = arpRequest(OUR_MAC, OUR_IP, PEER_IP);

    private final Host host = new Host();
    private final RecordedEchoes echoes = new RecordedEchoes();
    private final EchoClient client = host.stack.openEcho(echoes);

    @AfterEach
    void everyBufferIsBack() {
        host.close();
    }

    private boolean ping(int sequence) {
        boolean sent = client.send(ip(PEER_IP), sequence, 0);
        host.stack.doWork();
        return sent;
    }

    private static byte[] pingFrame(String mac, int sequence) {
        byte[] frame = Frames.ipv4FromUs(PEER_IP, Frames.ICMP, Frames.icmp(8, 0, 1, sequence));
        System.arraycopy(arpReply(mac, PEER_IP), 6, frame, 0, 6);
        return frame;
    }

    @Test
    void answersARequestForOurAddress() {
        host.receive(arpRequest(PEER_MAC, PEER_IP, OUR_IP));
        host.assertSent(arp(2, OUR_MAC, OUR_IP, PEER_MAC, PEER_IP));
        assertEquals(1, host.count(StackCounter.ARP_REQUESTS_RECEIVED));
        assertEquals(1, host.count(StackCounter.ARP_REPLIES_SENT));
    }

    @Test
    void answersARequestPaddedToTheSmallestFrameOfAWire() {
        host.receive(padded(arpRequest(PEER_MAC, PEER_IP, OUR_IP), 18));
        host.assertSent(arp(2, OUR_MAC, OUR_IP, PEER_MAC, PEER_IP));
    }

    @Test
    void answersAProbeOfSomeoneWithoutAnAddress() {
        host.receive(arpRequest(PEER_MAC, "0.0.0.0", OUR_IP));
        host.assertSent(arp(2, OUR_MAC, OUR_IP, PEER_MAC, "0.0.0.0"));
    }

    @Test
    void ignoresWhatIsForOthers() {
        host.receiveUnanswered(StackCounter.ARP_FOR_OTHERS, arpRequest(PEER_MAC, PEER_IP, "10.7.0.3"));
    }

    @Test
    void countsAnotherHostWithOurAddress() {
        host.receiveUnanswered(StackCounter.ARP_CONFLICT, arpRequest(PEER_MAC, OUR_IP, OUR_IP));
        host.receiveUnanswered(StackCounter.ARP_CONFLICT, arpReply(PEER_MAC, OUR_IP));
    }

    @Test
    void refusesWhatIsNotArpForIpv4OverEthernet() {
        byte[] good = arpRequest(PEER_MAC, PEER_IP, OUR_IP);
        int hardwareType = 15;
        int protocolType = 16;
        int macLength = 18;
        int ipLength = 19;
        int operation = 21;
        int senderMac = 22;
        for (int offset : new int[]{hardwareType, protocolType, macLength, ipLength, operation}) {
            host.receiveUnanswered(StackCounter.ARP_MALFORMED, with(good, offset, 9));
        }
        host.receiveUnanswered(StackCounter.ARP_MALFORMED, with(good, senderMac, 0x03));
        byte[] withoutSender = good.clone();
        System.arraycopy(new byte[6], 0, withoutSender, senderMac, 6);
        host.receiveUnanswered(StackCounter.ARP_MALFORMED, withoutSender);
        byte[] withOurSender = good.clone();
        System.arraycopy(arpReply(OUR_MAC, OUR_IP), 6, withOurSender, senderMac, 6);
        host.receiveUnanswered(StackCounter.LOOPED_BACK, withOurSender);
    }

    @Test
    void asksForAnUnknownAddressAndSendsWhatWaitedInOrder() {
        assertTrue(ping(1));
        assertTrue(ping(2));
        host.assertSent(OUR_REQUEST);
        host.assertNothingSent();
        host.receive(arpReply(PEER_MAC, PEER_IP));
        host.assertSent(pingFrame(PEER_MAC, 1));
        host.assertSent(pingFrame(PEER_MAC, 2));
        ping(3);
        host.assertSent(pingFrame(PEER_MAC, 3));
        host.assertNothingSent();
    }

    @Test
    void asksThreeTimesThenReportsEachPacketThatWaited() {
        ping(1);
        ping(2);
        host.assertSent(OUR_REQUEST);
        host.pass(Arp.RETRY_NS - 1);
        host.assertNothingSent();
        host.pass(1);
        host.assertSent(OUR_REQUEST);
        host.pass(Arp.RETRY_NS);
        host.assertSent(OUR_REQUEST);
        assertEquals(List.of(), echoes.events);
        host.pass(Arp.RETRY_NS);
        host.assertNothingSent();
        assertEquals(List.of("from 10.7.0.2: seq=1 Destination Host Unreachable",
                "from 10.7.0.2: seq=2 Destination Host Unreachable"), echoes.events);
        assertEquals(2, host.count(StackCounter.NEIGHBOUR_UNREACHABLE));
        assertEquals(NetStack.NEVER, host.stack.nextDeadlineNs());
    }

    @Test
    void aListenerMaySendAgainToTheHostThatDidNotAnswer() {
        EchoClient[] again = new EchoClient[1];
        again[0] = host.stack.openEcho(new EchoListener() {
            @Override
            public void onReply(EchoReply reply) {}

            @Override
            public void onError(int sequence, int reporter, IcmpError error) {
                again[0].send(ip(PEER_IP), sequence + 1, 0);
            }
        });
        again[0].send(ip(PEER_IP), 1, 0);
        host.pass(0);
        for (int i = 0; i < 3; i++) {
            host.assertSent(OUR_REQUEST);
            host.pass(Arp.RETRY_NS);
        }
        host.assertSent(OUR_REQUEST);
        assertEquals(1, host.count(StackCounter.NEIGHBOUR_UNREACHABLE));
    }

    @Test
    void keepsFourPacketsForANeighbourAndRefusesTheFifth() {
        for (int sequence = 1; sequence <= Neighbour.MAX_PENDING; sequence++) {
            assertTrue(ping(sequence));
        }
        assertFalse(ping(5));
        assertEquals(1, host.count(StackCounter.NEIGHBOUR_QUEUE_FULL));
    }

    @Test
    void keepsABoundedNumberOfPacketsForAllNeighbours() {
        int kept = 0;
        for (int i = 0; i < 100; i++) {
            kept += client.send(ip("10.7.0." + (100 + i)), i, 0) ? 1 : 0;
        }
        assertEquals(Arp.MAX_PENDING, kept);
        assertEquals(100 - Arp.MAX_PENDING, host.count(StackCounter.NEIGHBOUR_QUEUE_FULL));
    }

    @Test
    void aReachableNeighbourIsAskedAgainItselfWhenItIsUsedAfterAMinute() {
        host.knowingPeer();
        host.pass(Arp.REACHABLE_NS);
        ping(1);
        byte[] unicastRequest = OUR_REQUEST.clone();
        System.arraycopy(arpReply(PEER_MAC, PEER_IP), 6, unicastRequest, 0, 6);
        host.assertSent(pingFrame(PEER_MAC, 1));
        host.assertSent(unicastRequest);
        host.receive(arpReply(PEER_MAC, PEER_IP));
        ping(2);
        host.assertSent(pingFrame(PEER_MAC, 2));
        host.pass(Arp.RETRY_NS);
        host.assertNothingSent();
    }

    @Test
    void aNeighbourThatNoLongerAnswersIsAskedForByBroadcast() {
        host.knowingPeer();
        host.pass(Arp.REACHABLE_NS);
        ping(1);
        for (int i = 0; i < Arp.MAX_REQUESTS; i++) {
            host.pass(Arp.RETRY_NS);
        }
        host.device.sent.clear();
        ping(2);
        host.assertSent(OUR_REQUEST);
        host.assertNothingSent();
    }

    @Test
    void anUnusedNeighbourIsForgotten() {
        host.knowingPeer();
        host.pass(Arp.REACHABLE_NS);
        assertEquals(host.nowNs + Arp.STALE_NS, host.stack.nextDeadlineNs());
        host.pass(Arp.STALE_NS);
        assertEquals(NetStack.NEVER, host.stack.nextDeadlineNs());
        ping(1);
        host.assertSent(OUR_REQUEST);
    }

    @Test
    void whoAsksForUsIsKnownButAskedBackWhenUsed() {
        host.receive(arpRequest(PEER_MAC, PEER_IP, OUR_IP));
        host.device.sent.clear();
        ping(1);
        host.assertSent(pingFrame(PEER_MAC, 1));
        assertEquals(1, host.count(StackCounter.ARP_REQUESTS_SENT));
    }

    @Test
    void anUnaskedReplyIsNotBelievedUntilItIsConfirmed() {
        host.knowingPeer();
        host.receive(arpReply(OTHER_MAC, PEER_IP));
        ping(1);
        host.assertSent(pingFrame(OTHER_MAC, 1));
        assertEquals(2, host.count(StackCounter.ARP_REQUESTS_SENT));
        host.receive(arpReply(PEER_MAC, PEER_IP));
        host.device.sent.clear();
        ping(2);
        host.assertSent(pingFrame(PEER_MAC, 2));
    }

    @Test
    void anAnnouncementUpdatesAKnownNeighbourAndAddsNone() {
        host.receiveUnanswered(StackCounter.ARP_FOR_OTHERS, arpRequest(PEER_MAC, PEER_IP, PEER_IP));
        ping(1);
        host.assertSent(OUR_REQUEST);
        host.receive(arpRequest(OTHER_MAC, PEER_IP, PEER_IP));
        host.assertSent(pingFrame(OTHER_MAC, 1));
    }

    @Test
    void addressesOutsideTheSubnetAreNotLearnt() {
        host.receive(arpRequest(PEER_MAC, "192.168.1.1", OUR_IP));
        host.assertSent(arp(2, OUR_MAC, OUR_IP, PEER_MAC, "192.168.1.1"));
        assertEquals(NetStack.NEVER, host.stack.nextDeadlineNs());
    }

    @Test
    void aFloodOfStrangersDoesNotPushOutAReachableNeighbour() {
        try (Host wide = new Host(new CapturedDevice(OUR_MAC, 1500),
                builder -> builder.address(Ipv4Cidr.parse(OUR_IP + "/16")))) {
            wide.knowingPeer();
            for (int i = 0; i < 4 * NeighbourTable.CAPACITY; i++) {
                wide.receive(arpRequest(OTHER_MAC, "10.7." + (1 + i / 250) + "." + (1 + i % 250), OUR_IP));
            }
            wide.device.sent.clear();
            long asked = wide.count(StackCounter.ARP_REQUESTS_SENT);
            wide.stack.openEcho(echoes).send(ip(PEER_IP), 1, 0);
            wide.stack.doWork();
            assertEquals(1, wide.device.sent.size());
            assertEquals(asked, wide.count(StackCounter.ARP_REQUESTS_SENT));
        }
    }

    @Test
    void aTableFullOfUnansweredRequestsTakesNoMore() {
        try (Host wide = new Host(new CapturedDevice(OUR_MAC, 1500),
                builder -> builder.address(Ipv4Cidr.parse(OUR_IP + "/16")))) {
            EchoClient pinger = wide.stack.openEcho(echoes);
            for (int i = 0; i < NeighbourTable.CAPACITY + 10; i++) {
                pinger.send(ip("10.7." + (1 + i / 250) + "." + (1 + i % 250)), i, 0);
                wide.stack.doWork();
            }
            assertEquals(NeighbourTable.CAPACITY, wide.count(StackCounter.ARP_REQUESTS_SENT));
            for (int i = 0; i < Arp.MAX_REQUESTS; i++) {
                wide.pass(Arp.RETRY_NS);
            }
            assertEquals(Arp.MAX_PENDING, echoes.events.size());
            assertTrue(pinger.send(ip("10.7.0.9"), 1, 0));
        }
    }

    @Test
    void announcesOurAddress() {
        host.stack.announce();
        host.stack.doWork();
        host.assertSent(arp(1, OUR_MAC, OUR_IP, NO_MAC, OUR_IP));
    }

    /** virtio 1.4 §5.1.9.5.4: a switch may not know where we are. */
    @Test
    void announcesOurAddressWhenTheDeviceAsksForIt() {
        host.device.happens(DeviceEvent.ANNOUNCE);
        host.stack.doWork();
        host.assertSent(arp(1, OUR_MAC, OUR_IP, NO_MAC, OUR_IP));
    }
}
