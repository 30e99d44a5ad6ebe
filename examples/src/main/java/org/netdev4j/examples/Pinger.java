package org.netdev4j.examples;

import java.util.concurrent.TimeUnit;

import org.netdev4j.stack.EchoClient;
import org.netdev4j.stack.EchoListener;
import org.netdev4j.stack.EchoReply;
import org.netdev4j.stack.IcmpError;
import org.netdev4j.stack.Ipv4Address;
import org.netdev4j.stack.NetStack;

/** Sends ICMP echo requests at equal intervals and waits for the replies. */
final class Pinger implements Activity, EchoListener {
    /** The first request goes alone: few packets can wait for the address of a neighbour. */
    private static final long FIRST_ALONE_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORT_LINGER_NS = TimeUnit.SECONDS.toNanos(1);

    private final EchoClient client;
    private final Plan plan;
    private final PingReport report;
    private int sent;
    private long nextSend;
    private long lastSent;
    private boolean done;

    /**
     * What to send.
     *
     * @param destination an address, as in {@link Ipv4Address}
     * @param payloadBytes behind the ICMP header
     * @param count requests, {@link Integer#MAX_VALUE} for no end
     * @param intervalNs between requests
     * @param lingerNs longest wait for replies after the last request
     */
    record Plan(int destination, int payloadBytes, int count, long intervalNs, long lingerNs) {}

    Pinger(NetStack stack, Plan plan, PingReport report) {
        this.client = stack.openEcho(this);
        this.plan = plan;
        this.report = report;
    }

    @Override
    public void doWork(long now) {
        boolean allSent = sent == plan.count;
        boolean due = sent == 0 || now - nextDue() >= 0;
        if (allSent && (due || report.pending() <= 0)) {
            done = true;
        } else if (!allSent && due) {
            send(now);
        }
    }

    @Override
    public long idleTime(long now) {
        return nextDue() - now;
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public void onReply(EchoReply reply) {
        report.reply(Ipv4Address.format(reply.source()), reply.messageBytes(), reply.sequence(), reply.ttl(),
                reply.rttNs(), reply.isDuplicate());
    }

    @Override
    public void onError(int sequence, int reporter, IcmpError error) {
        report.error(Ipv4Address.format(reporter), sequence, error.description());
    }

    /** When to send the next request, or to give up on replies. */
    private long nextDue() {
        if (sent == plan.count) {
            return lastSent + lingerNs();
        }
        boolean neighbourUnknown = sent == 1 && report.pending() > 0;
        return neighbourUnknown ? lastSent + Math.max(plan.intervalNs, FIRST_ALONE_NS) : nextSend;
    }

    /** Once a reply has come, the last one is not waited for as long as for the first; as ping(8). */
    private long lingerNs() {
        if (report.rtts().count() == 0) {
            return plan.lingerNs;
        }
        return Math.min(plan.lingerNs, Math.max(SHORT_LINGER_NS, 2 * report.rtts().maxNs()));
    }

    private void send(long now) {
        sent++;
        report.transmitted();
        if (!client.send(plan.destination, sent, plan.payloadBytes)) {
            report.notSent(sent);
        }
        lastSent = now;
        nextSend = (sent == 1 ? now : Math.max(nextSend, now - plan.intervalNs)) + plan.intervalNs;
    }
}
