package org.netdev4j.virtio.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueueConfig;

/** A running device that was opened by its device string, with one pool for both directions. */
final class Station implements AutoCloseable {
    private static final int BUFFERS = 1024;
    private static final int BUFFER_BYTES = 2048;

    final NetDev dev;
    final NetBufPool pool;
    private final NetBuf[] burst = new NetBuf[32];

    Station(String deviceString) {
        this(deviceString, 128);
    }

    /** @param headroom of the buffers, bytes */
    Station(String deviceString, int headroom) {
        dev = NetDev.open(deviceString);
        pool = NetBufPool.builder()
                .name(deviceString)
                .region(dev.allocateMemory(deviceString, BUFFERS * (BUFFER_BYTES + 512)))
                .buffers(BUFFERS)
                .dataSize(BUFFER_BYTES)
                .headroom(headroom)
                .build();
        dev.configure(NetDevConfig.ONE_PAIR);
        dev.configureRxQueue(0, RxQueueConfig.polled(pool));
        dev.configureTxQueue(0, TxQueueConfig.POLLED);
        dev.start();
    }

    /** Sends a frame. @return false if there is no room for it now */
    boolean send(byte[] frame) {
        NetBuf packet = pool.allocate();
        if (packet == null) {
            dev.txQueue(0).reclaim();
            return false;
        }
        packet.append(frame.length);
        packet.copyFrom(0, MemorySegment.ofArray(frame), 0, frame.length);
        if (dev.txQueue(0).transmit(packet)) {
            return true;
        }
        packet.free();
        return false;
    }

    /** The next frame, or null if none waits. */
    byte[] receive() {
        if (dev.rxQueue(0).receive(burst, 0, 1) == 0) {
            return null;
        }
        byte[] frame = new byte[burst[0].totalLength()];
        burst[0].copyTo(0, MemorySegment.ofArray(frame), 0, frame.length);
        burst[0].free();
        return frame;
    }

    /** A frame with a number in it that {@link #number} finds. */
    static byte[] numbered(int number, int length) {
        byte[] frame = new byte[length];
        MemorySegment.ofArray(frame).set(ValueLayout.JAVA_INT_UNALIGNED, 14, number);
        return frame;
    }

    static int number(byte[] frame) {
        return MemorySegment.ofArray(frame).get(ValueLayout.JAVA_INT_UNALIGNED, 14);
    }

    @Override
    public void close() {
        dev.close();
        pool.close();
    }
}
