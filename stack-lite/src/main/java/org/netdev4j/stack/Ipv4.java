package org.netdev4j.stack;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.stack.wire.EthernetHeader;
import org.netdev4j.stack.wire.Ipv4Header;

/**
 * IPv4 for a host (RFC 791; RFC 1122 §3): checks what comes in, and puts the header on what goes out. No reassembly, no
 * forwarding, no broadcast. Options are passed over, and not sent back. A packet is taken whatever its time to live is:
 * RFC 1122 §3.2.1.7 forbids a host to discard it for that.
 */
final class Ipv4 {
    /** Where the IPv4 header is in every frame, bytes. */
    static final int AT = EthernetHeader.LENGTH;
    /** Where the payload is in every frame we send, bytes. */
    static final int PAYLOAD_AT = AT + Ipv4Header.LENGTH;

    private static final int TTL = 64;

    private final Link link;
    private final Arp arp;

    Ipv4(Link link, Arp arp) {
        this.link = link;
        this.arp = arp;
    }

    /**
     * Checks a received frame of EtherType IPv4, and trims what pads it.
     *
     * @return true: a whole packet for us; false: the frame is dropped and counted
     */
    boolean accept(NetBuf frame) {
        StackCounter refusal = refusal(frame);
        if (refusal != null) {
            link.drop(frame, refusal);
            return false;
        }
        frame.trimBack(frame.length() - AT - Ipv4Header.totalLength(frame, AT));
        return true;
    }

    private StackCounter refusal(NetBuf frame) {
        if (!Ipv4Header.isWellFormed(frame, AT)) {
            return StackCounter.IPV4_MALFORMED;
        }
        if (!Ipv4Header.isChecksumCorrect(frame, AT)) {
            return StackCounter.IPV4_BAD_CHECKSUM;
        }
        int source = Ipv4Header.source(frame, AT);
        if (!Ipv4Address.isHost(source) || source == link.address() || link.cidr().isBroadcast(source)) {
            return StackCounter.IPV4_BAD_SOURCE;
        }
        int destination = Ipv4Header.destination(frame, AT);
        if (destination != link.address()) {
            return Ipv4Address.isHost(destination) && !link.cidr().isBroadcast(destination)
                    ? StackCounter.IPV4_FOR_OTHERS
                    : StackCounter.IPV4_BROADCAST;
        }
        if (EthernetHeader.isGroup(EthernetHeader.destination(frame))) {
            return StackCounter.IPV4_BROADCAST;
        }
        return Ipv4Header.isFragment(frame, AT) ? StackCounter.IPV4_FRAGMENT : null;
    }

    /** Where the payload of an accepted frame begins, bytes. */
    static int payloadAt(NetBuf frame) {
        return AT + Ipv4Header.headerLength(frame, AT);
    }

    /**
     * Makes an accepted frame one to its sender with the same payload, which is at {@link #PAYLOAD_AT} then; options are
     * cut out. Only the payload's own checksum may need care.
     */
    void turnRound(NetBuf frame) {
        long mac = EthernetHeader.source(frame);
        int source = Ipv4Header.source(frame, AT);
        int protocol = Ipv4Header.protocol(frame, AT);
        frame.trimFront(payloadAt(frame) - PAYLOAD_AT);
        frame.flags(0);
        writeHeaders(frame, mac, protocol, source);
    }

    /** Writes the Ethernet and the IPv4 header of a frame that is sent without a question about the neighbour. */
    void writeHeaders(NetBuf frame, long mac, int protocol, int destination) {
        EthernetHeader.write(frame, mac, link.mac(), EthernetHeader.TYPE_IPV4);
        Ipv4Header.write(frame, AT, frame.length() - AT, TTL, protocol, link.address(), destination);
    }

    /**
     * Sends a frame whose payload is at {@link #PAYLOAD_AT} and complete.
     *
     * @return false if it cannot be sent (counted); it stays the caller's
     */
    boolean send(NetBuf frame, int protocol, int destination) {
        int nextHop = link.nextHop(destination);
        if (nextHop == 0) {
            link.count(StackCounter.NO_ROUTE);
            return false;
        }
        Ipv4Header.write(frame, AT, frame.totalLength() - AT, TTL, protocol, link.address(), destination);
        return arp.send(frame, nextHop);
    }
}
