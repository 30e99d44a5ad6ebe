package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;

/** A driver on a {@link ScriptedDevice}, with a pool and one pair of queues. */
final class Bench implements AutoCloseable {
    final ScriptedDevice device;
    final VirtioNetOps ops;
    final NetDev dev;
    NetBufPool pool;
    RxQueue rx;
    TxQueue tx;

    Bench(ScriptedDevice device) {
        this(device, DriverOptions.DEFAULT);
    }

    Bench(ScriptedDevice device, DriverOptions options) {
        this.device = device;
        ops = (VirtioNetOps) new VirtioNetDriver(options).probe(device);
        dev = new NetDev(device.name(), ops);
    }

    /** Probed and running with a pool of 64 buffers and rings of 16 descriptors. */
    static Bench running(ScriptedDevice device) {
        return new Bench(device).probed().prepared(64, 16).started();
    }

    Bench probed() {
        dev.probe();
        return this;
    }

    /** Configured, with a pool in memory of the device's. */
    Bench prepared(int buffers, int ringSize) {
        pool = pool("pool", buffers, 128, 2048);
        return prepared(RxQueueConfig.polled(pool).withSize(ringSize), TxQueueConfig.POLLED.withSize(ringSize));
    }

    Bench prepared(NetBufPool ofBuffers) {
        pool = ofBuffers;
        return prepared(RxQueueConfig.polled(pool).withSize(16), TxQueueConfig.POLLED.withSize(16));
    }

    Bench prepared(RxQueueConfig rxConfig, TxQueueConfig txConfig) {
        dev.configure(NetDevConfig.ONE_PAIR);
        rx = dev.configureRxQueue(0, rxConfig);
        tx = dev.configureTxQueue(0, txConfig);
        return this;
    }

    Bench started() {
        dev.start();
        return this;
    }

    /** A pool in memory that the device reaches. */
    NetBufPool pool(String name, int buffers, int headroom, int dataSize) {
        long bytes = (long) buffers * (headroom + dataSize + 256);
        return NetBufPool.builder()
                .name(name)
                .region(dev.allocateMemory(name, bytes))
                .buffers(buffers)
                .headroom(headroom)
                .dataSize(dataSize)
                .cacheSize(0)
                .build();
    }

    NetBuf packet(byte[] frame) {
        return packet(pool, frame);
    }

    /** A packet with garbage in front, as it is where another was before. */
    static NetBuf packet(NetBufPool pool, byte[] frame) {
        NetBuf packet = pool.allocate();
        packet.segment().asSlice(packet.dataOffset() - packet.headroom(), packet.headroom()).fill((byte) 0xa5);
        packet.append(frame.length);
        packet.copyFrom(0, MemorySegment.ofArray(frame), 0, frame.length);
        return packet;
    }

    /** A packet of those bytes in pieces of {@code pieceLength} bytes. */
    static NetBuf chain(NetBufPool pool, byte[] frame, int pieceLength) {
        NetBuf head = packet(pool, Arrays.copyOf(frame, pieceLength));
        for (int at = pieceLength; at < frame.length; at += pieceLength) {
            head.chain(packet(pool, Arrays.copyOfRange(frame, at, Math.min(at + pieceLength, frame.length))));
        }
        return head;
    }

    /** A frame of that many bytes, each different from its neighbours. */
    static byte[] frame(int length) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = (byte) (i * 7 + (i >>> 8) + 1);
        }
        return frame;
    }

    static byte[] bytes(NetBuf packet) {
        byte[] bytes = new byte[packet.totalLength()];
        packet.copyTo(0, MemorySegment.ofArray(bytes), 0, bytes.length);
        return bytes;
    }

    /** The next received packet, or null. */
    NetBuf receive() {
        NetBuf[] one = new NetBuf[1];
        return rx.receive(one) == 1 ? one[0] : null;
    }

    /** Of a bench with 64 buffers and 16 of them in the receive queue: one packet was freed for that reason, none was sent. */
    void assertDropped(DropReason reason) {
        assertEquals(Map.of(reason, 1L), tx.stats().drops());
        assertEquals(0, device.available(ScriptedDevice.TX), "sent");
        assertEquals(48, pool.available(), "buffers in the pool");
    }

    @Override
    public void close() {
        dev.close();
    }
}
