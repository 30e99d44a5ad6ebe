package org.netdev4j.stack;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.stack.wire.Ipv4Header;
import org.netdev4j.stack.wire.UdpHeader;

/**
 * A received UDP datagram, checked, in the buffer it came in. One object is used for all datagrams: it is valid until the
 * handler returns, or answers or takes the datagram, whichever is first; later use is an IllegalStateException.
 */
public final class UdpDatagram {
    private final Udp udp;
    /** Null when there is no datagram. */
    private NetBuf frame;
    /** Where the UDP header is, bytes. */
    private int at;

    UdpDatagram(Udp udp) {
        this.udp = udp;
    }

    /** Address of the sender. */
    public int source() {
        return Ipv4Header.source(frame(), Ipv4.AT);
    }

    public int sourcePort() {
        return UdpHeader.sourcePort(frame(), at);
    }

    /** Payload bytes. */
    public int length() {
        return frame().length() - payloadAt();
    }

    /** Byte {@code index} of the payload, 0..255. */
    public int getUnsignedByte(int index) {
        return frame().getUnsignedByte(payloadAt() + Objects.checkIndex(index, length()));
    }

    /** Copies {@code length} bytes out, beginning with byte {@code index} of the payload. */
    public void copyTo(int index, MemorySegment target, long targetOffset, int length) {
        Objects.checkFromIndexSize(index, length, length());
        frame().copyTo(payloadAt() + index, target, targetOffset, length);
    }

    /**
     * Sends the datagram back to its sender as it is, in the same buffer, without touching the payload.
     *
     * @return false if the transmit backlog is full (counted); the datagram is gone either way
     */
    public boolean echo() {
        NetBuf echoed = frame();
        frame = null;
        return udp.echo(echoed);
    }

    /** The datagram's buffer, trimmed to the payload, with headroom to be sent again; the caller's to send or free. */
    public NetBuf take() {
        NetBuf taken = frame();
        frame = null;
        taken.trimFront(payloadAt());
        taken.flags(0);
        return taken;
    }

    /** Lends a frame to a handler, and frees it afterwards unless the handler made use of it. */
    void deliver(NetBuf received, int udpAt, UdpHandler handler) {
        frame = received;
        at = udpAt;
        try {
            handler.onDatagram(this);
        } finally {
            if (frame != null) {
                frame.free();
                frame = null;
            }
        }
    }

    private int payloadAt() {
        return at + UdpHeader.LENGTH;
    }

    private NetBuf frame() {
        if (frame == null) {
            throw new IllegalStateException("the datagram was answered or taken, or its handler has returned");
        }
        return frame;
    }
}
