package org.netdev4j.stack;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.NetBuf;

/**
 * A received UDP datagram, checked, in the buffer it came in. One object is used for all datagrams: it is valid until the
 * handler returns, or answers or takes the datagram, whichever is first; later use is an IllegalStateException.
 */
public final class UdpDatagram {
    UdpDatagram() {}

    /** Address of the sender. */
    public int source() {
        throw new UnsupportedOperationException();
    }

    public int sourcePort() {
        throw new UnsupportedOperationException();
    }

    /** Payload bytes. */
    public int length() {
        throw new UnsupportedOperationException();
    }

    /** Byte {@code index} of the payload, 0..255. */
    public int getUnsignedByte(int index) {
        throw new UnsupportedOperationException();
    }

    /** Copies payload bytes out. */
    public void copyTo(int index, MemorySegment target, long targetOffset, int length) {
        throw new UnsupportedOperationException();
    }

    /**
     * Sends the datagram back to its sender as it is, in the same buffer, without touching the payload.
     *
     * @return false if the transmit backlog is full (counted); the datagram is gone either way
     */
    public boolean echo() {
        throw new UnsupportedOperationException();
    }

    /**
     * The datagram's buffer, trimmed to the payload, with headroom to be sent again; the caller's to send or free.
     */
    public NetBuf take() {
        throw new UnsupportedOperationException();
    }
}
