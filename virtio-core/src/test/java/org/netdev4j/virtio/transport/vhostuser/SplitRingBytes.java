package org.netdev4j.virtio.transport.vhostuser;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Ring 0 of {@link BackEndFixture} as its front-end writes it, right or wrong. */
final class SplitRingBytes {
    static final int NEXT = 1;
    private static final int AVAILABLE = 0x1000;
    private static final int USED = 0x2000;

    private final MemorySegment memory;
    private int available;

    SplitRingBytes(MemorySegment memory) {
        this(memory, 0);
    }

    /** @param available buffers that were offered before */
    SplitRingBytes(MemorySegment memory, int available) {
        this.memory = memory;
        this.available = available;
    }

    void descriptor(int index, long address, int length, int flags, int next) {
        long at = index * 16L;
        memory.set(JAVA_LONG, at, address);
        memory.set(JAVA_INT, at + 8, length);
        memory.set(JAVA_SHORT, at + 12, (short) flags);
        memory.set(JAVA_SHORT, at + 14, (short) next);
    }

    void offer(int head) {
        memory.set(JAVA_SHORT, AVAILABLE + 4 + 2L * (available % BackEndFixture.RING_SIZE), (short) head);
        available++;
        JAVA_SHORT.varHandle().setRelease(memory, AVAILABLE + 2L, (short) available);
    }

    int used() {
        return (short) JAVA_SHORT.varHandle().getAcquire(memory, USED + 2L) & 0xffff;
    }

    /** Writes text to an offset of the memory. */
    void text(long offset, String text) {
        memory.asSlice(offset, text.length()).copyFrom(MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)));
    }
}
