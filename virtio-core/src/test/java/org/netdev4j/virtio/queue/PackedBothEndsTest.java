package org.netdev4j.virtio.queue;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.Rule;

/** Driver end and device end on one packed queue. */
class PackedBothEndsTest {
    private static final int WRAP = 1 << 15;

    @ParameterizedTest(name = "size {0} from slot {1}, wrap counter {2}, in order {3}")
    @CsvSource({"1, 0, 1, false", "1, 0, 0, true", "2, 1, 1, false", "3, 0, 1, true", "3, 2, 0, false", "5, 4, 1, true",
        "17, 9, 0, false", "1000, 998, 1, true", "32768, 0, 1, false", "32767, 32766, 0, true"})
    @Rule({"PQ1", "PQ4", "PQ27"})
    void everyBufferCrossesOnceAndInOrder(int size, int slot, int wrap, boolean inOrder) {
        Features features = Features.of(VirtioFeature.RING_PACKED);
        if (inOrder) {
            features = features.with(VirtioFeature.IN_ORDER);
        }
        int first = slot | (wrap == 1 ? WRAP : 0);
        try (MemoryRegion region = OffsetMemory.allocate(1 << 20);
                Virtqueue driver = Virtqueue.create(region, size, features, first)) {
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DeviceQueue device = DeviceQueue.create(memory, driver.placement(), features, first);
            DescriptorChain chain = new DescriptorChain(size);
            long buffers = region.size() - 4L * size;
            int[] tokens = new int[size];
            int[] written = new int[size];
            int sent = 0;
            for (int round = 0; round < 5; round++) {
                int from = sent;
                while (driver.free() > round) {
                    long offset = buffers + 4L * (sent % size);
                    region.segment().set(JAVA_INT, offset, 0);
                    assertTrue(driver.add(region.deviceAddress() + offset, 4, true, sent++));
                }
                assertEquals(sent > from, driver.publish());
                for (int i = from; i < sent; i++) {
                    assertTrue(device.next(chain));
                    chain.segment(0).set(JAVA_INT, chain.offset(0), ~i);
                    device.complete(chain, i % 5);
                }
                assertFalse(device.next(chain));
                assertFalse(driver.hasUsed());
                device.publish();
                assertEquals(sent - from, driver.pop(tokens, written, size));
                for (int i = from; i < sent; i++) {
                    assertEquals(i, tokens[i - from]);
                    assertEquals(i % 5, written[i - from]);
                    assertEquals(~i, region.segment().get(JAVA_INT, buffers + 4L * (i % size)));
                }
            }
            assertFalse(driver.isBroken(), driver.brokenReason());
            assertFalse(device.isBroken(), device.brokenReason());
        }
    }

    @ParameterizedTest(name = "size {0}, indirect {1}, in order {2}")
    @CsvSource({"3, false, false", "7, false, true", "7, true, false", "33, true, true", "100, false, false"})
    @Rule({"PQ6", "PQ7", "PQ9", "PQ23"})
    void buffersOfAnyNumberOfPiecesGoRound(int size, boolean indirect, boolean inOrder) {
        Features features = Features.of(VirtioFeature.RING_PACKED);
        if (indirect) {
            features = features.with(VirtioFeature.INDIRECT_DESC);
        }
        if (inOrder) {
            features = features.with(VirtioFeature.IN_ORDER);
        }
        try (MemoryRegion region = OffsetMemory.allocate(1 << 20);
                Virtqueue driver = Virtqueue.create(region, size, features)) {
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DeviceQueue device = DeviceQueue.create(memory, driver.placement(), features);
            DescriptorChain chain = new DescriptorChain(size);
            int[] tokens = new int[size];
            int[] written = new int[size];
            for (int round = 0; round < 4 * size; round++) {
                int pieces = 1 + round % size;
                ScatterGatherList list = new ScatterGatherList(pieces);
                for (int i = 0; i < pieces; i++) {
                    list.append(region.deviceAddress() + 300L * i, 10 + i, i >= pieces / 2);
                }
                assertTrue(driver.add(list, round));
                assertEquals(size - driver.slotsFor(pieces), driver.free());
                driver.publish();

                assertTrue(device.next(chain));
                assertEquals(pieces, chain.size());
                for (int i = 0; i < pieces; i++) {
                    assertEquals(300L * i, chain.offset(i));
                    assertEquals(10 + i, chain.length(i));
                }
                assertEquals(pieces / 2, chain.readable());
                device.complete(chain, round % 11);
                device.publish();

                assertEquals(1, driver.pop(tokens, written, size));
                assertEquals(round, tokens[0]);
                assertEquals(round % 11, written[0]);
                assertEquals(size, driver.free());
            }
            assertFalse(driver.isBroken(), driver.brokenReason());
            assertFalse(device.isBroken(), device.brokenReason());
        }
    }
}
