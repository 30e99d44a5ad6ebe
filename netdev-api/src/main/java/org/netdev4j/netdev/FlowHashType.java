package org.netdev4j.netdev;

/** What a device can make the hash of a flow of. */
public enum FlowHashType {
    /** Source and destination address. */
    IPV4,
    /** Addresses and ports. */
    TCPV4,
    UDPV4,
    IPV6,
    TCPV6,
    UDPV6,
    /** With the home address and the final destination of extension headers. */
    IPV6_EX,
    TCPV6_EX,
    UDPV6_EX
}
