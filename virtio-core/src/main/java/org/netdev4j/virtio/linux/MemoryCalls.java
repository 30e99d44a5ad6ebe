package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Calls on memory that has a file behind it. Each returns what the call returns, or a negative errno. */
final class MemoryCalls {
    static final int MFD_CLOEXEC = 1;
    static final int MFD_ALLOW_SEALING = 2;
    static final int MFD_HUGETLB = 4;
    /** log2 of the page size, from bit 26 on. */
    static final int MFD_HUGE_2MB = 21 << 26;
    static final int PROT_READ_WRITE = 3;
    static final int MAP_SHARED = 1;
    static final int F_ADD_SEALS = 1033;
    static final int F_SEAL_SEAL = 1;
    static final int F_SEAL_SHRINK = 2;
    static final int F_SEAL_GROW = 4;

    /** Room for {@code struct stat}, and where it has what we look for, on x86-64 and aarch64. */
    static final int STAT_BYTES = 144;
    static final int STAT_SIZE_OFFSET = 48;
    static final int STAT_BLOCK_SIZE_OFFSET = 56;

    private static final MethodHandle MEMFD_CREATE = Libc.bind("memfd_create",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle FTRUNCATE = Libc.bind("ftruncate",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle FSTAT = Libc.bind("fstat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle MMAP = Libc.bind("mmap",
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP = Libc.bind("munmap",
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));

    private MemoryCalls() {}

    static int memfdCreate(String name, int flags) {
        CallState state = CallState.current();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            return state.result((int) MEMFD_CREATE.invokeExact(state.capture, text, flags));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    static int ftruncate(int fd, long bytes) {
        CallState state = CallState.current();
        try {
            return state.result((int) FTRUNCATE.invokeExact(state.capture, fd, bytes));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** @param stat {@code struct stat} */
    static int fstat(int fd, MemorySegment stat) {
        CallState state = CallState.current();
        try {
            return state.result((int) FSTAT.invokeExact(state.capture, fd, stat));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** Maps for reading and writing, shared; the address, or a negative errno. */
    static long map(int fd, long offset, long bytes) {
        CallState state = CallState.current();
        try {
            return state.result((long) MMAP.invokeExact(state.capture, 0L, bytes, PROT_READ_WRITE, MAP_SHARED, fd,
                    offset));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    static int unmap(long address, long bytes) {
        CallState state = CallState.current();
        try {
            return state.result((int) MUNMAP.invokeExact(state.capture, address, bytes));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }
}
