package org.netdev4j.netbuf;

/** What kind of packet is larger than a frame: how to cut it into segments. */
public enum GsoType {
    NONE,
    TCP_IPV4,
    TCP_IPV6,
    /** Datagrams over IPv4 or IPv6, each with a UDP header of its own (virtio: UDP_L4). */
    UDP,
    /** TCP with explicit congestion notification: CWR on the first segment only. */
    TCP_IPV4_ECN,
    TCP_IPV6_ECN
}
