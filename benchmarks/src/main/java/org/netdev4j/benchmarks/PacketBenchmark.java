package org.netdev4j.benchmarks;

import java.util.concurrent.TimeUnit;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netbuf.ScatterGatherList;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Operations on packets, each undone in the same breath; what allocates includes the free. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class PacketBenchmark {
    private static final int LENGTH = 1500;

    private final ScatterGatherList pieces = new ScatterGatherList(8);
    private NetBufPool pool;
    private NetBuf packet;
    private NetBuf other;
    private NetBuf chain;

    @Setup
    public void setUp() {
        pool = NetBufPool.builder().build();
        packet = pool.allocate();
        packet.append(LENGTH);
        other = pool.allocate();
        other.append(LENGTH);
        chain = pool.allocate();
        chain.append(100);
        for (int i = 0; i < 3; i++) {
            NetBuf piece = pool.allocate();
            piece.append(LENGTH);
            chain.chain(piece);
        }
    }

    @TearDown
    public void tearDown() {
        packet.free();
        other.free();
        chain.free();
        pool.close();
    }

    @Benchmark
    public int prependAndTrimFront() {
        packet.prepend(12);
        packet.trimFront(12);
        return packet.length();
    }

    @Benchmark
    public NetBuf chainAndUnchain() {
        packet.chain(other);
        return packet.unchain();
    }

    @Benchmark
    public void retainAndFree() {
        packet.retain().free();
    }

    @Benchmark
    public void duplicateAndFree() {
        packet.duplicate().free();
    }

    @Benchmark
    public void copyAndFree() {
        packet.copy().free();
    }

    /** Cuts a piece of 1500 bytes in the middle, and joins what is left of it with the new one. */
    @Benchmark
    public int splitAndLinearise() {
        packet.chain(packet.split(LENGTH / 2));
        packet.linearise();
        return packet.segmentCount();
    }

    @Benchmark
    public int listOfFourPieces() {
        pieces.clear();
        pieces.append(chain, false);
        return pieces.size();
    }
}
