package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
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
}
