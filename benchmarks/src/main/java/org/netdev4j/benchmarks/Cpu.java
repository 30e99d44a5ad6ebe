package org.netdev4j.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The CPU that a thread runs on. */
final class Cpu {
    private static final MethodHandle SCHED_SETAFFINITY = schedSetaffinity();

    private Cpu() {}

    @SuppressWarnings("restricted")
    private static MethodHandle schedSetaffinity() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow("sched_setaffinity"), FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
    }

    /**
     * Keeps the calling thread on one CPU, 0..63.
     *
     * @throws IllegalStateException if it may not run there
     */
    static void pin(int cpu) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L << cpu);
            int failed = (int) SCHED_SETAFFINITY.invokeExact(0, (long) Long.BYTES, mask);
            if (failed != 0) {
                throw new IllegalStateException("cannot run on CPU " + cpu + ": this benchmark needs CPUs 0 and 1");
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
