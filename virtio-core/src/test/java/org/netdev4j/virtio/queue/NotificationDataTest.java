package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.Rule;

/** What a kick says with NOTIFICATION_DATA. */
class NotificationDataTest {
    @Test
    @Rule("ND2")
    void ofASplitQueueItIsTheAvailableIndex() {
        try (MemoryRegion region = OffsetMemory.allocate(1 << 16);
                Virtqueue queue = Virtqueue.create(region, 4, Features.NONE, 0x7fff)) {
            assertEquals(0x7fff_0003, queue.notificationData(3));

            queue.add(region.deviceAddress(), 10, false, 1);
            assertEquals(0x7fff_0003, queue.notificationData(3), "not yet available");

            queue.publish();
            assertEquals(0x8000_0003, queue.notificationData(3));
        }
    }

    @Test
    @Rule({"ND2", "PQ18"})
    void ofAPackedQueueItIsTheNextSlotWithItsWrapCounter() {
        try (MemoryRegion region = OffsetMemory.allocate(1 << 16);
                Virtqueue queue = Virtqueue.create(region, 3, Features.of(VirtioFeature.RING_PACKED))) {
            assertEquals(0x8000_0007, queue.notificationData(7));

            queue.add(region.deviceAddress(), 10, false, 1);
            assertEquals(0x8000_0007, queue.notificationData(7), "not yet available");

            queue.publish();
            assertEquals(0x8001_0007, queue.notificationData(7));

            queue.add(region.deviceAddress(), 10, false, 2);
            queue.add(region.deviceAddress(), 10, false, 3);
            queue.publish();
            assertEquals(0x0000_0007, queue.notificationData(7), "from the first slot again, in the next round");
        }
    }
}
