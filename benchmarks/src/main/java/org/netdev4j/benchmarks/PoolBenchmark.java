package org.netdev4j.benchmarks;

import java.util.concurrent.TimeUnit;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
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

/** What a buffer costs from allocation to free on one thread, from its cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class PoolBenchmark {
    private static final int BUFFERS = 64;

    @Param({"1", "8", "32", "64"})
    int burst;

    private NetBufPool pool;
    private final NetBuf[] bufs = new NetBuf[BUFFERS];

    /** The least that anything can do: the same objects from an array that only this thread uses. */
    private final NetBuf[] stack = new NetBuf[1024];
    private int top;

    @Setup
    public void setUp() {
        pool = NetBufPool.builder().build();
        top = pool.allocate(stack, 0, 256);
    }

    @TearDown
    public void tearDown() {
        NetBuf.free(stack, 0, top);
        pool.close();
    }

    @Benchmark
    @OperationsPerInvocation(BUFFERS)
    public int allocateAndFreeBurst() {
        int moved = 0;
        for (int done = 0; done < BUFFERS; done += burst) {
            int count = pool.allocate(bufs, 0, burst);
            NetBuf.free(bufs, 0, count);
            moved += count;
        }
        return moved;
    }

    @Benchmark
    @OperationsPerInvocation(BUFFERS)
    public int allocateAndFreeOneByOne() {
        int moved = 0;
        for (int done = 0; done < BUFFERS; done += burst) {
            for (int i = 0; i < burst; i++) {
                bufs[i] = pool.allocate();
            }
            for (int i = 0; i < burst; i++) {
                bufs[i].free();
            }
            moved += burst;
        }
        return moved;
    }

    @Benchmark
    @OperationsPerInvocation(BUFFERS)
    public int popAndPushOnAPlainStack() {
        int moved = 0;
        for (int done = 0; done < BUFFERS; done += burst) {
            for (int i = 0; i < burst; i++) {
                bufs[i] = stack[--top];
            }
            for (int i = 0; i < burst; i++) {
                stack[top++] = bufs[i];
                bufs[i] = null;
            }
            moved += burst;
        }
        return moved;
    }
}
