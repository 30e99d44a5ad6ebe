package org.netdev4j.netdev;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;

/** Buffers go from the pool to {@code posted}, filled by the device to {@code arrived}, and to the application. */
final class InMemoryRxQueue extends RxQueue {
    private final int size;
    private final NetBufPool pool;
    private final InMemoryInterrupt interrupt;
    private boolean stalled;
    private final Queue<NetBuf> posted = new ArrayDeque<>();
    private final Queue<NetBuf> arrived = new ArrayDeque<>();

    InMemoryRxQueue(int index, RxQueueConfig config, Executor dispatcher) {
        super(index);
        size = config.size();
        pool = config.pool();
        interrupt = new InMemoryInterrupt(index, config.listener(), dispatcher, counters);
    }

    @Override
    protected int receiveBurst(NetBuf[] bufs, int from, int count) {
        int received = 0;
        long bytes = 0;
        while (received < count && !arrived.isEmpty()) {
            NetBuf packet = arrived.remove();
            bytes += packet.totalLength();
            bufs[from + received++] = packet;
        }
        // Whether or not anything came: an empty queue whose pool ran dry must find its way back.
        refill();
        if (received > 0) {
            counters.add(received, bytes);
        } else {
            counters.empty();
        }
        return received;
    }

    @Override
    protected boolean arm() {
        return interrupt.arm(!arrived.isEmpty());
    }

    @Override
    protected void disarm() {
        interrupt.disarm();
    }

    @Override
    protected void raise() {
        interrupt.raise();
    }

    void refill() {
        while (posted.size() + arrived.size() < size) {
            // The owner of the pool may have closed it: like one that is empty, but for good.
            NetBuf buf = pool.isClosed() ? null : pool.allocate();
            if (buf == null) {
                return;
            }
            posted.add(buf);
        }
    }

    /** The device end: true once each time that it finds no buffer left, nor any to come. */
    boolean newlyStalled() {
        boolean before = stalled;
        stalled = posted.isEmpty() && arrived.isEmpty();
        return stalled && !before;
    }

    /** The device end: false if there is no buffer, try again later. */
    boolean deliver(NetBuf frame) {
        if (posted.isEmpty()) {
            return false;
        }
        NetBuf buf = posted.peek();
        int length = frame.totalLength();
        if (length > buf.tailroom()) {
            counters.drop(DropReason.OVERSIZE, 1);
            return true;
        }
        posted.remove();
        buf.append(length);
        int at = 0;
        for (NetBuf piece = frame; piece != null; piece = piece.next()) {
            buf.copyFrom(at, piece.segment(), piece.dataOffset(), piece.length());
            at += piece.length();
        }
        arrived.add(buf);
        interrupt.raise();
        return true;
    }

    void reset() {
        interrupt.disarm();
        if (!arrived.isEmpty()) {
            counters.drop(DropReason.RESET, arrived.size());
        }
        arrived.forEach(NetBuf::free);
        arrived.clear();
        posted.forEach(NetBuf::free);
        posted.clear();
    }
}
