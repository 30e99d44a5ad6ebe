package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
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
 * against each other, and each against one that works the rings by hand.
 */
class QueuePropertiesTest {
    private static final int BUFFER_BYTES = 64 * 256;
    private static final long TABLE_BYTES = 5 * 16;
    private static final Features FULL = Features.of(VirtioFeature.INDIRECT_DESC);

    /** The steps of several lives, with a reset of queue and device after each. */
    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    @Rule({"SQ5", "SQ7", "SQ18", "SQ21", "SQ22", "SQ28", "SQ29", "SQ34"})
    void bothEnds(@ForAll("features") Features features, @ForAll("sizes") int size, @ForAll("indexes") int firstIndex,
            @ForAll("lives") List<List<Step>> lives) {
        try (MemoryRegion region = memory(size);
                Virtqueue driver = Virtqueue.create(region, size, features, firstIndex)) {
            int index = firstIndex;
            for (List<Step> steps : lives) {
                DeviceQueue device = device(region, driver.placement(), features, index);
                live(driver, new RealDeviceEnd(device, region), features, steps, buffers(region));
                assertFalse(device.isBroken(), device.brokenReason());
                index = 0;
            }
        }
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    @Rule({"SQ7", "SQ13", "SQ15", "SQ18", "SQ28", "SQ29", "SQ34"})
    void theDriverEnd(@ForAll("features") Features features, @ForAll("sizes") int size,
            @ForAll("indexes") int firstIndex,
            @ForAll("lives") List<List<Step>> lives) {
        try (MemoryRegion region = memory(size);
                Virtqueue driver = Virtqueue.create(region, size, features, firstIndex)) {
            int index = firstIndex;
            for (List<Step> steps : lives) {
                DeviceEnd device = new NaiveSplitDevice(new RawSplitRing(region, driver.placement()), features, index);
                live(driver, device, features, steps, buffers(region));
                index = 0;
            }
        }
    }

    @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
    @Rule({"SQ5", "SQ21", "SQ16", "SQ17", "SQ22", "SQ23"})
    void theDeviceEnd(@ForAll("features") Features features, @ForAll("sizes") int size,
            @ForAll("indexes") int firstIndex, @ForAll long seed,
            @ForAll("steps") List<Step> steps) {
        try (MemoryRegion region = memory(size)) {
            RawSplitRing ring = RawSplitRing.place(region, size);
            DriverEnd driver = new NaiveSplitDriver(ring, tables(region, size), features, firstIndex, seed);
            DeviceQueue device = device(region, ring.placement(), features, firstIndex);
            Scenario scenario = new Scenario(driver, new RealDeviceEnd(device, region), size, features,
                    buffers(region));
            steps.forEach(scenario::run);
            assertFalse(device.isBroken(), device.brokenReason());
        }
    }

    /** From the first step to a reset: nothing is lost, nothing comes twice. */
    private static void live(Virtqueue driver, DeviceEnd device, Features features, List<Step> steps,
            long buffers) {
        Scenario scenario = new Scenario(new RealDriverEnd(driver, features), device, driver.size(), features, buffers);
        for (Step step : steps) {
            scenario.run(step);
            assertFalse(driver.isBroken(), driver.brokenReason());
            assertEquals(scenario.inFlight().size(), driver.inFlight());
            assertEquals(driver.size(), driver.free() + scenario.descriptorsInFlight());
        }
        int[] returned = new int[driver.size()];
        int count = driver.reset(returned);
        assertArrayEquals(scenario.inFlight().stream().mapToInt(Buffer::token).sorted().toArray(),
                Arrays.stream(returned, 0, count).sorted().toArray());
        assertEquals(driver.size(), driver.free());
        assertEquals(0, driver.inFlight());
    }

    private static MemoryRegion memory(int size) {
        return OffsetMemory.allocate(BUFFER_BYTES + TABLE_BYTES * size + Virtqueue.memoryBytes(size, FULL) + 4096);
    }

    private static long buffers(MemoryRegion region) {
        return region.deviceAddress() + region.size() - BUFFER_BYTES;
    }

    /** Memory for an indirect table for each descriptor. */
    private static long tables(MemoryRegion region, int size) {
        return buffers(region) - TABLE_BYTES * size;
    }

    private static DeviceQueue device(MemoryRegion region, QueuePlacement placement, Features features,
            int firstIndex) {
        DeviceMemory memory = new DeviceMemory();
        memory.add(region);
        return DeviceQueue.create(memory, placement, features, firstIndex);
    }

    @Provide
    Arbitrary<Features> features() {
        return Arbitraries.subsetOf(VirtioFeature.EVENT_IDX, VirtioFeature.INDIRECT_DESC)
                .map(set -> Features.of(set.toArray(VirtioFeature[]::new)));
    }

    @Provide
    Arbitrary<Integer> sizes() {
        return Arbitraries.frequency(Tuple.of(10, 1), Tuple.of(10, 2), Tuple.of(20, 4), Tuple.of(20, 8),
                Tuple.of(10, 16), Tuple.of(5, 256), Tuple.of(1, 32768));
    }

    @Provide
    Arbitrary<Integer> indexes() {
        return Arbitraries.of(0, 1, 0x7ffd, 0x7fff, 0x8000, 0xfff0, 0xfffd, 0xffff);
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
