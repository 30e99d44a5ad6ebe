package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;

/** A device on a looped link for {@link NetDevContract}, with pools in its memory and frames to send through it. */
public final class LoopedDevice implements AutoCloseable {
    static final int RING_SIZE = 16;
    static final int BUFFERS = 4 * RING_SIZE;
    private static final int DATA_SIZE = 2048;
    private static final int ETHERTYPE_LOCAL_EXPERIMENT = 0x88b5;
    private static final int PATIENCE = 4;

    final NetDev dev;
    final NetBufPool rxPool;
    final NetBufPool txPool;
    private final Runnable settle;

    /** A probed device. */
    LoopedDevice(NetDevOps ops, Runnable settle) {
        dev = new NetDev("under test", ops);
        this.settle = settle;
        dev.probe();
        int headroom = Math.max(128, Math.max(dev.info().rxHeadroom(), dev.info().txHeadroom()));
        long bytes = 2L * BUFFERS * (headroom + DATA_SIZE + 256);
        try (MemoryRegion region = dev.allocateMemory("packets", bytes)) {
            NetBufPool.Builder builder = NetBufPool.builder().region(region).buffers(BUFFERS).dataSize(DATA_SIZE)
                    .headroom(headroom);
            rxPool = builder.name("rx").build();
            txPool = builder.name("tx").build();
        }
    }

    /** Fixes the number of queue pairs and prepares all of them, interrupts going to {@code listener} if there is one. */
    LoopedDevice configure(int pairs, String dispatcher, QueueListener rxListener, QueueListener txListener) {
        dev.configure(NetDevConfig.pairs(pairs));
        for (int i = 0; i < pairs; i++) {
            RxQueueConfig rx = RxQueueConfig.polled(rxPool).withSize(ringSize(dev.rxQueueInfo(i)));
            TxQueueConfig tx = TxQueueConfig.POLLED.withSize(ringSize(dev.txQueueInfo(i)));
            dev.configureRxQueue(i, rxListener == null ? rx : rx.withInterrupt(dispatcher, rxListener));
            dev.configureTxQueue(i, txListener == null ? tx : tx.withInterrupt(dispatcher, txListener));
        }
        return this;
    }

    LoopedDevice configure(int pairs) {
        return configure(pairs, null, null, null);
    }

    LoopedDevice start() {
        dev.start();
        return this;
    }

    RxQueue rx() {
        return dev.rxQueue(0);
    }

    TxQueue tx() {
        return dev.txQueue(0);
    }

    void settle() {
        settle.run();
    }

    static int ringSize(QueueInfo info) {
        return Math.clamp(RING_SIZE, info.minSize(), info.maxSize());
    }

    /** A frame to the device itself, its payload made from {@code seed}. */
    byte[] frameBytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        MemorySegment frame = MemorySegment.ofArray(bytes);
        dev.macAddress().write(frame, 0);
        dev.macAddress().write(frame, MacAddress.BYTES);
        bytes[12] = (byte) (ETHERTYPE_LOCAL_EXPERIMENT >> 8);
        bytes[13] = (byte) ETHERTYPE_LOCAL_EXPERIMENT;
        return bytes;
    }

    /** {@link #frameBytes} in one buffer of the transmit pool. */
    NetBuf frame(int length, int seed) {
        return packet(frameBytes(length, seed), length);
    }

    /** {@code bytes} in a chain of pieces of so many bytes each; the last piece has what is left. */
    NetBuf packet(byte[] bytes, int... pieceLengths) {
        NetBuf packet = null;
        int at = 0;
        for (int pieceLength : pieceLengths) {
            NetBuf piece = txPool.allocate();
            assertNotNull(piece, "the transmit pool is empty");
            piece.append(pieceLength);
            piece.copyFrom(0, MemorySegment.ofArray(bytes), at, pieceLength);
            at += pieceLength;
            if (packet == null) {
                packet = piece;
            } else {
                packet.chain(piece);
            }
        }
        assertEquals(bytes.length, at, "pieces make up the frame");
        return packet;
    }

    void send(NetBuf packet) {
        assertTrue(tx().transmit(packet), "the queue took the packet");
    }

    /** Sends frames of {@code length} bytes until the queue takes no more; returns how many it took. */
    int fill(int length) {
        return sendUpTo(BUFFERS, length);
    }

    /** Sends as many frames of {@code length} bytes as the receive queue has buffers for; returns how many the queue took. */
    int sendWhatCanReturn(int length) {
        return sendUpTo(RING_SIZE, length);
    }

    private int sendUpTo(int most, int length) {
        int sent = 0;
        for (; sent < most; sent++) {
            NetBuf frame = frame(length, sent);
            if (!tx().transmit(frame)) {
                frame.free();
                break;
            }
        }
        return sent;
    }

    /** Lets the device work and receives, up to {@code atMost} packets, until nothing more comes. */
    List<NetBuf> receive(RxQueue queue, int atMost) {
        List<NetBuf> packets = new ArrayList<>();
        NetBuf[] burst = new NetBuf[RING_SIZE];
        int idle = 0;
        while (packets.size() < atMost && idle < PATIENCE) {
            settle();
            int received = queue.receive(burst, 0, Math.min(burst.length, atMost - packets.size()));
            for (int i = 0; i < received; i++) {
                packets.add(burst[i]);
            }
            idle = received == 0 ? idle + 1 : 0;
        }
        return packets;
    }

    /** As {@link #receive}, frees the packets and returns their bytes. */
    List<byte[]> receiveBytes(RxQueue queue, int atMost) {
        return receive(queue, atMost).stream().map(LoopedDevice::takeBytes).toList();
    }

    /** Sends frames one by one and expects each to come back. */
    void assertTrafficFlows() {
        for (int i = 0; i < 2 * RING_SIZE; i++) {
            byte[] bytes = frameBytes(60 + i, i);
            send(packet(bytes, bytes.length));
            assertReceives(rx(), bytes);
        }
    }

    void assertReceives(RxQueue queue, byte[]... frames) {
        List<byte[]> received = receiveBytes(queue, frames.length);
        assertEquals(frames.length, received.size(), "frames received");
        for (int i = 0; i < frames.length; i++) {
            assertArrayEquals(frames[i], received.get(i), "frame " + i);
        }
    }

    /** Bytes of all pieces; frees the packet. */
    static byte[] takeBytes(NetBuf packet) {
        byte[] bytes = new byte[packet.totalLength()];
        packet.copyTo(0, MemorySegment.ofArray(bytes), 0, bytes.length);
        packet.free();
        return bytes;
    }

    void assertEveryBufferIsBack() {
        assertEquals(rxPool.capacity(), rxPool.available(), "buffers of the receive pool");
        assertEquals(txPool.capacity(), txPool.available(), "buffers of the transmit pool");
    }

    @Override
    public void close() {
        dev.close();
        assertEveryBufferIsBack();
        rxPool.close();
        txPool.close();
    }
}
