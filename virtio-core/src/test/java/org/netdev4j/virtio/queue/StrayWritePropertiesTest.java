package org.netdev4j.virtio.queue;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Two good ends of a queue and someone who now and then writes what he likes to their rings, which either end has to take for
 * the other's doing: no exception, nothing outside memory, no buffer lost or given back twice, and as good as new after a reset.
 */
class StrayWritePropertiesTest {
    private static final int[] SIZES = {1, 2, 3, 4, 8};
    private static final int PIECES = 3;
    private static final int PIECE_BYTES = 100;
    private static final List<Step> A_NORMAL_LIFE = List.of(new Step.Add(List.of(10, 20), 1),
            new Step.Add(List.of(30), 0),
            new Step.Publish(), new Step.Take(2), new Step.Complete(0, 5), new Step.Complete(0, 5),
            new Step.PublishUsed(), new Step.ArmInterrupt(), new Step.Pop(2), new Step.ArmKick());

    @Property(edgeCases = EdgeCasesMode.NONE)
    @Rule({"CL2", "ST4"})
    void whateverIsWrittenToTheRings(@ForAll long seed) {
        for (RingKind kind : RingKind.all()) {
            Random random = new Random(seed);
            int size = kind.size(SIZES[random.nextInt(SIZES.length)]);
            assertDoesNotThrow(() -> live(kind, size, random), () -> kind + " of " + size);
        }
    }

    private static void live(RingKind kind, int size, Random random) {
        int first = kind.position(random.nextInt(1 << 16), size);
        try (BounceMemory memory = new BounceMemory(Virtqueue.memoryBytes(size, kind.features()), 2 * size + PIECES,
                false);
                Virtqueue driver = Virtqueue.create(memory.driverSide(), size, kind.features(), first)) {
            memory.share(driver.placement(), kind.packed());
            DeviceQueue device = DeviceQueue.create(memory.deviceMemory(), driver.placement(), kind.features(), first);
            Set<Integer> inFlight = disturbed(kind, memory, driver, device, random);

            int[] returned = new int[size];
            int count = driver.reset(returned);
            assertArrayEquals(inFlight.stream().mapToInt(Integer::intValue).sorted().toArray(),
                    Arrays.stream(returned, 0, count).sorted().toArray());
            assertFalse(driver.isBroken());

            memory.share(driver.placement(), kind.packed());
            device = DeviceQueue.create(memory.deviceMemory(), driver.placement(), kind.features());
            Scenario scenario = new Scenario(new RealDriverEnd(driver, kind.features()),
                    new RealDeviceEnd(device, memory.deviceSide()), kind, size, memory);
            A_NORMAL_LIFE.forEach(scenario::run);
        }
    }

    /** @return the tokens of the buffers that are in flight at the end */
    private static Set<Integer> disturbed(RingKind kind, BounceMemory memory, Virtqueue driver, DeviceQueue device,
            Random random) {
        int size = driver.size();
        int[] tokens = new int[size];
        int[] written = new int[size];
        DescriptorChain chain = new DescriptorChain(size + PIECES);
        Set<Integer> inFlight = new HashSet<>();
        List<Integer> taken = new ArrayList<>();
        for (int step = 0; step < 500; step++) {
            switch (random.nextInt(12)) {
                case 0, 1 -> {
                    if (driver.add(list(memory, 1 + random.nextInt(Math.min(size, PIECES))), step)) {
                        inFlight.add(step);
                    }
                }
                case 2 -> driver.publish();
                case 3 -> {
                    int count = driver.pop(tokens, written, random.nextInt(size + 1));
                    for (int i = 0; i < count; i++) {
                        assertTrue(inFlight.remove(tokens[i]), "a buffer that is in flight comes back once");
                        assertTrue(written[i] >= 0 && written[i] <= PIECES * PIECE_BYTES);
                    }
                }
                case 4 -> driver.armInterrupt();
                case 5, 6 -> {
                    if (device.next(chain)) {
                        assertInMemory(chain);
                        taken.add(chain.id());
                        assertTrue(taken.size() <= size);
                    }
                }
                case 7 -> {
                    if (!taken.isEmpty()) {
                        Collections.shuffle(taken, random);
                        device.complete(taken.removeLast(), 0);
                    }
                }
                case 8 -> {
                    if (!device.isBroken() && device.next(chain)) {
                        device.putBack(1);
                    }
                }
                case 9 -> device.publish();
                case 10 -> device.armKick();
                default -> write(kind, memory, size, random);
            }
            assertEquals(inFlight.size(), driver.inFlight());
        }
        return inFlight;
    }

    private static ScatterGatherList list(BounceMemory memory, int pieces) {
        ScatterGatherList list = new ScatterGatherList(pieces);
        for (int i = 0; i < pieces; i++) {
            list.append(memory.piece(i), PIECE_BYTES, i > 0);
        }
        return list;
    }

    private static void assertInMemory(DescriptorChain chain) {
        for (int i = 0; i < chain.size(); i++) {
            assertEquals(chain.length(i), chain.segment(i).asSlice(chain.offset(i), chain.length(i)).byteSize());
        }
    }

    /** Two bytes somewhere, mostly something that could well be there. */
    private static void write(RingKind kind, BounceMemory memory, int size, Random random) {
        long bytes = Virtqueue.memoryBytes(size, kind.features()) - 1;
        long offset = random.nextLong(bytes) & -2;
        int old = memory.driverSide().segment().get(JAVA_SHORT, offset);
        int value = switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(2 * size);
            case 2 -> old ^ (1 << random.nextInt(16));
            default -> old + 1;
        };
        memory.driverSide().segment().set(JAVA_SHORT, offset, (short) value);
    }
}
