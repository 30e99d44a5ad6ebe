package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.virtio.testing.Rule;

class EventIndexTest {
    @ParameterizedTest(name = "from {0}")
    @ValueSource(ints = {0, 1, 0x7fe0, 0x7fff, 0x8000, 0xffc0, 0xfffe, 0xffff})
    @Rule({"SQ22", "SQ29"})
    void anEventIsPassedIfAWalkOverTheEntriesMeetsIt(int from) {
        for (int count = 0; count <= 64; count++) {
            for (int event = 0; event <= 0xffff; event++) {
                assertEquals(walkMeets(event, from, count),
                        EventIndex.isPassed(event, from, (from + count) & 0xffff));
            }
        }
    }

    @Test
    @Rule({"SQ22", "SQ29"})
    void aBatchCanBeAsLongAsTheLargestQueue() {
        for (int event = 0; event <= 0xffff; event++) {
            assertEquals(walkMeets(event, 0xfff0, 32768), EventIndex.isPassed(event, 0xfff0, 0x7ff0));
        }
    }

    private static boolean walkMeets(int event, int from, int count) {
        for (int i = 0; i < count; i++) {
            if (((from + i) & 0xffff) == event) {
                return true;
            }
        }
        return false;
    }

    @Test
    void neverIsNotPassedByAnyBatch() {
        for (int index = 0; index <= 0xffff; index++) {
            assertFalse(EventIndex.isPassed(EventIndex.never(index), index, (index + 1) & 0xffff));
            assertFalse(EventIndex.isPassed(EventIndex.never(index), index, (index + 32768) & 0xffff));
        }
    }
}
