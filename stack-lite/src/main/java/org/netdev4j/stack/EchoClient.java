package org.netdev4j.stack;

import java.util.Arrays;
import java.util.Objects;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.stack.wire.IcmpHeader;

/**
 * Sends ICMP echo requests (RFC 792) and reports what comes back. It remembers the last {@value #WINDOW} sequence numbers
 * sent: replies to those are reported with their round-trip time, and as duplicates from the second on; anything else
 * is counted and dropped.
 */
public final class EchoClient implements AutoCloseable {
    /** Sequence numbers that can be waited for at a time. */
    public static final int WINDOW = 1024;

    private static final int MASK = WINDOW - 1;
    private static final int NEVER_SENT = -1;

    private final Icmp icmp;
    private final Link link;
    private final int identifier;
    private final EchoListener listener;
    private final EchoReply reply = new EchoReply();
    private final int[] sequences = new int[WINDOW];
    private final int[] destinations = new int[WINDOW];
    private final long[] sentAtNs = new long[WINDOW];
    private final boolean[] answered = new boolean[WINDOW];
    private boolean closed;

    EchoClient(Icmp icmp, Link link, int identifier, EchoListener listener) {
        this.icmp = icmp;
        this.link = link;
        this.identifier = identifier;
        this.listener = Objects.requireNonNull(listener, "listener");
        Arrays.fill(sequences, NEVER_SENT);
    }

    /** The identifier in every request of this client, 0..65535. */
    public int identifier() {
        return identifier;
    }

    /**
     * Sends a request; the round trip counts from here, the neighbour's resolution included.
     *
     * @param sequence only the low 16 bits are sent
     * @param payloadBytes 0..{@link NetStack#maxUdpPayload()}; filled with a counting pattern
     * @return false if it could not be sent (no route, no buffer, too many packets waiting; counted)
     * @throws IllegalStateException if this client is closed
     */
    public boolean send(int destination, int sequence, int payloadBytes) {
        if (closed) {
            throw new IllegalStateException("echo client " + identifier + " is closed");
        }
        link.checkPayload(payloadBytes);
        NetBuf frame = link.allocate();
        if (frame == null) {
            return false;
        }
        int payloadAt = Ipv4.PAYLOAD_AT + IcmpHeader.LENGTH;
        frame.append(payloadAt + payloadBytes);
        for (int i = 0; i < payloadBytes; i++) {
            frame.setByte(payloadAt + i, i);
        }
        int wireSequence = sequence & 0xffff;
        int slot = wireSequence & MASK;
        long nowNs = link.clock().nanoTime();
        if (!icmp.sendRequest(frame, destination, identifier, wireSequence)) {
            frame.free();
            return false;
        }
        sequences[slot] = wireSequence;
        destinations[slot] = destination;
        sentAtNs[slot] = nowNs;
        answered[slot] = false;
        link.count(StackCounter.ECHO_REQUESTS_SENT);
        return true;
    }

    /** No report from now on. Idempotent. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            icmp.close(this);
        }
    }

    /** Whether a request of that number went to that host, and not too long ago. */
    boolean hasSent(int sequence, int destination) {
        int slot = sequence & MASK;
        return sequences[slot] == sequence && destinations[slot] == destination;
    }

    void replied(int sequence, int source, int ttl, int messageBytes) {
        int slot = sequence & MASK;
        boolean duplicate = answered[slot];
        answered[slot] = true;
        long rttNs = link.clock().nanoTime() - sentAtNs[slot];
        listener.onReply(reply.set(source, sequence, ttl, messageBytes, rttNs, duplicate));
    }

    void failed(int sequence, int reporter, IcmpError error) {
        listener.onError(sequence, reporter, error);
    }
}
