package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.netdev4j.virtio.testing.RawPackedRing.INDIRECT;
import static org.netdev4j.virtio.testing.RawPackedRing.NEXT;
import static org.netdev4j.virtio.testing.RawPackedRing.WRITE;
import static org.netdev4j.virtio.testing.RawPackedRing.available;
import static org.netdev4j.virtio.testing.RawPackedRing.used;

import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.OffsetMemory;
import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.RawPackedRing.Descriptor;
import org.netdev4j.virtio.testing.Rule;

/** Packed queues with IN_ORDER: buffers are used in the order in which they were made available, and may be so in batches. */
class InOrderPackedTest {
    private static final int SIZE = 7;
    private static final Features IN_ORDER = Features.of(VirtioFeature.RING_PACKED, VirtioFeature.IN_ORDER);

    private final MemoryRegion region = OffsetMemory.allocate(1 << 16);
    private final long buffers = region.deviceAddress() + 0x8000;

    @AfterEach
    void giveMemoryBack() {
        region.close();
    }

    /** Buffers of 1, 3, 1 and 2 slots, tokens 10 to 13, of which the second and the last can be written: 30 and 20 bytes. */
    @Nested
    class DriverEnd {
        private final Virtqueue queue = Virtqueue.create(region, SIZE, IN_ORDER);
        private final RawPackedRing device = new RawPackedRing(region, queue.placement());
        private final int[] tokens = new int[SIZE];
        private final int[] written = new int[SIZE];

        @BeforeEach
        void makeFourBuffersAvailable() {
            queue.add(buffers, 60, false, 10);
            ScatterGatherList list = new ScatterGatherList(3);
            list.append(buffers + 0x100, 10, false);
            list.append(buffers + 0x200, 10, true);
            list.append(buffers + 0x300, 20, true);
            queue.add(list, 11);
            queue.add(buffers, 60, false, 12);
            list.clear();
            list.append(buffers + 0x400, 12, false);
            list.append(buffers + 0x500, 20, true);
            queue.add(list, 13);
            queue.publish();
        }

        @AfterEach
        void close() {
            queue.close();
        }

        @Test
        void idsFollowEachOther() {
            for (int slot : new int[]{0, 3, 4, 6}) {
                assertEquals(slot == 0 ? 0 : slot / 2, device.descriptor(slot).id());
            }
        }

        @Test
        @Rule("PQ10")
        void aBatchIsHandedOutWholeAndThoseInFrontAreWrittenInFull() {
            device.use(0, 3, 7, WRITE | used(1));

            assertEquals(4, queue.pop(tokens, written, SIZE));
            assertArrayEquals(new int[]{10, 11, 12, 13}, Arrays.copyOf(tokens, 4));
            assertArrayEquals(new int[]{0, 30, 0, 7}, Arrays.copyOf(written, 4));
            assertEquals(SIZE, queue.free());
            assertEquals(0, queue.inFlight());
            assertFalse(queue.hasUsed());
        }

        @Test
        @Rule({"PQ4.2", "PQ10"})
        void theNextUsedDescriptorIsBehindTheSlotsOfTheBatch() {
            device.use(0, 1, 5, WRITE | used(1));
            assertEquals(2, queue.pop(tokens, written, SIZE));
            assertFalse(queue.hasUsed());
            assertTrue(queue.armInterrupt());

            device.use(4, 3, 20, WRITE | used(1));
            assertFalse(queue.armInterrupt());
            assertEquals(2, queue.pop(tokens, written, SIZE));
            assertArrayEquals(new int[]{12, 13}, Arrays.copyOf(tokens, 2));
            assertArrayEquals(new int[]{0, 20}, Arrays.copyOf(written, 2));

            queue.add(buffers, 1, false, 14);
            queue.publish();
            assertEquals(new Descriptor(buffers, 1, 4, available(0)), device.descriptor(0));
            device.use(0, 4, 0, used(0));
            assertEquals(1, queue.pop(tokens, null, SIZE));
            assertEquals(14, tokens[0]);
        }

        @Test
        @Rule("PQ10")
        void aBatchIsHandedOutAsItIsAskedFor() {
            device.use(0, 2, 0, used(1));
            for (int i = 0; i < 3; i++) {
                assertTrue(queue.hasUsed());
                assertFalse(queue.armInterrupt());
                assertEquals(1, queue.pop(tokens, written, 1));
                assertEquals(10 + i, tokens[0]);
                assertEquals(i == 1 ? 30 : 0, written[0]);
                queue.add(buffers, 1, false, 20 + i);
            }
            assertEquals(0, queue.pop(tokens, written, 1));
            assertTrue(queue.armInterrupt());
            assertEquals(2 + 3, SIZE - queue.free());
        }

        @Test
        void aBatchEndsAtABufferThatIsInFlight() {
            device.use(0, 4, 0, used(1));
            assertEquals(0, queue.pop(tokens, written, SIZE));
            assertTrue(queue.brokenReason().contains("id 4"), queue.brokenReason());
            assertEquals(4, queue.reset(tokens));
        }

        @Test
        void aBatchCannotGoBack() {
            device.use(0, 1, 0, used(1));
            assertEquals(2, queue.pop(tokens, written, SIZE));
            device.use(4, 0, 0, used(1));
            assertEquals(0, queue.pop(tokens, written, SIZE));
            assertTrue(queue.brokenReason().contains("id 0"), queue.brokenReason());
        }

        @Test
        void aBatchCannotEndAtABufferThatIsNotYetAvailable() {
            device.use(0, 0, 0, used(1));
            assertEquals(1, queue.pop(tokens, written, SIZE));
            queue.add(buffers, 1, false, 14);
            device.use(1, 4, 0, used(1));
            assertEquals(0, queue.pop(tokens, written, SIZE));
            assertTrue(queue.brokenReason().contains("id 4"), queue.brokenReason());
        }

        @Test
        void theLastOfABatchHasNoMoreBytesThanRoom() {
            device.use(0, 3, 21, WRITE | used(1));
            assertEquals(0, queue.pop(tokens, written, SIZE));
            assertTrue(queue.brokenReason().contains("room for 20 bytes"), queue.brokenReason());
        }

        @Test
        void aHalfTakenBatchIsForgottenByReset() {
            device.use(0, 3, 7, WRITE | used(1));
            assertEquals(1, queue.pop(tokens, written, 1));
            assertEquals(3, queue.reset(tokens));
            assertFalse(queue.hasUsed());
            assertEquals(0, queue.pop(tokens, written, SIZE));
        }
    }

    /** Buffers 0 to 3 of 1, 2, 1 and 1 slots; the third can be written. */
    @Nested
    class DeviceEnd {
        private final RawPackedRing driver = RawPackedRing.place(region, SIZE);
        private final DeviceMemory memory = new DeviceMemory();
        private final DescriptorChain chain = new DescriptorChain(SIZE);
        private DeviceQueue queue;

        @BeforeEach
        void takeFourBuffers() {
            memory.add(region);
            queue = DeviceQueue.create(memory, driver.placement(), IN_ORDER.with(VirtioFeature.EVENT_IDX));
            driver.descriptor(0, buffers, 10, 100, available(1));
            driver.descriptor(1, buffers, 10, 0, NEXT | available(1));
            driver.descriptor(2, buffers, 10, 101, available(1));
            driver.descriptor(3, buffers, 10, 102, WRITE | available(1));
            driver.descriptor(4, buffers, 10, 103, available(1));
            for (int i = 0; i < 4; i++) {
                assertTrue(queue.next(chain));
                assertEquals(i, chain.id());
            }
        }

        @Test
        @Rule({"PQ10", "FT21"})
        void buffersThatWereOnlyReadShareOneUsedDescriptor() {
            for (int i = 0; i < 4; i++) {
                queue.complete(i, i == 2 ? 10 : 0);
            }
            queue.publish();

            assertUsed(0, 102, 10, WRITE | used(1));
            assertEquals(available(1), driver.descriptor(2).flags(), "passed over");
            assertEquals(WRITE | available(1), driver.descriptor(3).flags(), "passed over");
            assertUsed(4, 103, 0, used(1));
        }

        @Test
        @Rule("FT21")
        void aBufferWaitsForThoseTakenBeforeIt() {
            queue.complete(1, 0);
            queue.complete(3, 0);
            queue.complete(2, 5);
            assertFalse(queue.publish());
            assertEquals(available(1), driver.descriptor(0).flags());
            assertEquals(0x8000, queue.state().used());

            queue.complete(0, 0);
            queue.publish();
            assertUsed(0, 102, 5, WRITE | used(1));
            assertUsed(4, 103, 0, used(1));
            assertEquals(0x8005, queue.state().used());
        }

        @Test
        @Rule("PQ28")
        void anEventInTheMiddleOfABatchIsPassed() {
            driver.driverEvent(1, 1, RawPackedRing.DESC);
            queue.complete(0, 0);
            assertFalse(queue.publish());
            driver.driverEvent(2, 1, RawPackedRing.DESC);
            queue.complete(1, 0);
            queue.complete(2, 0);
            assertTrue(queue.publish());
            driver.driverEvent(1, 1, RawPackedRing.DESC);
            queue.complete(3, 0);
            assertFalse(queue.publish());
        }

        @Test
        void aPublicationEndsABatch() {
            queue.complete(0, 0);
            queue.publish();
            queue.complete(1, 0);
            queue.publish();

            assertUsed(0, 100, 0, used(1));
            assertUsed(1, 101, 0, used(1));
        }

        @Test
        void aBufferIsCompletedOnceAndThenNotPutBack() {
            queue.complete(3, 0);
            assertThrows(IllegalStateException.class, () -> queue.complete(3, 0));
            assertThrows(IllegalArgumentException.class, () -> queue.putBack(1));
            queue.complete(0, 0);
            assertThrows(IllegalStateException.class, () -> queue.complete(0, 0));
        }

        @Test
        void aMalformedBufferIsReturnedInItsTurn() {
            driver.descriptor(5, buffers, 10, 104, INDIRECT | NEXT | available(1));
            driver.descriptor(6, buffers, 10, 104, available(1));
            assertFalse(queue.next(chain));
            assertTrue(queue.isBroken());
            assertFalse(queue.publish());
            for (int i = 0; i < 4; i++) {
                queue.complete(i, 0);
            }
            queue.publish();

            assertUsed(0, 102, 0, used(1));
            assertUsed(4, 104, 0, used(1));
        }

        private void assertUsed(int slot, int id, int length, int flags) {
            Descriptor descriptor = driver.descriptor(slot);
            assertEquals(new Descriptor(descriptor.address(), length, id, flags), descriptor);
        }
    }
}
