package org.netdev4j.virtio.transport.inprocess;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.MemorySlice;
import org.netdev4j.netbuf.ScatterGatherList;

/** A question and room for its answer, in memory of the driver's. */
final class EchoBuffer implements AutoCloseable {
    private static final int HALF = 64;

    private final MemorySlice memory;
    private final ScatterGatherList pieces = new ScatterGatherList(2);

    EchoBuffer(MemoryRegion region) {
        memory = region.cut(2 * HALF, 64);
    }

    ScatterGatherList asking(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(bytes, 0, memory.segment(), JAVA_BYTE, 0, bytes.length);
        pieces.clear();
        pieces.append(memory.deviceAddress(), bytes.length, false);
        pieces.append(memory.deviceAddress() + HALF, HALF, true);
        return pieces;
    }

    String answer(int length) {
        return new String(memory.segment().asSlice(HALF, length).toArray(JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        memory.close();
    }
}
