package org.netdev4j.netdev.fault;

import java.util.SplittableRandom;

import org.netdev4j.netbuf.NetBuf;

/**
 * The way of packets through the faults of one queue: in by {@link #accept}, out in order by {@link #peek} and {@link #remove}
 * when they are due. It owns what is in it. Not thread-safe.
 */
final class FaultLine {
    /** Packets that it holds at most. */
    static final int CAPACITY = 1024;
    /** How long a packet waits for another one to overtake it, ns. */
    static final long REORDER_NANOS = 10_000_000;
    /** {@link #nextDue()} of an empty line. */
    static final long NEVER = Long.MAX_VALUE;

    private static final int MASK = CAPACITY - 1;
    /** Places that one packet takes at most: itself, its duplicate, the one it overtakes. */
    private static final int MOST_PLACES = 3;
    /** What a link that was idle lets pass at once, as time on the link, ns. */
    private static final long BURST_NANOS = 1_000_000;
    /** Before any time of the clock, and far from overflow. */
    private static final long LONG_AGO = Long.MIN_VALUE / 2;

    private final Faults faults;
    private final FaultCounters counters;
    private final SplittableRandom random;

    private final NetBuf[] packets = new NetBuf[CAPACITY];
    private final long[] due = new long[CAPACITY];
    private int head;
    private int size;
    private long lastDue = LONG_AGO;
    /** Until when the link is busy with what passed so far. */
    private long busyUntil = LONG_AGO;

    /** Waits to be overtaken, or null. */
    private NetBuf overtaken;
    private long overtakenUntil;

    FaultLine(Faults faults, FaultCounters counters, SplittableRandom random) {
        this.faults = faults;
        this.counters = counters;
        this.random = random;
    }

    /** How many packets it can accept. */
    int room() {
        return (CAPACITY - size - 1) / MOST_PLACES;
    }

    /** Takes a packet; true if it was dropped, it is free then. */
    boolean accept(NetBuf packet, long now) {
        if (happens(faults.drop())) {
            counters.dropped.increment();
            packet.free();
            return true;
        }
        NetBuf passing = packet;
        if (happens(faults.corrupt())) {
            counters.corrupted.increment();
            passing = BitFlip.apply(packet, random);
        }
        NetBuf duplicate = happens(faults.duplicate()) ? passing.copy() : null;
        boolean waits = happens(faults.reorder()) && overtaken == null;
        if (waits) {
            counters.reordered.increment();
            overtaken = passing;
            overtakenUntil = now + REORDER_NANOS;
        } else {
            enqueue(passing, now);
        }
        if (duplicate != null) {
            counters.duplicated.increment();
            enqueue(duplicate, now);
        }
        if (!waits && overtaken != null) {
            releaseOvertaken(now);
        }
        return false;
    }

    private boolean happens(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    private void releaseOvertaken(long now) {
        NetBuf packet = overtaken;
        overtaken = null;
        enqueue(packet, now);
    }

    private void enqueue(NetBuf packet, long now) {
        long passes = now;
        if (faults.rate() != null) {
            passes = Math.max(now, busyUntil - BURST_NANOS);
            busyUntil = Math.max(now, busyUntil) + faults.rate().busyNanos(packet.totalLength());
        }
        long at = Math.max(passes + faults.delayNanos(), lastDue);
        if (at > now) {
            counters.delayed.increment();
        }
        lastDue = at;
        int place = head + size++ & MASK;
        packets[place] = packet;
        due[place] = at;
    }

    /** The {@code index}th packet of those in line if it is due, else null; it stays in line. */
    NetBuf peek(int index, long now) {
        if (overtaken != null && now >= overtakenUntil) {
            releaseOvertaken(now);
        }
        int place = head + index & MASK;
        return index < size && due[place] <= now ? packets[place] : null;
    }

    /** Takes the first {@code count} packets out of line. */
    void remove(int count) {
        for (int i = 0; i < count; i++) {
            packets[head] = null;
            head = head + 1 & MASK;
        }
        size -= count;
    }

    /** When the next packet is due, or {@link #NEVER}. */
    long nextDue() {
        long next = size > 0 ? due[head] : NEVER;
        return overtaken != null ? Math.min(next, overtakenUntil) : next;
    }

    /** Frees all packets. @return how many */
    int clear() {
        int held = size;
        for (int i = 0; i < held; i++) {
            packets[head + i & MASK].free();
        }
        remove(held);
        if (overtaken != null) {
            overtaken.free();
            overtaken = null;
            held++;
        }
        lastDue = LONG_AGO;
        busyUntil = LONG_AGO;
        return held;
    }
}
