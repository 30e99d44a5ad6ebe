package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.virtio.testing.Rule;

/** Positions, flags and suppression of packed rings, against walks over every slot. */
class PackedLayoutTest {
    private static final int WRAP = 1 << 15;
    private static final int AVAILABLE = 1 << 7;
    private static final int USED = 1 << 15;

    @Test
    @Rule("PQ2")
    void anAvailableDescriptorHasAvailableAsTheWrapCounterAndUsedNot() {
        assertEquals(AVAILABLE, PackedLayout.availableFlags(WRAP));
        assertEquals(USED, PackedLayout.availableFlags(0));
    }

    @Test
    @Rule("PQ3")
    void aUsedDescriptorHasBothFlagsAsTheWrapCounter() {
        assertEquals(AVAILABLE | USED, PackedLayout.usedFlags(WRAP));
        assertEquals(0, PackedLayout.usedFlags(0));
    }

    @Test
    void eitherKindOfFlagsGivesThePositionBack() {
        for (int position : new int[]{0, 5, 0x7fff, WRAP, WRAP | 5, 0xffff}) {
            int slot = PackedLayout.slot(position);
            assertEquals(position, PackedLayout.position(slot, PackedLayout.availableFlags(position)));
            assertEquals(position, PackedLayout.position(slot, PackedLayout.usedFlags(position)));
        }
    }

    @Test
    void theRestOfADescriptorHoldsAnyLengthIdAndFlags() {
        for (int length : new int[]{0, 1, Integer.MAX_VALUE, -1}) {
            for (int id : new int[]{0, 0x7fff, 0xffff}) {
                for (int flags : new int[]{0, AVAILABLE | USED, 0xffff}) {
                    long rest = PackedLayout.rest(length, id, flags);
                    assertEquals(length, (int) rest);
                    assertEquals(id, PackedLayout.id(rest));
                    assertEquals(flags, PackedLayout.flags(rest));
                    assertEquals((flags & (AVAILABLE | USED)) == USED, PackedLayout.isIn(rest, USED));
                    assertEquals((flags & (AVAILABLE | USED)) == 0, PackedLayout.isIn(rest, 0));
                }
            }
        }
    }

    @ParameterizedTest(name = "size {0}")
    @ValueSource(ints = {1, 2, 3, 5, 7})
    @Rule({"PQ1", "PQ28"})
    void anEventIsPassedIfAWalkOverTheSlotsMeetsIt(int size) {
        for (int from : positions(size)) {
            for (int event : positions(size)) {
                for (int count = 1; count <= size; count++) {
                    assertEquals(walkMeets(event, from, count, size),
                            EventSuppression.isWanted(EventSuppression.at(event), true, from, count, size),
                            "size " + size + ", from " + from + ", " + count + " slots, event " + event);
                }
            }
        }
    }

    @Test
    @Rule("PQ28")
    void theLargestRingHasItsEventsToo() {
        int size = 32768;
        assertFalse(EventSuppression.isWanted(EventSuppression.at(0x7fff), true, WRAP, size, size));
        assertTrue(EventSuppression.isWanted(EventSuppression.at(0xffff), true, WRAP, size, size));
        assertTrue(EventSuppression.isWanted(EventSuppression.at(0x7ffe), true, 0xffff, size, size));
        assertFalse(EventSuppression.isWanted(EventSuppression.at(0x7fff), true, 0xffff, size, size));
    }

    @Test
    void enableWantsEverythingAndDisableNothing() {
        for (boolean eventIndex : new boolean[]{false, true}) {
            for (int reserved : new int[]{0, 0xfffc_ffff}) {
                assertTrue(EventSuppression.isWanted(reserved, eventIndex, WRAP, 1, 8));
                assertFalse(EventSuppression.isWanted(0x1_0000 | reserved, eventIndex, WRAP, 1, 8));
                assertTrue(EventSuppression.isWanted(0x3_0000 | reserved, eventIndex, WRAP, 1, 8),
                        "a value that is reserved: rather one too many");
            }
        }
    }

    @Test
    @Rule("PQ28")
    void aPositionMeansNothingWithoutEventIndex() {
        assertTrue(EventSuppression.isWanted(EventSuppression.at(5), false, WRAP, 1, 8));
    }

    @Test
    void anEventBeyondTheRingDoesNoHarm() {
        for (int event = 0; event <= 0xffff; event++) {
            EventSuppression.isWanted(EventSuppression.at(event), true, 2, 3, 3);
        }
    }

    private static int[] positions(int size) {
        int[] positions = new int[2 * size];
        for (int i = 0; i < size; i++) {
            positions[i] = i;
            positions[size + i] = i | WRAP;
        }
        return positions;
    }

    private static boolean walkMeets(int event, int from, int count, int size) {
        int slot = from & 0x7fff;
        int wrap = from & WRAP;
        for (int i = 0; i < count; i++) {
            if ((slot | wrap) == event) {
                return true;
            }
            slot++;
            if (slot == size) {
                slot = 0;
                wrap ^= WRAP;
            }
        }
        return false;
    }
}
