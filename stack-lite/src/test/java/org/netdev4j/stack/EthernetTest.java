package org.netdev4j.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.netdev4j.stack.Frames.BROADCAST;
import static org.netdev4j.stack.Frames.OUR_MAC;
import static org.netdev4j.stack.Frames.PEER_MAC;
import static org.netdev4j.stack.Frames.echoRequest;
import static org.netdev4j.stack.Frames.ethernet;
import static org.netdev4j.stack.Frames.with;

import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;

class EthernetTest {
    private static final byte[] PAYLOAD = {1, 2, 3, 4, 5};
    private static final byte[] REQUEST = echoRequest(7, 1, PAYLOAD);
    private static final byte[] REPLY = Frames.ipv4FromUs(Frames.PEER_IP, Frames.ICMP,
            Frames.icmp(0, 0, 7, 1, PAYLOAD));

    private final Host host = new Host();

    @AfterEach
    void everyBufferIsBack() {
        host.close();
    }

    private NetBuf packet(byte[] frame, int from, int to) {
        NetBuf packet = host.pool.allocate();
        packet.append(to - from);
        packet.copyFrom(0, MemorySegment.ofArray(frame), from, to - from);
        return packet;
    }

    @Test
    void framesForOthersAreIgnored() {
        host.receiveUnanswered(StackCounter.OTHER_MAC, with(REQUEST, 5, 0x33));
        host.receiveUnanswered(StackCounter.OTHER_MAC, ethernet("01:00:5e:00:00:01", PEER_MAC, 0x0800));
    }

    @Test
    void framesFromAGroupOrFromUsAreNotAnswered() {
        host.receiveUnanswered(StackCounter.BAD_SOURCE_MAC, ethernet(OUR_MAC, BROADCAST, 0x0800));
        host.receiveUnanswered(StackCounter.LOOPED_BACK, ethernet(OUR_MAC, OUR_MAC, 0x0800));
    }

    @Test
    void otherProtocolsAreIgnored() {
        int ipv6 = 0x86dd;
        int lengthOfAnLlcFrame = 0x0040;
        host.receiveUnanswered(StackCounter.OTHER_ETHER_TYPE, ethernet(BROADCAST, PEER_MAC, ipv6));
        host.receiveUnanswered(StackCounter.OTHER_ETHER_TYPE, ethernet(BROADCAST, PEER_MAC, lengthOfAnLlcFrame));
    }

    @Test
    void vlanTagsAreIgnoredEvenOnAFullFrame() {
        host.receiveUnanswered(StackCounter.VLAN_TAGGED, ethernet(OUR_MAC, PEER_MAC, 0x8100, new byte[1504]));
        host.receiveUnanswered(StackCounter.VLAN_TAGGED, ethernet(OUR_MAC, PEER_MAC, 0x88a8));
    }

    @Test
    void everythingShorterThanAHeaderIsARunt() {
        for (int length = 0; length < 14; length++) {
            host.receiveUnanswered(StackCounter.RUNT, new byte[length]);
        }
    }

    @Test
    void aFrameInPiecesIsCopiedIntoOneAndAnswered() {
        NetBuf packet = packet(REQUEST, 0, 3);
        packet.chain(packet(REQUEST, 3, 37));
        packet.chain(packet(REQUEST, 37, REQUEST.length));
        host.device.arrive(packet);
        host.stack.doWork();
        host.assertSent(REPLY);
        assertEquals(1, host.count(StackCounter.COPIED));
    }

    @Test
    void aWrongChecksumOverSeveralPiecesIsFound() {
        NetBuf packet = packet(REQUEST, 0, 37);
        packet.chain(packet(with(REQUEST, 37, 0x55), 37, REQUEST.length));
        host.device.arrive(packet);
        host.stack.doWork();
        host.assertNothingSent();
        assertEquals(1, host.count(StackCounter.ICMP_BAD_CHECKSUM));
    }

    @Test
    void aFrameThatSomeoneElseHoldsStaysAsItWas() {
        NetBuf packet = packet(REQUEST, 0, REQUEST.length);
        packet.retain();
        host.device.arrive(packet);
        host.stack.doWork();
        host.assertSent(REPLY);
        assertEquals(REQUEST.length, packet.length());
        assertEquals(8, packet.getUnsignedByte(Frames.L4));
        packet.free();
    }

    @Test
    void chainsLargerThanAFrameAndSegmentsToBeCutAreDropped() {
        NetBuf chain = host.pool.allocate();
        chain.append(1000);
        NetBuf rest = host.pool.allocate();
        rest.append(519);
        chain.chain(rest);
        host.device.arrive(chain);
        NetBuf segments = packet(REQUEST, 0, REQUEST.length);
        segments.gso(GsoType.UDP, 1, 42);
        host.device.arrive(segments);
        host.stack.doWork();
        host.assertNothingSent();
        assertEquals(2, host.count(StackCounter.OVERSIZE));
    }

    @Test
    void aFrameInPiecesIsDroppedWhenThePoolIsEmpty() {
        NetBuf packet = packet(REQUEST, 0, 3);
        packet.chain(packet(REQUEST, 3, REQUEST.length));
        host.device.arrive(packet);
        NetBuf[] rest = new NetBuf[host.pool.capacity()];
        int taken = host.pool.allocate(rest, 0, rest.length);
        host.stack.doWork();
        NetBuf.free(rest, 0, taken);
        host.assertNothingSent();
        assertEquals(1, host.count(StackCounter.NO_BUFFER));
    }
}
