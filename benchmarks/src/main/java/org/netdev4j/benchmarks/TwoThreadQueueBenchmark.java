package org.netdev4j.benchmarks;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * The driver end on CPU 0, the device end on CPU 1, both polling: time for each buffer of one piece through both, with as many
 * in flight as fit. What it costs is above all the way of a cache line from one CPU to the other, which virtual machines
 * change under way: it is printed before and after each iteration, and figures are only comparable where it is the same.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 20, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class TwoThreadQueueBenchmark {
    private static final int SIZE = 256;
    private static final int BUFFERS = 256;
    private static final int BUFFER_BYTES = 2048;

    @Param({"1", "8", "32", "64"})
    int burst;

    @Param
    RingFeatures ring;

    private QueuePair pair;
    private DeviceThread device;
    private long buffers;
    private final int[] tokens = new int[SIZE];
    private double roundTripBefore;

    @Setup
    public void setUp() {
        pair = QueuePair.create(SIZE, ring.negotiated(), BUFFER_BYTES);
        buffers = pair.buffers();
        Cpu.pin(0);
        device = new DeviceThread(pair.device, pair.line(), 1);
    }

    @TearDown
    public void tearDown() throws InterruptedException {
        device.stop();
        pair.close();
    }

    @Setup(Level.Iteration)
    public void measureBefore() {
        roundTripBefore = device.cacheLineRoundTripNanos();
    }

    @TearDown(Level.Iteration)
    public void measureAfter() {
        while (pair.driver.inFlight() != 0) {
            pair.driver.pop(tokens, null, SIZE);
        }
        System.out.printf(Locale.ROOT, "(cache line round trip %.0f ns before, %.0f ns after) ", roundTripBefore,
                device.cacheLineRoundTripNanos());
    }

    /** 256 buffers back from the device, and as many more on the way to it. */
    @Benchmark
    @OperationsPerInvocation(BUFFERS)
    public int addPublishPop() {
        int popped = 0;
        while (popped < BUFFERS) {
            if (pair.driver.free() >= burst) {
                for (int i = 0; i < burst; i++) {
                    pair.driver.add(buffers, BUFFER_BYTES, true, i);
                }
                pair.driver.publish();
            }
            popped += pair.driver.pop(tokens, null, Math.min(burst, BUFFERS - popped));
        }
        if (pair.driver.isBroken()) {
            throw new IllegalStateException(pair.driver.brokenReason());
        }
        return popped;
    }
}
