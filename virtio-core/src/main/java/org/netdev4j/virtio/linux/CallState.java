package org.netdev4j.virtio.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/** What one thread needs for its system calls: where errno is captured, and room for a small argument. */
final class CallState {
    /** Bytes of {@link #scratch}: the largest argument is a {@code struct ifreq}. */
    static final int SCRATCH_BYTES = 64;

    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(PathElement.groupElement("errno"));
    private static final ThreadLocal<CallState> CURRENT = ThreadLocal.withInitial(CallState::new);

    final MemorySegment capture;
    /** Aligned to 8; holds nothing from one call to the next. */
    final MemorySegment scratch;

    private CallState() {
        Arena arena = Arena.ofAuto();
        capture = arena.allocate(CAPTURE);
        scratch = arena.allocate(SCRATCH_BYTES, Long.BYTES);
    }

    static CallState current() {
        return CURRENT.get();
    }

    /** @return {@code result}, or the negative errno if it is -1 */
    int result(int result) {
        return result == -1 ? -(int) ERRNO.get(capture, 0L) : result;
    }

    /** @return {@code result}, or the negative errno if it is -1 */
    long result(long result) {
        return result == -1 ? -(int) ERRNO.get(capture, 0L) : result;
    }
}
