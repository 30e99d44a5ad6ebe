/**
 * The headers of Ethernet, ARP, IPv4, ICMP and UDP: where each field is in a {@link org.netdev4j.netbuf.NetBuf}, and how to
 * read, check and write it.
 * <p>
 * An address is an {@code int} (IPv4) or the low 48 bits of a {@code long} (MAC), first byte on the wire highest. {@code at}
 * is where the header begins, in bytes from the first byte of the buffer's data; the whole header must be in that one
 * buffer, which {@code isWellFormed} tells for any bytes, and the other methods rely on.
 */
package org.netdev4j.stack.wire;
