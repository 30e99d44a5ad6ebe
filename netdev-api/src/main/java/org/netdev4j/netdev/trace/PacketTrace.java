package org.netdev4j.netdev.trace;

import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.ForwardingNetDevOps;
import org.netdev4j.netdev.ForwardingRxQueue;
import org.netdev4j.netdev.ForwardingTxQueue;
import org.netdev4j.netdev.NetDevDecorator;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;

/**
 * Tells of every packet of a device in one line: the time in UTC, device and queue, length, addresses, EtherType, and what is
 * special about it. For people: it allocates, and takes the time of the queue's thread.
 *
 * <pre>
 * 12:34:56.123456789 tap:nd0 rx0 98 bytes 02:00:00:00:00:01 &gt; 02:00:00:00:00:02 IPv4 (0x0800) checksum valid
 * </pre>
 */
public final class PacketTrace implements NetDevDecorator {
    private final Consumer<String> lines;
    private final LongSupplier epochNanos;

    /**
     * @param lines called by the threads of the queues
     * @param epochNanos nanoseconds since 1970-01-01T00:00Z, asked once a burst
     */
    public PacketTrace(Consumer<String> lines, LongSupplier epochNanos) {
        this.lines = Objects.requireNonNull(lines, "lines");
        this.epochNanos = Objects.requireNonNull(epochNanos, "epochNanos");
    }

    @Override
    public NetDevOps decorate(NetDevOps device, String name) {
        return new ForwardingNetDevOps(device) {
            @Override
            public RxQueue configureRxQueue(int index, RxQueueConfig config) {
                return new Received(inner.configureRxQueue(index, config), name + " rx" + index);
            }

            @Override
            public TxQueue configureTxQueue(int index, TxQueueConfig config) {
                return new Sent(inner.configureTxQueue(index, config), name + " tx" + index);
            }
        };
    }

    private final class Received extends ForwardingRxQueue {
        private final String name;

        Received(RxQueue inner, String name) {
            super(inner);
            this.name = name;
        }

        @Override
        protected int receiveBurst(NetBuf[] bufs, int from, int count) {
            int received = super.receiveBurst(bufs, from, count);
            if (received > 0) {
                long now = epochNanos.getAsLong();
                for (int i = 0; i < received; i++) {
                    lines.accept(FrameLine.of(now, name, bufs[from + i]));
                }
            }
            return received;
        }
    }

    private final class Sent extends ForwardingTxQueue {
        private final String name;

        Sent(TxQueue inner, String name) {
            super(inner);
            this.name = name;
        }

        /** Packets that were taken are not ours to look at, so all are written down before. */
        @Override
        protected int transmitBurst(NetBuf[] bufs, int from, int count) {
            long now = epochNanos.getAsLong();
            String[] texts = new String[count];
            for (int i = 0; i < count; i++) {
                texts[i] = FrameLine.of(now, name, bufs[from + i]);
            }
            int taken = super.transmitBurst(bufs, from, count);
            for (int i = 0; i < taken; i++) {
                lines.accept(texts[i]);
            }
            return taken;
        }
    }
}
