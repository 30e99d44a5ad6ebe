package org.netdev4j.netdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

class QueueCountersTest {
    @Test
    void freshCountersAreZero() {
        assertEquals(QueueStats.ZERO, new QueueCounters().snapshot());
    }

    @Test
    void everythingCountedIsSeenOnce() {
        QueueCounters counters = new QueueCounters();
        counters.add(32, 32 * 1514);
        counters.add(1, 60);
        counters.empty();
        counters.interrupt();
        counters.drop(DropReason.RUNT, 2);
        counters.drop(DropReason.RESET, 5);
        assertEquals(new QueueStats(33, 32 * 1514 + 60, 1, 1, Map.of(DropReason.RUNT, 2L, DropReason.RESET, 5L)),
                counters.snapshot());
    }

    @Test
    void everyReasonHasItsOwnCounter() {
        QueueCounters counters = new QueueCounters();
        Map<DropReason, Long> expected = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            long packets = 1L << expected.size();
            counters.drop(reason, packets);
            expected.put(reason, packets);
        }
        assertEquals(expected, counters.snapshot().drops());
        assertEquals((1L << expected.size()) - 1, counters.snapshot().dropped());
    }

    @Test
    void statsAddUp() {
        QueueStats one = new QueueStats(1, 10, 100, 1000, Map.of(DropReason.RUNT, 1L));
        QueueStats two = new QueueStats(2, 20, 200, 2000, Map.of(DropReason.RUNT, 1L, DropReason.RESET, 1L));
        assertEquals(new QueueStats(3, 30, 300, 3000, Map.of(DropReason.RUNT, 2L, DropReason.RESET, 1L)),
                one.plus(two));
    }

    @Test
    void dropsAreInTheOrderOfTheReasons() {
        QueueStats stats = new QueueStats(0, 0, 0, 0, Map.of(DropReason.RESET, 1L, DropReason.NO_BUFFER, 1L));
        assertEquals(List.of(DropReason.NO_BUFFER, DropReason.RESET), List.copyOf(stats.drops().keySet()));
    }

    @Test
    void anotherThreadSeesCountersGrowNeverShrink() throws InterruptedException {
        QueueCounters counters = new QueueCounters();
        int bursts = 100_000;
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < bursts; i++) {
                counters.add(1, 60);
            }
        });
        long last = 0;
        while (writer.isAlive()) {
            long now = counters.snapshot().packets();
            assertTrue(now >= last, now + " after " + last);
            last = now;
        }
        writer.join();
        assertEquals(bursts, counters.snapshot().packets());
        assertEquals(bursts * 60L, counters.snapshot().bytes());
    }
}
