package org.netdev4j.stack;

import static org.netdev4j.stack.StackCounter.Kind.DROPPED;
import static org.netdev4j.stack.StackCounter.Kind.IGNORED;
import static org.netdev4j.stack.StackCounter.Kind.TRAFFIC;

/** What a stack counts, packets all of it; {@link #description()} says it in words. */
public enum StackCounter {
    ARP_REQUESTS_RECEIVED(TRAFFIC, "ARP requests for our address"),
    ARP_REPLIES_RECEIVED(TRAFFIC, "ARP replies to us"),
    ARP_REQUESTS_SENT(TRAFFIC, "ARP requests sent"),
    ARP_REPLIES_SENT(TRAFFIC, "ARP replies sent"),
    ECHO_REQUESTS_ANSWERED(TRAFFIC, "echo requests answered"),
    ECHO_REQUESTS_SENT(TRAFFIC, "echo requests sent"),
    ECHO_REPLIES_RECEIVED(TRAFFIC, "echo replies received"),
    ICMP_ERRORS_RECEIVED(TRAFFIC, "ICMP errors received"),
    ICMP_ERRORS_SENT(TRAFFIC, "ICMP errors sent"),
    UDP_RECEIVED(TRAFFIC, "UDP datagrams received"),
    UDP_SENT(TRAFFIC, "UDP datagrams sent"),
    COPIED(TRAFFIC, "packets in several pieces, copied into one"),

    OTHER_MAC(IGNORED, "frames for another MAC address or a group"),
    OTHER_ETHER_TYPE(IGNORED, "frames of another EtherType"),
    VLAN_TAGGED(IGNORED, "frames with a VLAN tag"),
    LOOPED_BACK(IGNORED, "frames of our own"),
    ARP_FOR_OTHERS(IGNORED, "ARP packets for another address"),
    IPV4_FOR_OTHERS(IGNORED, "IPv4 packets for another address"),
    IPV4_BROADCAST(IGNORED, "IPv4 broadcasts and multicasts"),
    ICMP_OTHER_TYPE(IGNORED, "ICMP messages of other types"),

    RUNT(DROPPED, "frames shorter than a header"),
    OVERSIZE(DROPPED, "frames larger than the MTU allows"),
    BAD_SOURCE_MAC(DROPPED, "frames from a group address"),
    ARP_MALFORMED(DROPPED, "ARP packets malformed"),
    ARP_CONFLICT(DROPPED, "ARP packets of another host with our address"),
    IPV4_MALFORMED(DROPPED, "IPv4 headers malformed"),
    IPV4_BAD_CHECKSUM(DROPPED, "IPv4 header checksums wrong"),
    IPV4_BAD_SOURCE(DROPPED, "IPv4 packets from an address no host can have"),
    IPV4_FRAGMENT(DROPPED, "IPv4 fragments"),
    IPV4_OTHER_PROTOCOL(DROPPED, "IPv4 packets of other protocols"),
    ICMP_MALFORMED(DROPPED, "ICMP messages malformed"),
    ICMP_BAD_CHECKSUM(DROPPED, "ICMP checksums wrong"),
    ICMP_UNEXPECTED(DROPPED, "ICMP replies and errors for nothing that was sent"),
    ICMP_RATE_LIMITED(DROPPED, "ICMP errors not sent, too many"),
    UDP_MALFORMED(DROPPED, "UDP headers malformed"),
    UDP_BAD_CHECKSUM(DROPPED, "UDP checksums wrong"),
    UDP_NO_SOCKET(DROPPED, "UDP datagrams for a port that is not bound"),
    NO_BUFFER(DROPPED, "packets lost for want of a buffer"),
    NO_ROUTE(DROPPED, "packets not sent, no route"),
    NEIGHBOUR_QUEUE_FULL(DROPPED, "packets not sent, too many wait for the neighbour's address"),
    NEIGHBOUR_UNREACHABLE(DROPPED, "packets lost, neighbour does not answer ARP"),
    TRANSMIT_FULL(DROPPED, "packets lost, transmit backlog full");

    /** What a count says about the packets counted. */
    public enum Kind {
        /** Handled as it should be. */
        TRAFFIC,
        /** Not meant for this stack. */
        IGNORED,
        /** Lost or refused. */
        DROPPED
    }

    private final Kind kind;
    private final String description;

    StackCounter(Kind kind, String description) {
        this.kind = kind;
        this.description = description;
    }

    public Kind kind() {
        return kind;
    }

    /** A few words for a person. */
    public String description() {
        return description;
    }
}
