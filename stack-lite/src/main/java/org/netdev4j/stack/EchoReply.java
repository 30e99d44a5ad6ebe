package org.netdev4j.stack;

/** An ICMP echo reply. One object per client, reused. */
public final class EchoReply {
    EchoReply() {}

    /** Address it came from. */
    public int source() {
        throw new UnsupportedOperationException();
    }

    /** 0..65535. */
    public int sequence() {
        throw new UnsupportedOperationException();
    }

    /** Time to live it arrived with, hops. */
    public int ttl() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of the ICMP message: 8 and the payload, as ping(8) prints them. */
    public int messageBytes() {
        throw new UnsupportedOperationException();
    }

    /** Nanoseconds since the request was sent. */
    public long rttNs() {
        throw new UnsupportedOperationException();
    }

    /** This sequence number was answered before. */
    public boolean isDuplicate() {
        throw new UnsupportedOperationException();
    }
}
