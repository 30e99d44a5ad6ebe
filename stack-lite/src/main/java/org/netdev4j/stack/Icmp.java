package org.netdev4j.stack;

import org.agrona.collections.Int2ObjectHashMap;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.stack.wire.EthernetHeader;
import org.netdev4j.stack.wire.IcmpHeader;
import org.netdev4j.stack.wire.Ipv4Header;

/** ICMP for a host (RFC 792; RFC 1122 §3.2.2): echo in both directions, and the errors that unwanted packets get. */
final class Icmp {
    /** Bytes of an error, IPv4 header included, that no link has to fragment. */
    private static final int MAX_ERROR_LENGTH = 576;
    private static final int ERROR_HEADERS = Ipv4Header.LENGTH + IcmpHeader.LENGTH;
    private static final int ERROR_BURST = 50;
    private static final long ERROR_INTERVAL_NS = 10_000_000;
    private static final int MAX_IDENTIFIER = 0xffff;

    private final Link link;
    private final Ipv4 ipv4;
    private final TokenBucket errorLimit;
    private final Int2ObjectHashMap<EchoClient> clients = new Int2ObjectHashMap<>();
    private int lastIdentifier;

    Icmp(Link link, Ipv4 ipv4) {
        this.link = link;
        this.ipv4 = ipv4;
        this.errorLimit = new TokenBucket(ERROR_BURST, ERROR_INTERVAL_NS, link.clock().nanoTime());
    }

    EchoClient open(EchoListener listener) {
        if (clients.size() == MAX_IDENTIFIER) {
            throw new IllegalStateException("all " + MAX_IDENTIFIER + " echo identifiers are in use: close a client");
        }
        do {
            lastIdentifier = lastIdentifier % MAX_IDENTIFIER + 1;
        } while (clients.containsKey(lastIdentifier));
        EchoClient client = new EchoClient(this, link, lastIdentifier, listener);
        clients.put(lastIdentifier, client);
        return client;
    }

    void close(EchoClient client) {
        clients.remove(client.identifier());
    }

    /** Sends an echo request whose payload is in place; true: taken. */
    boolean sendRequest(NetBuf frame, int destination, int identifier, int sequence) {
        IcmpHeader.write(frame, Ipv4.PAYLOAD_AT, IcmpHeader.ECHO_REQUEST, 0, identifier, sequence);
        IcmpHeader.writeChecksum(frame, Ipv4.PAYLOAD_AT, frame.length() - Ipv4.PAYLOAD_AT);
        return ipv4.send(frame, Ipv4Header.PROTOCOL_ICMP, destination);
    }

    /** Takes a frame that {@link Ipv4#accept} accepted. */
    void receive(NetBuf frame) {
        int at = Ipv4.payloadAt(frame);
        int length = frame.length() - at;
        if (!IcmpHeader.isWellFormed(frame, at, length)) {
            link.drop(frame, StackCounter.ICMP_MALFORMED);
            return;
        }
        if (!Offload.vouchesFor(frame, at, IcmpHeader.CHECKSUM_OFFSET)
                && !IcmpHeader.isChecksumCorrect(frame, at, length)) {
            link.drop(frame, StackCounter.ICMP_BAD_CHECKSUM);
            return;
        }
        switch (IcmpHeader.type(frame, at)) {
            case IcmpHeader.ECHO_REQUEST -> answer(frame);
            case IcmpHeader.ECHO_REPLY -> receiveReply(frame, at, length);
            case IcmpHeader.DESTINATION_UNREACHABLE, IcmpHeader.TIME_EXCEEDED -> receiveError(frame, at);
            default -> link.drop(frame, StackCounter.ICMP_OTHER_TYPE);
        }
    }

    /** Takes one of our own frames whose neighbour does not answer. */
    void undeliverable(NetBuf frame) {
        try {
            reportQuoted(frame, Ipv4.AT, link.address(), IcmpError.HOST_UNREACHABLE);
        } finally {
            frame.free();
        }
    }

    /** Answers an accepted frame with Destination Unreachable, in the same buffer, unless there were too many of late. */
    void refuse(NetBuf frame, int code) {
        if (!errorLimit.take(link.clock().nanoTime())) {
            link.drop(frame, StackCounter.ICMP_RATE_LIMITED);
            return;
        }
        if (frame.headroom() < ERROR_HEADERS) {
            link.drop(frame, StackCounter.NO_BUFFER);
            return;
        }
        long mac = EthernetHeader.source(frame);
        int source = Ipv4Header.source(frame, Ipv4.AT);
        int excess = frame.length() - Ipv4.AT - (Math.min(MAX_ERROR_LENGTH, link.mtu()) - ERROR_HEADERS);
        if (excess > 0) {
            frame.trimBack(excess);
        }
        frame.flags(0);
        frame.prepend(ERROR_HEADERS);
        IcmpHeader.write(frame, Ipv4.PAYLOAD_AT, IcmpHeader.DESTINATION_UNREACHABLE, code, 0, 0);
        IcmpHeader.writeChecksum(frame, Ipv4.PAYLOAD_AT, frame.length() - Ipv4.PAYLOAD_AT);
        ipv4.writeHeaders(frame, mac, Ipv4Header.PROTOCOL_ICMP, source);
        if (link.transmitter().send(frame)) {
            link.count(StackCounter.ICMP_ERRORS_SENT);
        }
    }

    private void answer(NetBuf frame) {
        boolean summed = (frame.flags() & NetBuf.CHECKSUM_PARTIAL) == 0;
        ipv4.turnRound(frame);
        IcmpHeader.changeType(frame, Ipv4.PAYLOAD_AT, IcmpHeader.ECHO_REPLY);
        if (!summed) {
            IcmpHeader.writeChecksum(frame, Ipv4.PAYLOAD_AT, frame.length() - Ipv4.PAYLOAD_AT);
        }
        if (link.transmitter().send(frame)) {
            link.count(StackCounter.ECHO_REQUESTS_ANSWERED);
        }
    }

    private void receiveReply(NetBuf frame, int at, int length) {
        EchoClient client = clients.get(IcmpHeader.identifier(frame, at));
        int sequence = IcmpHeader.sequence(frame, at);
        int source = Ipv4Header.source(frame, Ipv4.AT);
        int ttl = Ipv4Header.ttl(frame, Ipv4.AT);
        boolean expected = client != null && client.hasSent(sequence, source);
        link.drop(frame, expected ? StackCounter.ECHO_REPLIES_RECEIVED : StackCounter.ICMP_UNEXPECTED);
        if (expected) {
            client.replied(sequence, source, ttl, length);
        }
    }

    private void receiveError(NetBuf frame, int at) {
        IcmpError error = IcmpError.of(IcmpHeader.type(frame, at), IcmpHeader.code(frame, at));
        int reporter = Ipv4Header.source(frame, Ipv4.AT);
        try {
            boolean known = reportQuoted(frame, at + IcmpHeader.LENGTH, reporter, error);
            link.count(known ? StackCounter.ICMP_ERRORS_RECEIVED : StackCounter.ICMP_UNEXPECTED);
        } finally {
            frame.free();
        }
    }

    /** Whether the packet at {@code at}, of which only the start needs to be there, is one we sent; tells its client. */
    private boolean reportQuoted(NetBuf frame, int at, int reporter, IcmpError error) {
        if (!Ipv4Header.isHeaderWellFormed(frame, at) || Ipv4Header.source(frame, at) != link.address()) {
            return false;
        }
        int protocol = Ipv4Header.protocol(frame, at);
        if (protocol != Ipv4Header.PROTOCOL_ICMP) {
            return protocol == Ipv4Header.PROTOCOL_UDP;
        }
        int icmp = at + Ipv4Header.headerLength(frame, at);
        if (!IcmpHeader.isWellFormed(frame, icmp, frame.length() - icmp)
                || IcmpHeader.type(frame, icmp) != IcmpHeader.ECHO_REQUEST) {
            return false;
        }
        EchoClient client = clients.get(IcmpHeader.identifier(frame, icmp));
        int sequence = IcmpHeader.sequence(frame, icmp);
        if (client == null || !client.hasSent(sequence, Ipv4Header.destination(frame, at))) {
            return false;
        }
        client.failed(sequence, reporter, error);
        return true;
    }
}
