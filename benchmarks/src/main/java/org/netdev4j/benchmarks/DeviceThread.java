package org.netdev4j.benchmarks;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/** The device end of a queue on a CPU of its own: returns every buffer as soon as it sees it, a burst at a time. */
final class DeviceThread {
    private static final VarHandle BALL = ValueLayout.JAVA_INT.varHandle();
    private static final int THROWS = 2000;
    private static final int NOBODY = 0;
    private static final int MINE = 1;
    private static final int YOURS = 2;

    private final DeviceQueue queue;
    /** A cache line that nothing else is in. */
    private final MemorySegment line;
    private final Thread thread;
    private volatile boolean stopped;

    DeviceThread(DeviceQueue queue, MemorySegment line, int cpu) {
        this.queue = queue;
        this.line = line;
        thread = new Thread(() -> run(cpu), "device");
        thread.start();
    }

    private void run(int cpu) {
        Cpu.pin(cpu);
        DescriptorChain chain = new DescriptorChain(queue.size());
        while (!stopped) {
            boolean any = false;
            while (queue.next(chain)) {
                queue.complete(chain, chain.writableLength());
                any = true;
            }
            if (any) {
                queue.publish();
            } else if ((int) BALL.getVolatile(line, 0L) == YOURS) {
                BALL.setVolatile(line, 0L, MINE);
            }
        }
    }

    /** How long it takes a cache line to go to the device's CPU and back, in ns. Only while the queue is empty. */
    double cacheLineRoundTripNanos() {
        throwBall();
        long start = System.nanoTime();
        for (int i = 0; i < THROWS; i++) {
            throwBall();
        }
        long nanos = System.nanoTime() - start;
        BALL.setVolatile(line, 0L, NOBODY);
        return nanos / (double) THROWS;
    }

    private void throwBall() {
        BALL.setVolatile(line, 0L, YOURS);
        while ((int) BALL.getVolatile(line, 0L) != MINE) {
            Thread.onSpinWait();
        }
    }

    void stop() throws InterruptedException {
        stopped = true;
        thread.join();
    }
}
