package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Whatever the two ends of a queue do in whatever order, every buffer goes round once: the driver end and the device end
 * against each other, and each against one that works the rings by hand. What is tried is tried on every kind of ring.
 * {@code -Djqwik.tries.default=10000} tries more.
 */
class QueuePropertiesTest {
    private static final long TABLE_BYTES = 5 * 16;
    /** Most descriptors of a ring that is copied from end to end at each step. */
    private static final int COPIED = 32;

    /** The steps of several lives, with a reset of queue and device after each. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    @Rule({"SQ2", "SQ5", "SQ7", "SQ9.2", "SQ18", "SQ21", "SQ22", "SQ25", "SQ26", "SQ28", "SQ29", "SQ34", "FT21", "CL1",
        "PQ1", "PQ4", "PQ27", "PQ28"})
    void bothEnds(@ForAll("sizes") int anySize, @ForAll("positions") int position, @ForAll boolean inBursts,
            @ForAll("lives") List<List<Step>> lives) {
        for (RingKind kind : RingKind.all()) {
            int size = kind.size(anySize);
            assertDoesNotThrow(() -> {
                int first = kind.position(position, size);
                try (BounceMemory memory = memory(kind, size);
                        Virtqueue driver = Virtqueue.create(memory.driverSide(), size, kind.features(), first)) {
                    for (List<Step> steps : lives) {
                        memory.share(driver.placement(), kind.packed());
                        DeviceQueue device = device(memory, driver.placement(), kind, first);
                        live(driver, deviceEnd(device, memory, inBursts), kind, steps, memory);
                        assertFalse(device.isBroken(), device.brokenReason());
                        first = RingState.start(kind.features()).available();
                    }
                }
            }, () -> kind + " of " + size);
        }
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    @Rule({"SQ7", "SQ12", "SQ13", "SQ15", "SQ18", "SQ26", "SQ28", "SQ29", "SQ34", "CL1",
        "PQ2", "PQ6", "PQ17", "PQ21", "PQ22", "PQ24", "PQ28"})
    void theDriverEnd(@ForAll("sizes") int anySize, @ForAll("positions") int position, @ForAll long seed,
            @ForAll("lives") List<List<Step>> lives) {
        for (RingKind kind : RingKind.all()) {
            int size = kind.size(anySize);
            assertDoesNotThrow(() -> {
                int first = kind.position(position, size);
                try (BounceMemory memory = memory(kind, size);
                        Virtqueue driver = Virtqueue.create(memory.driverSide(), size, kind.features(), first)) {
                    for (List<Step> steps : lives) {
                        memory.share(driver.placement(), kind.packed());
                        live(driver, naiveDevice(memory, driver.placement(), kind, first, seed), kind, steps, memory);
                        first = RingState.start(kind.features()).available();
                    }
                }
            }, () -> kind + " of " + size);
        }
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    @Rule({"SQ5", "SQ9.2", "SQ16", "SQ17", "SQ21", "SQ22", "SQ23", "SQ25", "SQ30", "SQ36",
        "PQ3", "PQ7", "PQ15", "PQ16", "PQ28"})
    void theDeviceEnd(@ForAll("sizes") int anySize, @ForAll("positions") int position, @ForAll long seed,
            @ForAll boolean inBursts, @ForAll("steps") List<Step> steps) {
        for (RingKind kind : RingKind.all()) {
            int size = kind.size(anySize);
            assertDoesNotThrow(() -> {
                int first = kind.position(position, size);
                try (BounceMemory memory = memory(kind, size)) {
                    QueuePlacement placement = place(memory.driverSide(), kind, size);
                    DriverEnd driver = naiveDriver(memory, placement, kind, first, seed);
                    memory.share(placement, kind.packed());
                    DeviceQueue device = device(memory, placement, kind, first);
                    Scenario scenario = new Scenario(driver, deviceEnd(device, memory, inBursts), kind, size,
                            memory);
                    steps.forEach(scenario::run);
                    assertFalse(device.isBroken(), device.brokenReason());
                }
            }, () -> kind + " of " + size);
        }
    }

    /** Whoever copies the memory of a running guest copies again what is logged, and nothing else. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    @Rule("VU23")
    void allThatTheDeviceEndWritesIsLogged(@ForAll("copiedSizes") int anySize, @ForAll("positions") int position,
            @ForAll boolean inBursts, @ForAll("steps") List<Step> steps) {
        for (RingKind kind : RingKind.all()) {
            int size = kind.size(anySize);
            assertDoesNotThrow(() -> {
                int first = kind.position(position, size);
                try (BounceMemory memory = memory(kind, size);
                        Virtqueue driver = Virtqueue.create(memory.driverSide(), size, kind.features(), first)) {
                    memory.share(driver.placement(), kind.packed());
                    LoggedDeviceEnd device = new LoggedDeviceEnd(device(memory, driver.placement(), kind, first),
                            memory, inBursts);
                    live(driver, device, kind, steps, memory);
                }
            }, () -> kind + " of " + size);
        }
    }

    private static DeviceEnd deviceEnd(DeviceQueue queue, BounceMemory memory, boolean inBursts) {
        return inBursts
                ? new BurstDeviceEnd(queue, memory.deviceSide())
                : new RealDeviceEnd(queue, memory.deviceSide());
    }

    /** From the first step to a reset: nothing is lost, nothing comes twice. */
    private static void live(Virtqueue driver, DeviceEnd device, RingKind kind, List<Step> steps,
            BounceMemory memory) {
        Scenario scenario = new Scenario(new RealDriverEnd(driver, kind.features()), device, kind, driver.size(),
                memory);
        for (Step step : steps) {
            scenario.run(step);
            assertFalse(driver.isBroken(), driver.brokenReason());
            assertEquals(scenario.inFlight(), driver.inFlight());
            assertEquals(driver.size(), driver.free() + scenario.descriptorsInFlight());
        }
        int[] returned = new int[driver.size()];
        int count = driver.reset(returned);
        assertArrayEquals(scenario.tokensInFlight(), Arrays.stream(returned, 0, count).sorted().toArray());
        assertEquals(driver.size(), driver.free());
        assertEquals(0, driver.inFlight());
    }

    private static BounceMemory memory(RingKind kind, int size) {
        long bytes = Virtqueue.memoryBytes(size, kind.features()) + TABLE_BYTES * size + 4096;
        return new BounceMemory(bytes, Scenario.PIECES, size <= COPIED);
    }

    private static DeviceQueue device(BounceMemory memory, QueuePlacement placement, RingKind kind, int first) {
        return DeviceQueue.create(memory.deviceMemory(), placement, kind.features(), first);
    }

    private static DeviceEnd naiveDevice(BounceMemory memory, QueuePlacement placement, RingKind kind, int first,
            long seed) {
        MemoryRegion region = memory.deviceSide();
        return kind.packed()
                ? new NaivePackedDevice(new RawPackedRing(region, placement), kind, first, seed)
                : new NaiveSplitDevice(new RawSplitRing(region, placement), kind, first, seed);
    }

    private static QueuePlacement place(MemoryRegion region, RingKind kind, int size) {
        return kind.packed()
                ? RawPackedRing.place(region, size).placement()
                : RawSplitRing.place(region, size).placement();
    }

    /** Its tables are right before the buffers. */
    private static DriverEnd naiveDriver(BounceMemory memory, QueuePlacement placement, RingKind kind, int first,
            long seed) {
        MemoryRegion region = memory.driverSide();
        long tables = memory.piece(0) - TABLE_BYTES * placement.size();
        return kind.packed()
                ? new NaivePackedDriver(new RawPackedRing(region, placement), tables, kind, first, seed)
                : new NaiveSplitDriver(new RawSplitRing(region, placement), tables, kind, first, seed);
    }

    @Provide
    Arbitrary<Integer> sizes() {
        return Arbitraries.frequencyOf(Tuple.of(30, Arbitraries.integers().between(1, 8)),
                Tuple.of(20, Arbitraries.integers().between(9, COPIED)), Tuple.of(5, Arbitraries.of(100, 256, 1000)),
                Tuple.of(1, Arbitraries.of(32767, 32768)));
    }

    @Provide
    Arbitrary<Integer> copiedSizes() {
        return Arbitraries.integers().between(1, COPIED);
    }

    @Provide
    Arbitrary<Integer> positions() {
        return Arbitraries.of(0, 1, 0x7ffd, 0x7fff, 0x8000, 0x8002, 0xfff0, 0xfffd, 0xffff);
    }

    @Provide
    Arbitrary<List<List<Step>>> lives() {
        return steps().list().ofMinSize(1).ofMaxSize(3);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> some = Arbitraries.integers().between(0, 10);
        Arbitrary<Integer> bytes = Arbitraries.integers().between(1, 200);
        Arbitrary<Step> add = Combinators
                .combine(bytes.list().ofMinSize(1).ofMaxSize(5), Arbitraries.integers().between(0, 5))
                .as(Step.Add::new);
        Arbitrary<Step> addOne = Combinators.combine(bytes.list().ofSize(1), Arbitraries.of(0, 1)).as(Step.Add::new);
        Arbitrary<Step> complete = Combinators.combine(some, Arbitraries.integers().between(0, 1000))
                .as(Step.Complete::new);
        return Arbitraries.frequencyOf(Tuple.of(6, add), Tuple.of(6, addOne),
                Tuple.of(6, Arbitraries.just(new Step.Publish())), Tuple.of(6, some.map(Step.Take::new)),
                Tuple.of(12, complete), Tuple.of(6, Arbitraries.just(new Step.PublishUsed())),
                Tuple.of(6, some.map(Step.Pop::new)), Tuple.of(2, some.map(Step.PutBack::new)),
                Tuple.of(2, Arbitraries.just(new Step.ArmInterrupt())),
                Tuple.of(1, Arbitraries.just(new Step.DisarmInterrupt())),
                Tuple.of(2, Arbitraries.just(new Step.ArmKick())),
                Tuple.of(1, Arbitraries.just(new Step.DisarmKick()))).list().ofMaxSize(300);
    }
}
