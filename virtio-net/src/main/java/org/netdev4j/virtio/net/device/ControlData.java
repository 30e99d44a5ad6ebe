package org.netdev4j.virtio.net.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.netdev4j.netdev.MacAddress;

/** Bytes of one control command, or of its result, little-endian; a bounded number. Reused. */
final class ControlData {
    /** Longest data of a command: a table of some thousand addresses. */
    static final int CAPACITY = 32768;

    private static final ValueLayout.OfShort LE16 = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment bytes = Arena.ofAuto().allocate(CAPACITY, 8);
    private int length;

    MemorySegment bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    void length(int now) {
        length = now;
    }

    int u8(int at) {
        return bytes.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    int u16(int at) {
        return bytes.get(LE16, at) & 0xffff;
    }

    int u32(int at) {
        return bytes.get(LE32, at);
    }

    long u64(int at) {
        return bytes.get(LE64, at);
    }

    MacAddress mac(int at) {
        return MacAddress.read(bytes, at);
    }

    ControlData add8(int value) {
        bytes.set(ValueLayout.JAVA_BYTE, length, (byte) value);
        length++;
        return this;
    }

    ControlData add16(int value) {
        bytes.set(LE16, length, (short) value);
        length += Short.BYTES;
        return this;
    }

    ControlData add32(int value) {
        bytes.set(LE32, length, value);
        length += Integer.BYTES;
        return this;
    }

    ControlData add64(long value) {
        bytes.set(LE64, length, value);
        length += Long.BYTES;
        return this;
    }
}
