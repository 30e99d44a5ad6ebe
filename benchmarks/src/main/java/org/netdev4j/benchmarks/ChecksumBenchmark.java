package org.netdev4j.benchmarks;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The Internet checksum of one packet in one piece: ours over off-heap memory, the same sum over a Java array, and by the Vector
 * API, which an application could only use with a JVM flag.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 3, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class ChecksumBenchmark {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
    private static final long LOW = 0xffff_ffffL;

    @Param({"64", "1500", "65535"})
    int bytes;

    private NetBufPool pool;
    private NetBuf packet;
    private MemorySegment memory;
    private long offset;
    private byte[] array;

    @Setup
    public void setUp() {
        pool = NetBufPool.builder().buffers(4).dataSize(1 << 16).build();
        packet = pool.allocate();
        packet.append(bytes);
        memory = packet.segment();
        offset = packet.dataOffset();
        array = new byte[bytes];
        new Random(1).nextBytes(array);
        packet.copyFrom(0, MemorySegment.ofArray(array), 0, bytes);
        if (netdev4j() != array() || netdev4j() != vector() || netdev4j() != packet()) {
            throw new IllegalStateException("the sums differ");
        }
    }

    @TearDown
    public void tearDown() {
        packet.free();
        pool.close();
    }

    @Benchmark
    public int netdev4j() {
        return InternetChecksum.fold(InternetChecksum.add(0, memory, offset, bytes));
    }

    @Benchmark
    public int packet() {
        return InternetChecksum.fold(InternetChecksum.add(0, packet, 0, bytes));
    }

    @Benchmark
    public int array() {
        byte[] from = array;
        long sum = 0;
        int limit = from.length & -8;
        for (int i = 0; i < limit; i += 8) {
            long word = (long) LONGS.get(from, i);
            sum += (word & LOW) + (word >>> 32);
        }
        for (int i = limit; i < from.length; i++) {
            sum += (long) Byte.toUnsignedInt(from[i]) << (8 * (i & 1));
        }
        return InternetChecksum.fold(sum);
    }

    @Benchmark
    public int vector() {
        MemorySegment from = memory;
        LongVector low = LongVector.zero(SPECIES);
        LongVector high = LongVector.zero(SPECIES);
        int step = SPECIES.vectorByteSize();
        int limit = bytes / step * step;
        for (int i = 0; i < limit; i += step) {
            LongVector words = LongVector.fromMemorySegment(SPECIES, from, offset + i, ByteOrder.LITTLE_ENDIAN);
            low = low.add(words.and(LOW));
            high = high.add(words.lanewise(VectorOperators.LSHR, 32));
        }
        long sum = low.add(high).reduceLanes(VectorOperators.ADD);
        return InternetChecksum.fold(InternetChecksum.add(sum, from, offset + limit, bytes - limit));
    }
}
