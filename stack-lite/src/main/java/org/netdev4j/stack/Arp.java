package org.netdev4j.stack;

import java.util.function.Consumer;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.stack.Neighbour.State;
import org.netdev4j.stack.wire.ArpPacket;
import org.netdev4j.stack.wire.EthernetHeader;

/**
 * Address resolution (RFC 826; RFC 1122 §2.3.2): answers for our address, finds and ages the neighbours' addresses, and
 * keeps a few packets until they can be sent.
 * <p>
 * Only an answer that we waited for makes a neighbour REACHABLE. What others tell unasked is believed until it is used, and
 * then asked for; it never pushes a REACHABLE neighbour out of the table.
 */
final class Arp {
    /** Packets that wait for MAC addresses, of all neighbours together. */
    static final int MAX_PENDING = 64;
    static final int MAX_REQUESTS = 3;
    static final long RETRY_NS = 1_000_000_000L;
    static final long REACHABLE_NS = 60_000_000_000L;
    static final long STALE_NS = 600_000_000_000L;

    private static final int AT = EthernetHeader.LENGTH;
    private static final int FRAME_LENGTH = EthernetHeader.LENGTH + ArpPacket.LENGTH;

    private final Link link;
    private final Consumer<NetBuf> undeliverable;
    private final NeighbourTable table = new NeighbourTable();
    private final NetBuf[] drained = new NetBuf[Neighbour.MAX_PENDING];
    private int pending;
    private long nextDeadlineNs = NetStack.NEVER;

    /** @param undeliverable takes the frames whose neighbour does not answer */
    Arp(Link link, Consumer<NetBuf> undeliverable) {
        this.link = link;
        this.undeliverable = undeliverable;
    }

    /** Takes a received frame of EtherType ARP. */
    void receive(NetBuf frame) {
        if (!ArpPacket.isWellFormed(frame, AT)) {
            link.drop(frame, StackCounter.ARP_MALFORMED);
            return;
        }
        long senderMac = ArpPacket.senderMac(frame, AT);
        int senderIp = ArpPacket.senderIp(frame, AT);
        if (EthernetHeader.isGroup(senderMac) || senderMac == 0) {
            link.drop(frame, StackCounter.ARP_MALFORMED);
        } else if (senderMac == link.mac()) {
            link.drop(frame, StackCounter.LOOPED_BACK);
        } else if (senderIp == link.address()) {
            link.drop(frame, StackCounter.ARP_CONFLICT);
        } else {
            boolean forUs = ArpPacket.targetIp(frame, AT) == link.address();
            boolean reply = ArpPacket.operation(frame, AT) == ArpPacket.REPLY;
            learn(senderIp, senderMac, forUs, forUs && reply);
            if (!forUs) {
                link.drop(frame, StackCounter.ARP_FOR_OTHERS);
            } else if (reply) {
                link.drop(frame, StackCounter.ARP_REPLIES_RECEIVED);
            } else {
                link.count(StackCounter.ARP_REQUESTS_RECEIVED);
                answer(frame, senderMac, senderIp);
            }
        }
    }

    /**
     * Sends a frame that is complete but for its Ethernet header, or keeps it until the neighbour's address is known.
     *
     * @return false if it cannot be sent (counted); it stays the caller's
     */
    boolean send(NetBuf frame, int neighbourIp) {
        Neighbour neighbour = table.find(neighbourIp);
        if (neighbour == null) {
            neighbour = table.add(neighbourIp, true);
            if (neighbour == null) {
                link.count(StackCounter.NEIGHBOUR_QUEUE_FULL);
                return false;
            }
            neighbour.state = State.INCOMPLETE;
            request(neighbour, link.clock().nanoTime());
        }
        if (!neighbour.isMacKnown()) {
            return keep(frame, neighbour);
        }
        EthernetHeader.write(frame, neighbour.mac, link.mac(), EthernetHeader.TYPE_IPV4);
        if (!link.transmitter().offer(frame)) {
            return false;
        }
        if (neighbour.state == State.STALE) {
            neighbour.state = State.PROBE;
            neighbour.requests = 0;
            request(neighbour, link.clock().nanoTime());
        }
        return true;
    }

    /** Broadcasts our address (RFC 5227 §2.3). */
    void announce() {
        sendRequest(MacAddress.BROADCAST.value(), link.address());
    }

    /** When {@link #runTimers} has something to do, or {@link NetStack#NEVER}. */
    long nextDeadlineNs() {
        return nextDeadlineNs;
    }

    /** Does what is due; returns the number of neighbours it was due for. */
    int runTimers(long nowNs) {
        if (nextDeadlineNs == NetStack.NEVER || nowNs - nextDeadlineNs < 0) {
            return 0;
        }
        nextDeadlineNs = NetStack.NEVER;
        int expired = 0;
        for (int i = table.size() - 1; i >= 0; i--) {
            Neighbour neighbour = table.get(i);
            if (nowNs - neighbour.deadlineNs < 0) {
                wakeAt(neighbour.deadlineNs);
            } else {
                expired++;
                expire(neighbour, i, nowNs);
            }
        }
        return expired;
    }

    /** Frees the packets that wait. */
    void close() {
        for (int i = 0; i < table.size(); i++) {
            NetBuf.free(drained, 0, drainPending(table.get(i)));
        }
    }

    private void answer(NetBuf frame, long senderMac, int senderIp) {
        frame.trimBack(frame.length() - FRAME_LENGTH);
        frame.flags(0);
        EthernetHeader.write(frame, senderMac, link.mac(), EthernetHeader.TYPE_ARP);
        ArpPacket.write(frame, AT, ArpPacket.REPLY, link.mac(), link.address(), senderMac, senderIp);
        if (link.transmitter().send(frame)) {
            link.count(StackCounter.ARP_REPLIES_SENT);
        }
    }

    private boolean keep(NetBuf frame, Neighbour neighbour) {
        if (neighbour.isPendingFull() || pending == MAX_PENDING) {
            link.count(StackCounter.NEIGHBOUR_QUEUE_FULL);
            return false;
        }
        neighbour.addPending(frame);
        pending++;
        return true;
    }

    private void learn(int ip, long mac, boolean forUs, boolean reply) {
        Neighbour neighbour = table.find(ip);
        if (neighbour == null) {
            if (forUs && ip != 0 && link.nextHop(ip) == ip) {
                neighbour = table.add(ip, false);
                if (neighbour != null) {
                    neighbour.mac = mac;
                    enter(neighbour, State.STALE, STALE_NS);
                }
            }
            return;
        }
        boolean asked = neighbour.state == State.INCOMPLETE || neighbour.state == State.PROBE;
        if (reply && asked) {
            neighbour.mac = mac;
            enter(neighbour, State.REACHABLE, REACHABLE_NS);
            release(neighbour);
        } else if (neighbour.state == State.INCOMPLETE || neighbour.mac != mac) {
            neighbour.mac = mac;
            enter(neighbour, State.STALE, STALE_NS);
            release(neighbour);
        }
    }

    private void release(Neighbour neighbour) {
        int count = drainPending(neighbour);
        for (int i = 0; i < count; i++) {
            EthernetHeader.write(drained[i], neighbour.mac, link.mac(), EthernetHeader.TYPE_IPV4);
            link.transmitter().send(drained[i]);
            drained[i] = null;
        }
    }

    private void expire(Neighbour neighbour, int index, long nowNs) {
        switch (neighbour.state) {
            case REACHABLE -> enterAt(neighbour, State.STALE, nowNs + STALE_NS);
            case STALE -> table.remove(index);
            case INCOMPLETE, PROBE -> {
                if (neighbour.requests < MAX_REQUESTS) {
                    request(neighbour, nowNs);
                } else {
                    giveUp(neighbour, index);
                }
            }
        }
    }

    private void giveUp(Neighbour neighbour, int index) {
        // Removed first: whoever hears of it may send again and use the same entry.
        int count = drainPending(neighbour);
        table.remove(index);
        int next = 0;
        try {
            while (next < count) {
                NetBuf frame = drained[next];
                drained[next++] = null;
                link.count(StackCounter.NEIGHBOUR_UNREACHABLE);
                undeliverable.accept(frame);
            }
        } finally {
            NetBuf.free(drained, next, count - next);
        }
    }

    private int drainPending(Neighbour neighbour) {
        int count = neighbour.drainPending(drained);
        pending -= count;
        return count;
    }

    /** Asks everyone for an unknown address, and the neighbour itself whether a known one is still right. */
    private void request(Neighbour neighbour, long nowNs) {
        neighbour.requests++;
        neighbour.deadlineNs = nowNs + RETRY_NS;
        wakeAt(neighbour.deadlineNs);
        sendRequest(neighbour.isMacKnown() ? neighbour.mac : MacAddress.BROADCAST.value(), neighbour.address);
    }

    private void sendRequest(long destination, int targetIp) {
        NetBuf frame = link.allocate();
        if (frame == null) {
            return;
        }
        frame.append(FRAME_LENGTH);
        EthernetHeader.write(frame, destination, link.mac(), EthernetHeader.TYPE_ARP);
        ArpPacket.write(frame, AT, ArpPacket.REQUEST, link.mac(), link.address(), 0, targetIp);
        if (link.transmitter().send(frame)) {
            link.count(StackCounter.ARP_REQUESTS_SENT);
        }
    }

    private void enter(Neighbour neighbour, State state, long durationNs) {
        enterAt(neighbour, state, link.clock().nanoTime() + durationNs);
    }

    private void enterAt(Neighbour neighbour, State state, long deadlineNs) {
        neighbour.state = state;
        neighbour.deadlineNs = deadlineNs;
        wakeAt(deadlineNs);
    }

    private void wakeAt(long deadlineNs) {
        if (nextDeadlineNs == NetStack.NEVER || deadlineNs - nextDeadlineNs < 0) {
            nextDeadlineNs = deadlineNs;
        }
    }
}
