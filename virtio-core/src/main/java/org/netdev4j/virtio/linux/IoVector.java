package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A reusable {@code struct iovec} array for readv(2) and writev(2). One thread at a time.
 * <p>
 * The kernel gets plain addresses: the memory of every appended segment must stay mapped until the call that uses the vector
 * has returned. The vector keeps the segments reachable, which is enough for those of an automatic arena; it cannot keep
 * another arena open.
 */
public final class IoVector implements AutoCloseable {
    /** IOV_MAX: the kernel takes no more pieces in one call. */
    public static final int MAX_PIECES = 1024;

    private static final int PIECE_BYTES = 16;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment pieces;
    private final MemorySegment[] reachable;
    private int size;

    /** @param maxPieces 1..{@value #MAX_PIECES} */
    public IoVector(int maxPieces) {
        if (maxPieces < 1 || maxPieces > MAX_PIECES) {
            throw new IllegalArgumentException(maxPieces + " pieces, allowed are 1.." + MAX_PIECES);
        }
        pieces = arena.allocate((long) maxPieces * PIECE_BYTES, Long.BYTES);
        reachable = new MemorySegment[maxPieces];
    }

    public void clear() {
        size = 0;
    }

    /**
     * Appends a range.
     *
     * @param segment off-heap memory
     * @return false if the vector is full
     * @throws IndexOutOfBoundsException if the range is not wholly inside {@code segment}
     */
    public boolean append(MemorySegment segment, long offset, long length) {
        Objects.checkFromIndexSize(offset, length, segment.byteSize());
        if (!segment.isNative()) {
            throw new IllegalArgumentException("the kernel cannot reach memory of the Java heap");
        }
        int i = size;
        if (i == reachable.length) {
            return false;
        }
        pieces.set(JAVA_LONG, (long) i * PIECE_BYTES, segment.address() + offset);
        pieces.set(JAVA_LONG, (long) i * PIECE_BYTES + Long.BYTES, length);
        reachable[i] = segment;
        size = i + 1;
        return true;
    }

    /** Pieces appended since {@link #clear}. */
    public int size() {
        return size;
    }

    /** {@code struct iovec[]}. */
    MemorySegment pieces() {
        return pieces;
    }

    /** Frees the array. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
