package org.netdev4j.stack;

/**
 * Sends ICMP echo requests (RFC 792) and reports what comes back. It remembers the last {@value #WINDOW} sequence numbers
 * sent: replies to those are reported with their round-trip time, and as duplicates from the second on; anything else
 * is counted and dropped.
 */
public final class EchoClient implements AutoCloseable {
    /** Sequence numbers that can be waited for at a time. */
    public static final int WINDOW = 1024;

    EchoClient() {}

    /** The identifier in every request of this client, 0..65535. */
    public int identifier() {
        throw new UnsupportedOperationException();
    }

    /**
     * Sends a request; the round trip counts from here, the neighbour's resolution included.
     *
     * @param sequence only the low 16 bits are sent
     * @param payloadBytes 0..{@link NetStack#maxUdpPayload()}; filled with a counting pattern
     * @return false if it could not be sent (no route, no buffer, too many packets waiting; counted)
     */
    public boolean send(int destination, int sequence, int payloadBytes) {
        throw new UnsupportedOperationException();
    }

    /** No report from now on. Idempotent. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
