package org.netdev4j.stack;

import org.agrona.collections.Int2ObjectHashMap;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.stack.wire.IcmpHeader;
import org.netdev4j.stack.wire.Ipv4Header;
import org.netdev4j.stack.wire.UdpHeader;

/** UDP (RFC 768; RFC 1122 §4.1): finds the socket of a datagram, and sends datagrams. */
final class Udp {
    private static final int MAX_PORT = 0xffff;
    private static final int FIRST_DYNAMIC_PORT = 49152;
    private static final int DYNAMIC_PORTS = MAX_PORT - FIRST_DYNAMIC_PORT + 1;
    private static final int AT = Ipv4.PAYLOAD_AT;
    private static final int HEADERS = AT + UdpHeader.LENGTH;

    private final Link link;
    private final Ipv4 ipv4;
    private final Icmp icmp;
    private final Int2ObjectHashMap<UdpSocket> sockets = new Int2ObjectHashMap<>();
    private final UdpDatagram datagram = new UdpDatagram(this);
    private int dynamicPorts;

    Udp(Link link, Ipv4 ipv4, Icmp icmp) {
        this.link = link;
        this.ipv4 = ipv4;
        this.icmp = icmp;
    }

    UdpSocket bind(int port, UdpHandler handler) {
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("UDP port " + port + " is not possible: expected 1 to " + MAX_PORT);
        }
        if (sockets.containsKey(port)) {
            throw new IllegalStateException("UDP port " + port + " is bound already: close that socket first");
        }
        UdpSocket socket = new UdpSocket(this, link, port, handler);
        sockets.put(port, socket);
        return socket;
    }

    UdpSocket bindDynamic(UdpHandler handler) {
        for (int tries = 0; tries < DYNAMIC_PORTS; tries++) {
            int port = FIRST_DYNAMIC_PORT + dynamicPorts++ % DYNAMIC_PORTS;
            if (!sockets.containsKey(port)) {
                return bind(port, handler);
            }
        }
        throw new IllegalStateException(
                "UDP ports " + FIRST_DYNAMIC_PORT + " to " + MAX_PORT + " are all bound: close a socket first");
    }

    void close(UdpSocket socket) {
        sockets.remove(socket.port());
    }

    /** Takes a frame that {@link Ipv4#accept} accepted. */
    void receive(NetBuf frame) {
        int at = Ipv4.payloadAt(frame);
        if (!UdpHeader.isWellFormed(frame, at, frame.length() - at)) {
            link.drop(frame, StackCounter.UDP_MALFORMED);
            return;
        }
        if (!Offload.vouchesFor(frame, at, UdpHeader.CHECKSUM_OFFSET) && !UdpHeader.isChecksumCorrect(frame, at,
                Ipv4Header.source(frame, Ipv4.AT), Ipv4Header.destination(frame, Ipv4.AT))) {
            link.drop(frame, StackCounter.UDP_BAD_CHECKSUM);
            return;
        }
        UdpSocket socket = sockets.get(UdpHeader.destinationPort(frame, at));
        if (socket == null) {
            link.count(StackCounter.UDP_NO_SOCKET);
            icmp.refuse(frame, IcmpHeader.PORT_UNREACHABLE);
            return;
        }
        link.count(StackCounter.UDP_RECEIVED);
        frame.trimBack(frame.length() - at - UdpHeader.length(frame, at));
        datagram.deliver(frame, at, socket.handler());
    }

    /** Sends an accepted frame back with the same payload; false if it was dropped (counted). */
    boolean echo(NetBuf frame) {
        boolean partial = Offload.isPartial(frame, Ipv4.payloadAt(frame), UdpHeader.CHECKSUM_OFFSET);
        ipv4.turnRound(frame);
        UdpHeader.swapPorts(frame, AT);
        if (partial) {
            frame.partialChecksum(AT, UdpHeader.CHECKSUM_OFFSET);
        }
        boolean sent = link.transmitter().send(frame);
        if (sent) {
            link.count(StackCounter.UDP_SENT);
        }
        return sent;
    }

    /** Sends the data of a buffer as a datagram; false if it cannot be sent (counted) and stays as it was. */
    boolean send(NetBuf payload, int sourcePort, int destination, int destinationPort) {
        int length = UdpHeader.LENGTH + payload.length();
        payload.flags(0);
        payload.prepend(HEADERS);
        UdpHeader.write(payload, AT, sourcePort, destinationPort, length);
        UdpHeader.writeChecksum(payload, AT, link.address(), destination);
        if (!ipv4.send(payload, Ipv4Header.PROTOCOL_UDP, destination)) {
            payload.trimFront(HEADERS);
            return false;
        }
        link.count(StackCounter.UDP_SENT);
        return true;
    }
}
