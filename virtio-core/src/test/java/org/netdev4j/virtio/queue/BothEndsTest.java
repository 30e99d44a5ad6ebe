package org.netdev4j.virtio.queue;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.testing.OffsetMemory;

/** Driver end and device end on one queue. */
class BothEndsTest {
    @ParameterizedTest(name = "size {0} from index {1}")
    @CsvSource({"1, 0", "1, 65535", "2, 32767", "64, 0", "64, 32760", "256, 65500", "32768, 0", "32768, 65535"})
    void everyBufferCrossesOnceAndInOrder(int size, int firstIndex) {
        try (MemoryRegion region = OffsetMemory.allocate(2 << 20);
                Virtqueue driver = Virtqueue.create(region, size, Features.NONE, firstIndex)) {
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DeviceQueue device = DeviceQueue.create(memory, driver.placement(), Features.NONE, firstIndex);
            DescriptorChain chain = new DescriptorChain(size);
            long buffers = region.size() - 4L * size;
            int[] tokens = new int[size];
            int[] written = new int[size];
            int sent = 0;
            for (int round = 0; round < 5; round++) {
                int first = sent;
                while (driver.free() > 0) {
                    long offset = buffers + 4L * (sent % size);
                    region.segment().set(JAVA_INT, offset, 0);
                    assertTrue(driver.add(region.deviceAddress() + offset, 4, true, sent++));
                }
                assertTrue(driver.publish());
                for (int i = first; i < sent; i++) {
                    assertTrue(device.next(chain));
                    chain.segment(0).set(JAVA_INT, chain.offset(0), ~i);
                    device.complete(chain, i % 5);
                }
                assertFalse(device.next(chain));
                device.publish();
                assertEquals(sent - first, driver.pop(tokens, written, size));
                for (int i = first; i < sent; i++) {
                    assertEquals(i, tokens[i - first]);
                    assertEquals(i % 5, written[i - first]);
                    assertEquals(~i, region.segment().get(JAVA_INT, buffers + 4L * (i % size)));
                }
            }
            assertFalse(driver.isBroken(), driver.brokenReason());
            assertFalse(device.isBroken(), device.brokenReason());
        }
    }
}
