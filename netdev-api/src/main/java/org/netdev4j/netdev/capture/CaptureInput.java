package org.netdev4j.netdev.capture;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * A capture file with a window of it in memory. Fields are read at offsets from a position that moves forward; an error of the
 * file looks like its end, and {@link #failure()} tells it.
 */
final class CaptureInput implements AutoCloseable {
    private static final int READ_AHEAD_BYTES = 64 * 1024;
    /** Most bytes that {@link #has} can be asked for: a whole frame with what is around it. */
    static final int MAX_BYTES = PcapngWriter.WHOLE_FRAMES + READ_AHEAD_BYTES;

    private final FileChannel channel;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment window = arena.allocate(MAX_BYTES, Long.BYTES);
    private final ByteBuffer view = window.asByteBuffer();
    private ValueLayout.OfInt int32;
    private ValueLayout.OfShort int16;
    private ValueLayout.OfLong int64;
    /** Of the window, in the file. */
    private long windowStart;
    private int windowLength;
    /** In the window; beyond it after a skip. */
    private long at;
    private IOException failure;

    CaptureInput(FileChannel channel) {
        this.channel = channel;
        order(ByteOrder.LITTLE_ENDIAN);
    }

    void order(ByteOrder order) {
        int32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
        int16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order);
        int64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order);
    }

    /** Brings the {@code bytes} after the position into memory, at most {@link #MAX_BYTES}; false if the file has not so many. */
    boolean has(int bytes) {
        if (windowLength - at >= bytes) {
            return true;
        }
        long kept = Math.max(windowLength - at, 0);
        MemorySegment.copy(window, windowLength - kept, window, 0, kept);
        windowStart += at;
        windowLength = (int) kept;
        at = 0;
        while (windowLength < bytes && failure == null && read() > 0) {
            // Until there is enough.
        }
        return windowLength >= bytes;
    }

    private int read() {
        view.clear().position(windowLength);
        // A FileChannel closes itself when a thread with the interrupt flag set reads from it.
        boolean interrupted = Thread.interrupted();
        try {
            int read = channel.read(view, windowStart + windowLength);
            windowLength += Math.max(read, 0);
            return read;
        } catch (IOException e) {
            failure = e;
            return -1;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    int int32(int offset) {
        return window.get(int32, at + offset);
    }

    long uint32(int offset) {
        return Integer.toUnsignedLong(int32(offset));
    }

    long int64(int offset) {
        return window.get(int64, at + offset);
    }

    int uint16(int offset) {
        return Short.toUnsignedInt(window.get(int16, at + offset));
    }

    int uint8(int offset) {
        return Byte.toUnsignedInt(window.get(ValueLayout.JAVA_BYTE, at + offset));
    }

    MemorySegment window() {
        return window;
    }

    /** Of the position in the window; what is there stays until the next {@link #has}. */
    long windowOffset() {
        return at;
    }

    /** In the file, bytes. */
    long position() {
        return windowStart + at;
    }

    void skip(long bytes) {
        at += bytes;
    }

    /** Goes to a position in the file. */
    void moveTo(long position) {
        windowStart = position;
        windowLength = 0;
        at = 0;
    }

    /** True if the file ends at the position, which was not reached by a skip beyond the end. */
    boolean isAtEnd() {
        try {
            return failure == null && position() == channel.size();
        } catch (IOException e) {
            failure = e;
            return false;
        }
    }

    /** What ended the file early, or null. */
    IOException failure() {
        return failure;
    }

    @Override
    public void close() throws IOException {
        if (arena.scope().isAlive()) {
            arena.close();
        }
        channel.close();
    }
}
