package org.netdev4j.virtio.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Access to the little-endian fields of a ring; the memory order is in the name of the method, plain where it has none. */
final class RingField {
    static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LE64_UNALIGNED = ValueLayout.JAVA_LONG_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle LE16_HANDLE = LE16.varHandle().withInvokeExactBehavior();
    private static final VarHandle LE32_HANDLE = LE32.varHandle().withInvokeExactBehavior();
    private static final VarHandle LE64_HANDLE = LE64.varHandle().withInvokeExactBehavior();

    private RingField() {}

    /** A le16, 0..65535. */
    static int get16(MemorySegment ring, long offset) {
        return ring.get(LE16, offset) & 0xffff;
    }

    static int get16Opaque(MemorySegment ring, long offset) {
        return (short) LE16_HANDLE.getOpaque(ring, offset) & 0xffff;
    }

    static int get16Acquire(MemorySegment ring, long offset) {
        return (short) LE16_HANDLE.getAcquire(ring, offset) & 0xffff;
    }

    static void set16(MemorySegment ring, long offset, int value) {
        ring.set(LE16, offset, (short) value);
    }

    static void set16Opaque(MemorySegment ring, long offset, int value) {
        LE16_HANDLE.setOpaque(ring, offset, (short) value);
    }

    static void set16Release(MemorySegment ring, long offset, int value) {
        LE16_HANDLE.setRelease(ring, offset, (short) value);
    }

    static int get32Opaque(MemorySegment ring, long offset) {
        return (int) LE32_HANDLE.getOpaque(ring, offset);
    }

    static void set32Opaque(MemorySegment ring, long offset, int value) {
        LE32_HANDLE.setOpaque(ring, offset, value);
    }

    static long get64Opaque(MemorySegment ring, long offset) {
        return (long) LE64_HANDLE.getOpaque(ring, offset);
    }

    static long get64Acquire(MemorySegment ring, long offset) {
        return (long) LE64_HANDLE.getAcquire(ring, offset);
    }

    static void set64Release(MemorySegment ring, long offset, long value) {
        LE64_HANDLE.setRelease(ring, offset, value);
    }
}
