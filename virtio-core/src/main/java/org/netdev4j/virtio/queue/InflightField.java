package org.netdev4j.virtio.queue;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * Access to the fields of an in-flight record, which are in native byte order. Each write is a release: a process may be killed
 * behind any of them, and the next finds all that came before.
 */
final class InflightField {
    private static final VarHandle BYTE = JAVA_BYTE.varHandle().withInvokeExactBehavior();
    private static final VarHandle SHORT = JAVA_SHORT.varHandle().withInvokeExactBehavior();
    private static final VarHandle INT = JAVA_INT.varHandle().withInvokeExactBehavior();
    private static final VarHandle LONG = JAVA_LONG.varHandle().withInvokeExactBehavior();

    private InflightField() {}

    static int get8(MemorySegment record, long offset) {
        return record.get(JAVA_BYTE, offset) & 0xff;
    }

    static int get16(MemorySegment record, long offset) {
        return record.get(JAVA_SHORT, offset) & 0xffff;
    }

    static int get32(MemorySegment record, long offset) {
        return record.get(JAVA_INT, offset);
    }

    static long get64(MemorySegment record, long offset) {
        return record.get(JAVA_LONG, offset);
    }

    static void set8Release(MemorySegment record, long offset, int value) {
        BYTE.setRelease(record, offset, (byte) value);
    }

    static void set16Release(MemorySegment record, long offset, int value) {
        SHORT.setRelease(record, offset, (short) value);
    }

    static void set32Release(MemorySegment record, long offset, int value) {
        INT.setRelease(record, offset, value);
    }

    static void set64Release(MemorySegment record, long offset, long value) {
        LONG.setRelease(record, offset, value);
    }
}
