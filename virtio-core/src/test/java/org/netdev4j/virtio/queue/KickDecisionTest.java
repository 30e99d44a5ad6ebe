package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.Rule;

/**
 * When an end tells the other, for all that the other may have written and all that may be published at once in a small ring:
 * as often as a walk over every entry that was put there says.
 */
class KickDecisionTest {
    private static final int RESERVED = 3;

    private final MemoryRegion region = OffsetMemory.allocate(1 << 16);
    private final long buffer = region.deviceAddress() + 0x8000;
    private final DeviceMemory memory = new DeviceMemory();
    private final DescriptorChain chain = new DescriptorChain(8);

    KickDecisionTest() {
        memory.add(region);
    }

    @ParameterizedTest(name = "size {0}")
    @ValueSource(ints = {1, 2, 4})
    @Rule({"SQ29", "SQ19.2"})
    void aSplitDriverWithEventIndex(int size) {
        int[] tokens = new int[size];
        try (Virtqueue queue = Virtqueue.create(region, size, kind(false, true).features())) {
            RawSplitRing device = new RawSplitRing(region, queue.placement());
            for (int ahead = 0; ahead <= 0xffff; ahead++) {
                for (int count = 1; count <= size; count++) {
                    int first = device.availableIndex();
                    device.availableEvent(first + ahead);
                    device.usedFlags(ahead);
                    for (int i = 0; i < count; i++) {
                        queue.add(buffer, 1, false, i);
                    }
                    assertEquals(ahead < count, queue.publish());
                    for (int i = 0; i < count; i++) {
                        device.use(device.head(first + i), 0);
                    }
                    assertEquals(count, queue.pop(tokens, null, size));
                }
            }
            assertEquals(0, device.availableFlags());
        }
    }

    @ParameterizedTest(name = "size {0}")
    @ValueSource(ints = {1, 2, 4})
    @Rule({"SQ22", "SQ30.2"})
    void aSplitDeviceWithEventIndex(int size) {
        RawSplitRing driver = RawSplitRing.place(region, size);
        DeviceQueue queue = DeviceQueue.create(memory, driver.placement(), kind(false, true).features());
        for (int i = 0; i < size; i++) {
            driver.descriptor(i, buffer, 1, 0, 0);
        }
        for (int ahead = 0; ahead <= 0xffff; ahead++) {
            for (int count = 1; count <= size; count++) {
                driver.usedEvent(driver.usedIndex() + ahead);
                driver.availableFlags(ahead);
                for (int i = 0; i < count; i++) {
                    driver.makeAvailable(i);
                    assertTrue(queue.next(chain));
                    queue.complete(i, 0);
                }
                assertEquals(ahead < count, queue.publish());
            }
        }
        assertEquals(0, driver.usedFlags());
    }

    @ParameterizedTest(name = "size {0}")
    @ValueSource(ints = {1, 2, 4})
    @Rule({"SQ21", "SQ28", "SQ19.1", "SQ30.1"})
    void splitEndsWithoutEventIndexLookAtTheFlagsAlone(int size) {
        int[] tokens = new int[size];
        try (Virtqueue driver = Virtqueue.create(region, size, kind(false, false).features())) {
            DeviceQueue device = DeviceQueue.create(memory, driver.placement(), kind(false, false).features());
            RawSplitRing ring = new RawSplitRing(region, driver.placement());
            for (int event = 0; event <= 0xffff; event++) {
                for (int count = 1; count <= size; count++) {
                    boolean wanted = (event & 1) == 0;
                    ring.availableEvent(event);
                    ring.usedFlags(wanted ? 0 : 1);
                    ring.usedEvent(event);
                    ring.availableFlags(wanted ? 0 : 1);
                    for (int i = 0; i < count; i++) {
                        driver.add(buffer, 1, false, i);
                    }
                    assertEquals(wanted, driver.publish());
                    for (int i = 0; i < count; i++) {
                        assertTrue(device.next(chain));
                        device.complete(chain, 0);
                    }
                    assertEquals(wanted, device.publish());
                    assertEquals(count, driver.pop(tokens, null, size));
                }
            }
        }
    }

    @ParameterizedTest(name = "size {0}")
    @ValueSource(ints = {1, 2, 3, 5})
    @Rule("PQ28")
    void aPackedDriver(int size) {
        forEachPackedCase(size, (kind, first, bufferSlots, buffers, event) -> {
            try (Virtqueue queue = Virtqueue.create(region, size, kind.features(), first)) {
                RawPackedRing device = new RawPackedRing(region, queue.placement());
                device.deviceEvent(event.slot(), event.wrap(), event.flags());
                for (int i = 0; i < buffers; i++) {
                    assertTrue(queue.add(list(bufferSlots), i));
                }
                return queue.publish();
            }
        });
    }

    @ParameterizedTest(name = "size {0}")
    @ValueSource(ints = {1, 2, 3, 5})
    @Rule("PQ28")
    void aPackedDevice(int size) {
        forEachPackedCase(size, (kind, first, bufferSlots, buffers, event) -> {
            try (Virtqueue driver = Virtqueue.create(region, size, kind.features(), first)) {
                DeviceQueue queue = DeviceQueue.create(memory, driver.placement(), kind.features(), first);
                for (int i = 0; i < buffers; i++) {
                    assertTrue(driver.add(list(bufferSlots), i));
                }
                driver.publish();
                new RawPackedRing(region, driver.placement()).driverEvent(event.slot(), event.wrap(), event.flags());
                for (int i = 0; i < buffers; i++) {
                    assertTrue(queue.next(chain));
                    queue.complete(chain, 0);
                }
                return queue.publish();
            }
        });
    }

    /** Buffers of one length in slots, as many as fit, wherever they start and whatever the other end wants. */
    private static void forEachPackedCase(int size, PackedCase test) {
        for (int first = 0; first < 2 * size; first++) {
            int position = (first % size) | (first < size ? 0 : 0x8000);
            for (int bufferSlots = 1; bufferSlots <= size; bufferSlots++) {
                for (int buffers = 1; buffers * bufferSlots <= size; buffers++) {
                    for (int bits = 0; bits < 16 * size; bits++) {
                        RingKind kind = kind(true, (bits & 1) != 0);
                        RawPackedRing.Event event = new RawPackedRing.Event(bits >> 4, (bits >> 1) & 1,
                                (bits >> 2) & 3);
                        boolean wanted = walk(kind, first, buffers * bufferSlots, size, event);
                        assertEquals(wanted, test.notifies(kind, position, bufferSlots, buffers, event),
                                () -> kind + " from " + Integer.toHexString(position) + ", " + event);
                    }
                }
            }
        }
    }

    private static boolean walk(RingKind kind, int first, int slots, int size, RawPackedRing.Event event) {
        if (event.flags() == RawPackedRing.DISABLE) {
            return false;
        }
        if (event.flags() == RawPackedRing.ENABLE || event.flags() == RESERVED || !kind.eventIndex()) {
            return true;
        }
        for (int slot = first; slot < first + slots; slot++) {
            int wrap = slot / size % 2;
            if (slot % size == event.slot() && wrap == event.wrap()) {
                return true;
            }
        }
        return false;
    }

    private ScatterGatherList list(int pieces) {
        ScatterGatherList list = new ScatterGatherList(pieces);
        for (int i = 0; i < pieces; i++) {
            list.append(buffer + 16L * i, 8, false);
        }
        return list;
    }

    private static RingKind kind(boolean packed, boolean eventIndex) {
        return new RingKind(packed, false, eventIndex, false);
    }

    private interface PackedCase {
        boolean notifies(RingKind kind, int first, int bufferSlots, int buffers, RawPackedRing.Event event);
    }
}
