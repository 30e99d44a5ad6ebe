package org.netdev4j.virtio.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A network namespace that lasts as long as one thread: what a test does in it cannot disturb the machine. */
final class NetworkNamespace {
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final MethodHandle UNSHARE = Libc.bind("unshare", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private NetworkNamespace() {}

    interface Body {
        void run() throws Exception;
    }

    /** Runs {@code body} in a new namespace and throws what it throws; skips the test without CAP_SYS_ADMIN. */
    static void run(Body body) {
        Callable<Void> task = () -> {
            int result = unshare();
            if (result < 0) {
                System.out.println("skipped without a network namespace: unshare: " + Errno.describe(-result));
                assumeTrue(false, Errno.describe(-result));
            }
            body.run();
            return null;
        };
        FutureTask<Void> future = new FutureTask<>(task);
        Thread thread = Thread.ofPlatform().name("network-namespace").start(future);
        try {
            future.get();
            thread.join();
        } catch (ExecutionException e) {
            sneakyThrow(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int unshare() {
        CallState state = CallState.current();
        try {
            return state.result((int) UNSHARE.invokeExact(state.capture, CLONE_NEWNET));
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneakyThrow(Throwable e) throws E {
        throw (E) e;
    }
}
