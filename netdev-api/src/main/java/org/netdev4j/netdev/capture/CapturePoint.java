package org.netdev4j.netdev.capture;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import org.netdev4j.netbuf.NetBuf;

/** Where the packets of one queue are recorded, by the thread that uses the queue. */
final class CapturePoint {
    /** Packets added between two looks at the clock. */
    static final int BURST = 64;

    final CapturedDevice device;
    final Direction direction;
    final int queue;
    final PacketRing ring;
    private final LongSupplier epochNanos;
    private final AtomicLong lost = new AtomicLong();
    private final long[] positions = new long[BURST];
    private long burstBegin;

    CapturePoint(CapturedDevice device, Direction direction, int queue, PacketRing ring, LongSupplier epochNanos) {
        this.device = device;
        this.direction = direction;
        this.queue = queue;
        this.ring = ring;
        this.epochNanos = epochNanos;
    }

    /** Packets that found no room. Any thread. */
    long lost() {
        return lost.get();
    }

    /** Copies up to {@link #BURST} packets, tentatively. */
    void add(NetBuf[] packets, int from, int count) {
        long now = epochNanos.getAsLong();
        burstBegin = ring.position();
        for (int i = 0; i < count; i++) {
            NetBuf packet = packets[from + i];
            ring.add(now, PacketFlags.ofCaptured(direction, packet), packet);
            positions[i] = ring.position();
        }
    }

    /** The first {@code count} of those added are captured, or lost; the rest was never sent. */
    void publish(int count) {
        int full = 0;
        long position = burstBegin;
        for (int i = 0; i < count; i++) {
            if (positions[i] == position) {
                full++;
            }
            position = positions[i];
        }
        ring.publish(position);
        if (full > 0) {
            lost.lazySet(lost.getPlain() + full);
        }
    }
}
