package org.netdev4j.benchmarks;

import java.util.concurrent.TimeUnit;

import org.netdev4j.virtio.queue.DescriptorChain;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One thread at both ends of a virtqueue: what a buffer of one piece costs from {@code add} to {@code pop}, with the device
 * end taking and returning it in between. No byte of the buffer is touched.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class QueueBenchmark {
    private static final int SIZE = 256;
    private static final int BUFFERS = 64;
    private static final int BUFFER_BYTES = 2048;

    @Param({"1", "8", "32", "64"})
    int burst;

    @Param
    RingFeatures ring;

    private QueuePair pair;
    private long buffers;
    private final DescriptorChain chain = new DescriptorChain(SIZE);
    private final int[] tokens = new int[SIZE];

    @Setup
    public void setUp() {
        pair = QueuePair.create(SIZE, ring.negotiated(), (long) BUFFERS * BUFFER_BYTES);
        buffers = pair.buffers();
    }

    @TearDown
    public void tearDown() {
        pair.close();
    }

    /** 64 buffers in bursts, neither end wanting notifications. */
    @Benchmark
    @OperationsPerInvocation(BUFFERS)
    public int addPublishPop() {
        int popped = 0;
        for (int done = 0; done < BUFFERS; done += burst) {
            for (int i = 0; i < burst; i++) {
                pair.driver.add(buffers + (long) i * BUFFER_BYTES, BUFFER_BYTES, true, i);
            }
            pair.driver.publish();
            while (pair.device.next(chain)) {
                pair.device.complete(chain, BUFFER_BYTES);
            }
            pair.device.publish();
            popped += pair.driver.pop(tokens, null, burst);
        }
        if (popped != BUFFERS) {
            throw new IllegalStateException(popped + " of " + BUFFERS + " buffers came back; driver end: "
                    + pair.driver.brokenReason() + ", device end: " + pair.device.brokenReason());
        }
        return popped;
    }
}
