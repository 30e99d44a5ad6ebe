package org.netdev4j.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;

import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
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
import org.openjdk.jmh.infra.Control;

/**
 * One thread allocates bursts, another frees them: every buffer goes through the shared part of the pool. A buffer costs the
 * sum of what the two threads need for it; the hand-over of whole bursts, and waiting, is in it.
 */
@State(Scope.Group)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class PoolThreadsBenchmark {
    private static final int BURST = 32;
    private static final int SLOTS = 64;
    private static final IdleStrategy IDLE = new YieldingIdleStrategy();

    @Param({"0", "256"})
    int cacheSize;

    private NetBufPool pool;
    /** Bursts under way; a slot is empty or full. */
    private final AtomicReferenceArray<NetBuf[]> slots = new AtomicReferenceArray<>(SLOTS);
    private final NetBuf[][] bursts = new NetBuf[SLOTS][BURST];
    private int put;
    private int taken;

    @Setup
    public void setUp() {
        pool = NetBufPool.builder().buffers(4096).cacheSize(cacheSize).build();
    }

    @TearDown
    public void tearDown() {
        for (int i = 0; i < SLOTS; i++) {
            if (slots.get(i) != null) {
                NetBuf.free(slots.getAndSet(i, null), 0, BURST);
            }
        }
        pool.close();
    }

    @Benchmark
    @Group("acrossThreads")
    @OperationsPerInvocation(BURST)
    public void allocate(Control control) {
        int slot = put++ % SLOTS;
        while (slots.getAcquire(slot) != null) {
            if (control.stopMeasurement) {
                put--;
                return;
            }
            IDLE.idle();
        }
        NetBuf[] burst = bursts[slot];
        int count = pool.allocate(burst, 0, BURST);
        if (count < BURST) {
            throw new IllegalStateException("the pool ran dry");
        }
        slots.setRelease(slot, burst);
    }

    @Benchmark
    @Group("acrossThreads")
    @OperationsPerInvocation(BURST)
    public void free(Control control) {
        int slot = taken++ % SLOTS;
        NetBuf[] burst;
        while ((burst = slots.getAcquire(slot)) == null) {
            if (control.stopMeasurement) {
                taken--;
                return;
            }
            IDLE.idle();
        }
        NetBuf.free(burst, 0, BURST);
        slots.setRelease(slot, null);
    }
}
