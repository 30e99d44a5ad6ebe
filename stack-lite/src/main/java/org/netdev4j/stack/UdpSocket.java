package org.netdev4j.stack;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.NetBuf;

/** A bound UDP port (RFC 768). */
public final class UdpSocket implements AutoCloseable {
    UdpSocket() {}

    public int port() {
        throw new UnsupportedOperationException();
    }

    /**
     * Sends a datagram without copying it.
     *
     * @param payload the data of the datagram, in one piece with at least the headroom of {@link NetStack#allocate()}
     * @return true: taken; false: it could not be sent (no route, too many packets waiting for the neighbour's address or
     *     for the device; counted) and stays the caller's, unchanged
     * @throws IllegalArgumentException if the payload is larger than {@link NetStack#maxUdpPayload()}
     */
    public boolean send(int destination, int destinationPort, NetBuf payload) {
        throw new UnsupportedOperationException();
    }

    /**
     * Sends a copy of {@code length} bytes as a datagram.
     *
     * @return false if it could not be sent: as above, or no buffer (counted)
     * @throws IllegalArgumentException if the payload is larger than {@link NetStack#maxUdpPayload()}
     */
    public boolean send(int destination, int destinationPort, MemorySegment source, long offset, int length) {
        throw new UnsupportedOperationException();
    }

    /** Unbinds the port. Idempotent. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
