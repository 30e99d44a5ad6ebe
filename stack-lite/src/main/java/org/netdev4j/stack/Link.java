package org.netdev4j.stack;

import org.agrona.concurrent.NanoClock;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.stack.wire.Ipv4Header;
import org.netdev4j.stack.wire.UdpHeader;

/**
 * Our end of the link, shared by the protocols of one stack.
 *
 * @param mac our MAC address
 * @param cidr our IPv4 address and subnet
 * @param gateway where packets for other subnets go, 0 for nowhere
 * @param mtu largest IPv4 packet, bytes
 */
record Link(long mac, Ipv4Cidr cidr, int gateway, int mtu, NanoClock clock,
        NetBufPool pool, StackCounters counters, Transmitter transmitter) {
    int address() {
        return cidr.address();
    }

    /** An empty buffer, or null when the pool is empty (counted). */
    NetBuf allocate() {
        NetBuf buf = pool.allocate();
        if (buf == null) {
            counters.increment(StackCounter.NO_BUFFER);
        }
        return buf;
    }

    void count(StackCounter counter) {
        counters.increment(counter);
    }

    /** Frees a packet and counts why. */
    void drop(NetBuf packet, StackCounter reason) {
        counters.increment(reason);
        packet.free();
    }

    /** The neighbour to send a packet for {@code destination} to; 0 if there is no way to it. */
    int nextHop(int destination) {
        if (!Ipv4Address.isHost(destination) || destination == cidr.address() || cidr.isBroadcast(destination)) {
            return 0;
        }
        return cidr.contains(destination) ? destination : gateway;
    }

    /** Bytes that fit behind an 8-byte header of ICMP or UDP in one packet. */
    int maxPayload() {
        return mtu - Ipv4Header.LENGTH - UdpHeader.LENGTH;
    }

    void checkPayload(int bytes) {
        if (bytes < 0 || bytes > maxPayload()) {
            throw new IllegalArgumentException("a payload of " + bytes + " bytes is not possible: the MTU of " + mtu
                    + " leaves 0 to " + maxPayload());
        }
    }
}
