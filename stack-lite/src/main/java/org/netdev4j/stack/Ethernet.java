package org.netdev4j.stack;

import org.netdev4j.netbuf.GsoType;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.stack.wire.EthernetHeader;
import org.netdev4j.stack.wire.IcmpHeader;
import org.netdev4j.stack.wire.Ipv4Header;

/** Where received frames come in: checks what holds for all of them, and finds the protocol of each. */
final class Ethernet {
    /** Bytes of a VLAN tag, by which a frame may exceed the MTU; it is refused for the tag then, not for its size. */
    static final int VLAN_TAG_LENGTH = 4;

    private final Link link;
    private final Arp arp;
    private final Ipv4 ipv4;
    private final Icmp icmp;
    private final Udp udp;
    private final int maxLength;

    Ethernet(Link link, Arp arp, Ipv4 ipv4, Icmp icmp, Udp udp) {
        this.link = link;
        this.arp = arp;
        this.ipv4 = ipv4;
        this.icmp = icmp;
        this.udp = udp;
        this.maxLength = EthernetHeader.LENGTH + VLAN_TAG_LENGTH + link.mtu();
    }

    /** Takes a received packet, whatever is in it. */
    void receive(NetBuf received) {
        if (received.totalLength() > maxLength || received.gsoType() != GsoType.NONE) {
            link.drop(received, StackCounter.OVERSIZE);
            return;
        }
        NetBuf frame = received;
        if (received.segmentCount() > 1 || received.isShared()) {
            frame = copy(received);
            if (frame == null) {
                return;
            }
        }
        StackCounter refusal = refusal(frame);
        if (refusal != null) {
            link.drop(frame, refusal);
            return;
        }
        switch (EthernetHeader.etherType(frame)) {
            case EthernetHeader.TYPE_IPV4 -> receiveIpv4(frame);
            case EthernetHeader.TYPE_ARP -> arp.receive(frame);
            case EthernetHeader.TYPE_VLAN, EthernetHeader.TYPE_SERVICE_VLAN ->
                link.drop(frame, StackCounter.VLAN_TAGGED);
            default -> link.drop(frame, StackCounter.OTHER_ETHER_TYPE);
        }
    }

    private StackCounter refusal(NetBuf frame) {
        if (!EthernetHeader.isWellFormed(frame)) {
            return StackCounter.RUNT;
        }
        long source = EthernetHeader.source(frame);
        if (source == link.mac()) {
            return StackCounter.LOOPED_BACK;
        }
        if (EthernetHeader.isGroup(source)) {
            return StackCounter.BAD_SOURCE_MAC;
        }
        long destination = EthernetHeader.destination(frame);
        return destination == link.mac() || destination == MacAddress.BROADCAST.value()
                ? null
                : StackCounter.OTHER_MAC;
    }

    private void receiveIpv4(NetBuf frame) {
        if (!ipv4.accept(frame)) {
            return;
        }
        switch (Ipv4Header.protocol(frame, Ipv4.AT)) {
            case Ipv4Header.PROTOCOL_UDP -> udp.receive(frame);
            case Ipv4Header.PROTOCOL_ICMP -> icmp.receive(frame);
            default -> {
                link.count(StackCounter.IPV4_OTHER_PROTOCOL);
                icmp.refuse(frame, IcmpHeader.PROTOCOL_UNREACHABLE);
            }
        }
    }

    /** One piece that nobody else holds, instead of several or shared ones; null if there is no buffer (counted). */
    private NetBuf copy(NetBuf received) {
        NetBuf copy = link.allocate();
        if (copy != null) {
            int length = received.totalLength();
            copy.append(length);
            received.copyTo(0, copy.segment(), copy.dataOffset(), length);
            copy.flags(received.flags() & NetBuf.CHECKSUM_VALID);
            if ((received.flags() & NetBuf.CHECKSUM_PARTIAL) != 0) {
                copy.partialChecksum(received.checksumStart(), received.checksumOffset());
            }
            link.count(StackCounter.COPIED);
        }
        received.free();
        return copy;
    }
}
