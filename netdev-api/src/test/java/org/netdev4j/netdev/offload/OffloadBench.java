package org.netdev4j.netdev.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.lang.foreign.MemorySegment;
import java.util.List;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.DropReason;
import org.netdev4j.netdev.NetDevInfo;

/** A transmit queue with software offload in front of a {@link RecordingTxQueue}, and a pool. */
final class OffloadBench implements AutoCloseable {
    final RecordingTxQueue device;
    final OffloadingTxQueue queue;
    final NetBufPool pool;

    OffloadBench(int size, int maxSegments, int buffers, int dataSize, Capability... ofDevice) {
        device = new RecordingTxQueue(size, maxSegments);
        queue = new OffloadingTxQueue(device, size);
        queue.needs(new OffloadNeeds(NetDevInfo.pairs(1).with(ofDevice)));
        pool = NetBufPool.builder().name("test").buffers(buffers).dataSize(dataSize).cacheSize(0).build();
    }

    /** A device that does nothing itself, room for 256 packets. */
    static OffloadBench plain() {
        return new OffloadBench(256, 16, 256, 2048);
    }

    /** {@code bytes} in pieces of so many bytes. */
    NetBuf packet(byte[] bytes, int pieceLength) {
        NetBuf packet = null;
        for (int at = 0; at < bytes.length || packet == null; at += pieceLength) {
            NetBuf piece = pool.allocate();
            assertNotNull(piece, "the pool is empty");
            int length = Math.min(pieceLength, bytes.length - at);
            piece.append(length);
            piece.copyFrom(0, MemorySegment.ofArray(bytes), at, length);
            if (packet == null) {
                packet = piece;
            } else {
                packet.chain(piece);
            }
        }
        return packet;
    }

    /** The frame as a stack hands it over to be cut at {@code gsoSize}. */
    NetBuf toCut(SampleFrame frame, int gsoSize, int pieceLength) {
        NetBuf packet = packet(frame.partial(), pieceLength);
        packet.partialChecksum(frame.transport(), frame.checksumOffset());
        packet.gso(frame.gsoType(), gsoSize, frame.headers());
        return packet;
    }

    int transmit(NetBuf... packets) {
        return queue.transmitBurst(packets, 0, packets.length);
    }

    /** What the device has got and not completed. */
    List<byte[]> sent() {
        return device.inFlight.stream().map(OffloadBench::bytes).toList();
    }

    static byte[] bytes(NetBuf packet) {
        byte[] bytes = new byte[packet.totalLength()];
        packet.copyTo(0, MemorySegment.ofArray(bytes), 0, bytes.length);
        return bytes;
    }

    void assertDropped(DropReason reason) {
        assertEquals(List.of(), device.inFlight);
        assertEquals(1L, queue.stats().drops().get(reason), () -> queue.stats().toString());
        assertEquals(1, queue.stats().dropped());
        assertEquals(pool.capacity(), pool.available());
    }

    @Override
    public void close() {
        device.complete();
        device.reclaimCompleted();
        queue.reset();
        assertEquals(pool.capacity(), pool.available(), "buffers back in the pool");
        pool.close();
    }
}
