/** A small stack over a NetDev: Ethernet, ARP, IPv4, ICMP echo and UDP. */
module org.netdev4j.stack {
    requires transitive org.netdev4j.netdev;
    requires transitive org.agrona;

    exports org.netdev4j.stack;
    exports org.netdev4j.stack.wire;
}
