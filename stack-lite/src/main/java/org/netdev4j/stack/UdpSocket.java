package org.netdev4j.stack;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

import org.netdev4j.netbuf.NetBuf;

/** A bound UDP port (RFC 768). */
public final class UdpSocket implements AutoCloseable {
    private static final int MAX_PORT = 0xffff;

    private final Udp udp;
    private final Link link;
    private final int port;
    private final UdpHandler handler;
    private boolean closed;

    UdpSocket(Udp udp, Link link, int port, UdpHandler handler) {
        this.udp = udp;
        this.link = link;
        this.port = port;
        this.handler = Objects.requireNonNull(handler, "handler");
    }

    public int port() {
        return port;
    }

    /**
     * Sends a datagram without copying it.
     *
     * @param payload the data of the datagram, in one piece, with the headroom of {@link NetStack#allocate()}; nobody else
     *     may hold a reference; its flags are cleared
     * @return true: taken; false: it could not be sent (no route, too many packets waiting for the neighbour's address or
     *     for the device; counted) and stays the caller's, with the same data
     * @throws IllegalArgumentException if the port or the payload is not possible
     * @throws IllegalStateException if this socket is closed
     */
    public boolean send(int destination, int destinationPort, NetBuf payload) {
        check(destinationPort, payload.totalLength());
        if (payload.segmentCount() != 1) {
            throw new IllegalArgumentException(
                    "the payload is in " + payload.segmentCount() + " pieces: expected a buffer in one piece");
        }
        return udp.send(payload, port, destination, destinationPort);
    }

    /**
     * Sends a copy of {@code length} bytes as a datagram.
     *
     * @return false if it could not be sent: as above, or no buffer (counted)
     * @throws IllegalArgumentException if the port or the payload is not possible
     * @throws IllegalStateException if this socket is closed
     */
    public boolean send(int destination, int destinationPort, MemorySegment source, long offset, int length) {
        check(destinationPort, length);
        Objects.checkFromIndexSize(offset, length, source.byteSize());
        NetBuf payload = link.allocate();
        if (payload == null) {
            return false;
        }
        payload.append(length);
        payload.copyFrom(0, source, offset, length);
        if (!udp.send(payload, port, destination, destinationPort)) {
            payload.free();
            return false;
        }
        return true;
    }

    /** Unbinds the port. Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            udp.close(this);
        }
    }

    UdpHandler handler() {
        return handler;
    }

    private void check(int destinationPort, int payloadBytes) {
        if (closed) {
            throw new IllegalStateException("UDP socket " + port + " is closed");
        }
        if (destinationPort < 1 || destinationPort > MAX_PORT) {
            throw new IllegalArgumentException(
                    "UDP port " + destinationPort + " is not possible: expected 1 to " + MAX_PORT);
        }
        link.checkPayload(payloadBytes);
    }
}
