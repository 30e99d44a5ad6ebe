package org.netdev4j.virtio.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * Binds functions of the C library. Bound functions take the calling thread's {@link CallState} first and leave errno in it:
 * it must be captured together with the call, or the JVM's own calls overwrite it.
 */
final class Libc {
    /** True where {@code struct epoll_event} is packed. */
    static final boolean X86_64 = architecture().equals("amd64");

    private static final boolean SUPPORTED = System.getProperty("os.name").equals("Linux")
            && (X86_64 || architecture().equals("aarch64"));

    private Libc() {}

    /** What every public entry of this package calls first, before a class that binds functions is initialised. */
    static void requireLinux(String purpose) {
        if (!SUPPORTED) {
            throw new UnsupportedOperationException(purpose + " needs Linux on x86-64 or aarch64, this is "
                    + System.getProperty("os.name") + " on " + architecture());
        }
    }

    static MethodHandle bind(String function, FunctionDescriptor signature) {
        return link(function, signature, Linker.Option.captureCallState("errno"));
    }

    /** @param fixedArguments arguments before the {@code ...} of the C prototype */
    static MethodHandle bindVariadic(String function, int fixedArguments, FunctionDescriptor signature) {
        return link(function, signature, Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(fixedArguments));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(String function, FunctionDescriptor signature, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().find(function)
                .orElseThrow(() -> new UnsatisfiedLinkError(function + " is not in the C library"));
        return linker.downcallHandle(address, signature, options);
    }

    /** Whatever a method handle threw: only our own misuse (a closed arena, say) gets here. */
    static RuntimeException unexpected(Throwable thrown) {
        if (thrown instanceof RuntimeException e) {
            return e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
        return new IllegalStateException(thrown);
    }

    private static String architecture() {
        return System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    }
}
