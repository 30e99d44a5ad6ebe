package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.Rule;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Descriptors that the device was given and has not returned are not touched, whatever else the driver end does. */
class LiveQueueTest {
    private static final int SIZE = 8;
    private static final int DESCRIPTOR_BYTES = 16;
    private static final int STEPS = 300;

    private final int[] tokens = new int[SIZE];
    private final DescriptorChain chain = new DescriptorChain(SIZE);
    /** Buffers so far: added, published, used by the device, popped. The n-th has descriptor n modulo the size. */
    private int added;
    private int published;
    private int used;
    private int popped;

    @Property(tries = 100)
    @Rule("CL1")
    void descriptorsStayAsTheyAreWhileTheDeviceHasThem(@ForAll boolean packed, @ForAll boolean inOrder,
            @ForAll long seed) {
        Random random = new Random(seed);
        Features features = (packed ? Features.of(VirtioFeature.RING_PACKED) : Features.NONE)
                .or(inOrder ? Features.of(VirtioFeature.IN_ORDER) : Features.NONE);
        added = published = used = popped = 0;
        try (MemoryRegion region = OffsetMemory.allocate(1 << 14);
                Virtqueue driver = Virtqueue.create(region, SIZE, features)) {
            DeviceMemory memory = new DeviceMemory();
            memory.add(region);
            DeviceQueue device = DeviceQueue.create(memory, driver.placement(), features);
            ByteBuffer table = OffsetMemory.bytes(region, driver.placement().descriptorAddress(),
                    SIZE * DESCRIPTOR_BYTES);
            for (int step = 0; step < STEPS; step++) {
                if (random.nextInt(4) == 0) {
                    use(device);
                } else {
                    byte[][] before = live(table);
                    int from = used;
                    act(driver, region.deviceAddress() + 0x2000, random);
                    for (int i = 0; i < before.length; i++) {
                        assertArrayEquals(before[i], descriptor(table, from + i));
                    }
                }
            }
            assertTrue(popped > SIZE, "the ring went round");
        }
    }

    private void use(DeviceQueue device) {
        if (device.next(chain)) {
            device.complete(chain, 0);
            device.publish();
            used++;
        }
    }

    private void act(Virtqueue driver, long buffers, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> {
                driver.publish();
                published = added;
            }
            case 1 -> popped += driver.pop(tokens, null, 1 + random.nextInt(SIZE));
            case 2 -> {
                if (random.nextBoolean()) {
                    driver.armInterrupt();
                } else {
                    driver.disarmInterrupt();
                }
            }
            default -> {
                if (driver.add(buffers + random.nextInt(0x1000), 1 + random.nextInt(100), random.nextBoolean(),
                        added)) {
                    added++;
                }
            }
        }
    }

    private byte[][] live(ByteBuffer table) {
        byte[][] live = new byte[published - used][];
        Arrays.setAll(live, i -> descriptor(table, used + i));
        return live;
    }

    private static byte[] descriptor(ByteBuffer table, int buffer) {
        byte[] bytes = new byte[DESCRIPTOR_BYTES];
        table.get(buffer % SIZE * DESCRIPTOR_BYTES, bytes);
        return bytes;
    }
}
