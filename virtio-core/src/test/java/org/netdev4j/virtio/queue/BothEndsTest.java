package org.netdev4j.virtio.queue;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.Rule;

/** Driver end and device end on one queue, rings of every kind filled to the last descriptor. */
class BothEndsTest {
    static Stream<Arguments> rings() {
        int[][] sizesAndPositions = {{1, 0}, {1, 65535}, {2, 32767}, {7, 0}, {64, 0}, {64, 32760}, {255, 65500},
            {32768, 65535}};
        return RingKind.all().stream().flatMap(kind -> Arrays.stream(sizesAndPositions)
                .map(ring -> Arguments.of(kind, kind.size(ring[0]), kind.position(ring[1], kind.size(ring[0])))));
    }

    @ParameterizedTest(name = "{0} of {1} from {2}")
    @MethodSource("rings")
    @Rule({"SQ2", "SQ14", "PQ1", "PQ4"})
    void fullRingsCrossOverAndOverInOrder(RingKind kind, int size, int first) {
        try (MemoryRegion region = OffsetMemory.allocate(Virtqueue.memoryBytes(size, kind.features()) + 4L * size);
                Virtqueue driver = Virtqueue.create(region, size, kind.features(), first)) {
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DeviceQueue device = DeviceQueue.create(memory, driver.placement(), kind.features(), first);
            DescriptorChain chain = new DescriptorChain(size);
            long buffers = region.size() - 4L * size;
            int[] tokens = new int[size];
            int[] written = new int[size];
            int sent = 0;
            for (int round = 0; round < 5; round++) {
                int from = sent;
                while (driver.free() > 0) {
                    long offset = buffers + 4L * (sent % size);
                    region.segment().set(JAVA_INT, offset, 0);
                    assertTrue(driver.add(region.deviceAddress() + offset, 4, sent % 2 == 0, sent++));
                }
                assertFalse(driver.add(region.deviceAddress(), 4, true, sent));
                driver.publish();
                for (int i = from; i < sent; i++) {
                    assertTrue(device.next(chain));
                    chain.segment(0).set(JAVA_INT, chain.offset(0), ~i);
                    device.complete(chain, i % 2 == 0 ? i % 5 : 0);
                }
                assertFalse(device.next(chain));
                device.publish();
                assertEquals(sent - from, driver.pop(tokens, written, size));
                for (int i = from; i < sent; i++) {
                    assertEquals(i, tokens[i - from]);
                    assertEquals(i % 2 == 0 ? i % 5 : 0, written[i - from]);
                    assertEquals(~i, region.segment().get(JAVA_INT, buffers + 4L * (i % size)));
                }
            }
            assertFalse(driver.isBroken(), driver.brokenReason());
            assertFalse(device.isBroken(), device.brokenReason());
        }
    }

    @ParameterizedTest(name = "{0} of {1} from {2}")
    @MethodSource("rings")
    @Rule({"SQ6", "SQ8", "SQ14"})
    void aBufferMayHaveAsManyPiecesAsTheRingDescriptors(RingKind kind, int size, int first) {
        try (MemoryRegion region = OffsetMemory.allocate(Virtqueue.memoryBytes(size, kind.features()) + 4L * size);
                Virtqueue driver = Virtqueue.create(region, size, kind.features(), first)) {
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DeviceQueue device = DeviceQueue.create(memory, driver.placement(), kind.features(), first);
            DescriptorChain chain = new DescriptorChain(size);
            ScatterGatherList list = new ScatterGatherList(size);
            for (int i = 0; i < size; i++) {
                list.append(region.deviceAddress() + 4L * i, 2, i >= size / 2);
            }
            int[] tokens = new int[1];
            int[] written = new int[1];
            for (int round = 0; round < 3; round++) {
                assertTrue(driver.add(list, round));
                assertEquals(size - driver.slotsFor(size), driver.free());
                driver.publish();
                assertTrue(device.next(chain));
                assertEquals(size, chain.size());
                assertEquals(size / 2, chain.readable());
                for (int i = 0; i < size; i++) {
                    assertEquals(4L * i, chain.offset(i));
                }
                device.complete(chain, 2);
                device.publish();
                assertEquals(1, driver.pop(tokens, written, 1));
                assertEquals(round, tokens[0]);
                assertEquals(2, written[0]);
            }
        }
    }
}
