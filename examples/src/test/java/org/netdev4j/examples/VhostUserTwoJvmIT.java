package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;

/** Both ends are ours and in JVMs of their own: what one process shares with the other is all that they have in common. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class VhostUserTwoJvmIT {
    private static final long ENOUGH = 1000;
    /** Shorter frames are padded on the way. */
    private static final int SHORTEST = 60;
    private static final Pattern RUNS = Pattern.compile(" *1\\.[0-9] s .*");
    private static final String GONE = ".*: the back-end is gone; looking for the next";
    private static final String BACK = ".*: the back-end is back";

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"split, 1, 64", "split, 2, 1518", "split, 1, 9000", "packed, 2, 64", "packed, 1, 9000",
        "'split,features=-MRG_RXBUF', 2, 9000", "'packed,features=-MRG_RXBUF', 1, 1518"})
    void framesOfASourceArrive(String ring, int pairs, int size) {
        try (RunningProgram source = backEnd("source", pairs, size)) {
            Result result = pktgen(ring, pairs, "rx", size);
            assertRate(result, "rx", size);
            assertRate(source.terminate().await().assertExit(0), "tx", size);
        }
    }

    @ParameterizedTest
    @CsvSource({"split, 2, 64", "split, 1, 9000", "packed, 1, 1518", "packed, 2, 64"})
    void framesArriveAtASink(String ring, int pairs, int size) {
        try (RunningProgram sink = backEnd("sink", pairs, size)) {
            Result result = pktgen(ring, pairs, "tx", size);
            assertRate(result, "tx", size);
            assertRate(sink.terminate().await().assertExit(0), "rx", size);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring=split", "ring=packed", "ring=split,features=-MRG_RXBUF",
        "ring=packed,features=-MRG_RXBUF"})
    void everyFrameComesBackAsItWas(String options) {
        long seed = System.nanoTime();
        try (RunningProgram loop = backEnd("io", 1, 9000);
                NetDev device = NetDev.open("vhost-user:" + socket() + "," + options);
                MemoryRegion memory = device.allocateMemory("packets", 16 << 20);
                NetBufPool pool = NetBufPool.builder().region(memory).dataSize(9216).buffers(600).build()) {
            device.configure(NetDevConfig.ONE_PAIR);
            RxQueue rx = device.configureRxQueue(0, RxQueueConfig.polled(pool));
            TxQueue tx = device.configureTxQueue(0, TxQueueConfig.POLLED);
            device.start();
            sendAndCompare(new Random(seed), pool, rx, tx);
            device.stop();
            assertTrue(loop.isAlive());
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static void sendAndCompare(Random random, NetBufPool pool, RxQueue rx, TxQueue tx) {
        Queue<byte[]> underWay = new ArrayDeque<>();
        NetBuf[] one = new NetBuf[1];
        int sent = 0;
        for (int received = 0; received < 2000;) {
            if (sent < 2000 && underWay.size() < 32) {
                byte[] frame = new byte[SHORTEST + random.nextInt((sent % 8 == 0 ? 9000 : 1518) - SHORTEST)];
                random.nextBytes(frame);
                one[0] = pool.allocate();
                one[0].append(frame.length);
                one[0].copyFrom(0, MemorySegment.ofArray(frame), 0, frame.length);
                while (tx.transmit(one, 0, 1) == 0) {
                    Thread.onSpinWait();
                }
                underWay.add(frame);
                sent++;
            }
            if (rx.receive(one) == 1) {
                byte[] frame = new byte[one[0].totalLength()];
                one[0].copyTo(0, MemorySegment.ofArray(frame), 0, frame.length);
                one[0].free();
                assertArrayEquals(underWay.remove(), frame);
                received++;
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"split, rx, source", "packed, rx, source", "split, tx, sink", "packed, tx, sink", "packed, io, io"})
    void trafficGoesOnWhenTheBackEndWasKilled(String ring, String mode, String theirs) {
        RunningProgram first = backEnd(theirs, 1, 64);
        try (RunningProgram pktgen = RunningProgram.start(RunningProgram.netdev4jCommand("pktgen", "--device",
                device(ring, 1), "--mode", mode, "--json"))) {
            pktgen.awaitLine(RUNS);
            long fds = pktgen.openFds();
            first.close();
            pktgen.awaitErrorLine(Pattern.compile(GONE));
            try (RunningProgram second = backEnd(theirs, 1, 64)) {
                pktgen.awaitErrorLine(Pattern.compile(BACK));
                await("descriptors as before", () -> pktgen.openFds() == fds);
                Result left = pktgen.terminate().await().assertExit(0);
                assertTrue(mode.equals("io") || packets(left, mode) > ENOUGH, left::toString);
                second.terminate().await().assertExit(0);
            }
        } finally {
            first.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"split, rx, source", "packed, rx, source", "split, tx, sink", "packed, tx, sink"})
    void nothingOfAFrontEndThatWasKilledIsHeld(String ring, String mode, String ours) {
        try (RunningProgram backEnd = backEnd(ours, 1, 64)) {
            long fds = backEnd.openFds();
            for (int round = 0; round < 2; round++) {
                try (RunningProgram pktgen = RunningProgram.start(RunningProgram.netdev4jCommand("pktgen", "--device",
                        device(ring, 1), "--mode", mode, "--json"))) {
                    pktgen.awaitLine(RUNS);
                    assertTrue(mappedFiles(backEnd) > 0);
                }
                await("no descriptor of it", () -> backEnd.openFds() == fds);
                await("no memory of it", () -> mappedFiles(backEnd) == 0);
            }
            assertRate(pktgen(ring, 1, mode, 64), mode, 64);
            backEnd.terminate().await().assertExit(0);
        }
    }

    private static long mappedFiles(RunningProgram program) {
        try (Stream<String> maps = Files.lines(Path.of("/proc", Long.toString(program.pid()), "maps"))) {
            return maps.filter(line -> line.contains("/memfd:")).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("waited for: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private Path socket() {
        return directory.resolve("s");
    }

    private String device(String ring, int pairs) {
        return "vhost-user:" + socket() + ",queues=" + pairs + ",ring=" + ring;
    }

    private RunningProgram backEnd(String mode, int pairs, int size) {
        RunningProgram program = RunningProgram.start(RunningProgram.netdev4jCommand("switch", "--json", "--port",
                "vhost-user:" + socket() + ",queues=" + pairs, "--mode", mode, "--size", Integer.toString(size),
                "--mtu",
                Integer.toString(Math.max(1500, size - 14))));
        program.awaitLine(RUNS);
        return program;
    }

    private Result pktgen(String ring, int pairs, String mode, int size) {
        return RunningProgram.run(RunningProgram.netdev4jCommand("pktgen", "--device", device(ring, pairs), "--mode",
                mode, "--size", Integer.toString(size), "--queues", Integer.toString(pairs), "--duration", "1",
                "--json")).assertExit(0).assertSilentOnStderr();
    }

    private static long packets(Result result, String direction) {
        return Long.parseLong(figures(result, direction).group(1));
    }

    private static void assertRate(Result result, String direction, int size) {
        Matcher figures = figures(result, direction);
        assertTrue(Long.parseLong(figures.group(1)) > ENOUGH, result::toString);
        double meanSize = Double.parseDouble(figures.group(3)) * 1000 / 8 / Double.parseDouble(figures.group(2));
        assertEquals(size, meanSize, size * 0.05, result::toString);
    }

    private static Matcher figures(Result result, String direction) {
        Matcher figures = Pattern.compile("\"" + direction
                + "\":\\{\"packets\":([0-9]+),\"mpps\":([0-9.]+),\"gbps\":([0-9.]+)").matcher(result.out());
        assertTrue(figures.find(), result::toString);
        return figures;
    }
}
