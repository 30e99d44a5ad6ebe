/** Ethernet, ARP, IPv4, ICMP echo and UDP over a {@link org.netdev4j.netdev.NetDev}. */
package org.netdev4j.stack;
