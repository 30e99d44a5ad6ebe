package org.netdev4j.stack;

/** An ICMP echo reply. One object per client, reused. */
public final class EchoReply {
    private int source;
    private int sequence;
    private int ttl;
    private int messageBytes;
    private long rttNs;
    private boolean duplicate;

    EchoReply() {}

    EchoReply set(int newSource, int newSequence, int newTtl, int newMessageBytes, long newRttNs,
            boolean isDuplicate) {
        source = newSource;
        sequence = newSequence;
        ttl = newTtl;
        messageBytes = newMessageBytes;
        rttNs = newRttNs;
        duplicate = isDuplicate;
        return this;
    }

    /** Address it came from. */
    public int source() {
        return source;
    }

    /** 0..65535. */
    public int sequence() {
        return sequence;
    }

    /** Time to live it arrived with, hops. */
    public int ttl() {
        return ttl;
    }

    /** Bytes of the ICMP message: 8 and the payload, as ping(8) prints them. */
    public int messageBytes() {
        return messageBytes;
    }

    /** Nanoseconds since the request was sent. */
    public long rttNs() {
        return rttNs;
    }

    /** This sequence number was answered before. */
    public boolean isDuplicate() {
        return duplicate;
    }
}
