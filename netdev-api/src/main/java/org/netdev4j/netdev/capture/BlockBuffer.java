package org.netdev4j.netdev.capture;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/**
 * Little-endian pcapng blocks on their way to a channel. A block is its type, its length, fields, options, and its length
 * again; everything is padded to 4 bytes.
 */
final class BlockBuffer implements AutoCloseable {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int LENGTH_OFFSET = 4;
    private static final int OPTION_END = 0;
    private static final int NO_BLOCK = -1;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final ByteBuffer view;
    private long position;
    private long block = NO_BLOCK;

    BlockBuffer(long bytes) {
        memory = arena.allocate(bytes, Integer.BYTES);
        view = memory.asByteBuffer();
    }

    long free() {
        return memory.byteSize() - position;
    }

    void begin(int type) {
        block = position;
        putInt(type);
        putInt(0);
    }

    /** Bytes of the present block so far. */
    int blockLength() {
        return (int) (position - block);
    }

    void end() {
        putInt(OPTION_END);
        int length = blockLength() + Integer.BYTES;
        putInt(length);
        setInt(LENGTH_OFFSET, length);
        block = NO_BLOCK;
    }

    void putShort(int value) {
        memory.set(SHORT, position, (short) value);
        position += Short.BYTES;
    }

    void putInt(int value) {
        memory.set(INT, position, value);
        position += Integer.BYTES;
    }

    /** Overwrites a field {@code offset} bytes into the present block. */
    void setInt(int offset, int value) {
        memory.set(INT, block + offset, value);
    }

    void put(MemorySegment source, long offset, long length) {
        MemorySegment.copy(source, offset, memory, position, length);
        position += length;
    }

    void putOption(int code, int value) {
        putShort(code);
        putShort(Integer.BYTES);
        putInt(value);
    }

    void putOption(int code, long value) {
        putShort(code);
        putShort(Long.BYTES);
        putInt((int) value);
        putInt((int) (value >>> 32));
    }

    void putOption(int code, byte[] value) {
        putShort(code);
        putShort(value.length);
        put(MemorySegment.ofArray(value), 0, value.length);
        pad();
    }

    void pad() {
        while ((position & 3) != 0) {
            memory.set(ValueLayout.JAVA_BYTE, position++, (byte) 0);
        }
    }

    /** Writes all complete blocks and drops one that is not; the buffer is empty afterwards, also after an error. */
    void drainTo(WritableByteChannel channel) throws IOException {
        view.clear().limit((int) (block == NO_BLOCK ? position : block));
        discard();
        // A FileChannel closes itself when a thread with the interrupt flag set writes to it.
        boolean interrupted = Thread.interrupted();
        try {
            while (view.hasRemaining()) {
                channel.write(view);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    void discard() {
        position = 0;
        block = NO_BLOCK;
    }

    @Override
    public void close() {
        arena.close();
    }
}
