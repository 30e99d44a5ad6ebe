package org.netdev4j.stack;

import java.util.ArrayList;
import java.util.List;

/** Keeps what an echo client reports, as text. */
final class RecordedEchoes implements EchoListener {
    final List<String> events = new ArrayList<>();

    @Override
    public void onReply(EchoReply reply) {
        events.add(reply.messageBytes() + " bytes from " + Ipv4Address.format(reply.source()) + ": seq="
                + reply.sequence() + " ttl=" + reply.ttl() + " time=" + reply.rttNs() + (reply.isDuplicate()
                        ? " DUP"
                        : ""));
    }

    @Override
    public void onError(int sequence, int reporter, IcmpError error) {
        events.add("from " + Ipv4Address.format(reporter) + ": seq=" + sequence + " " + error.description());
    }
}
