package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.Test;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.backend.Hub;

/**
 * Random control commands, link flaps, changes of the number of queue pairs, resets and traffic at both ends of two devices,
 * with faults: nothing leaks, nothing stalls for longer than a second, nothing throws. For {@code -Dsoak.seconds=N}, a few by
 * default; {@code -Dsoak.seed=N} brings the same commands again.
 */
class SoakTest {
    private static final long SECONDS = Long.getLong("soak.seconds", 5);
    private static final long STALL_NS = TimeUnit.SECONDS.toNanos(1);

    private final long seed = Long.getLong("soak.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<String> done = new ArrayList<>();

    @Test
    void nothingLeaksStallsOrThrows() {
        try (DeviceLoop loop = new DeviceLoop("soak").start()) {
            Hub hub = new Hub("soak", loop);
            SoakStation one = new SoakStation(hub, MacAddress.parse("02:00:00:00:00:01"), seed);
            SoakStation two = new SoakStation(hub, MacAddress.parse("02:00:00:00:00:02"), seed + 100);
            try (one; two) {
                one.run(1);
                two.run(SoakStation.MAX_PAIRS);
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
                while (System.nanoTime() < end) {
                    step(random.nextBoolean() ? one : two);
                    assertMoves(one);
                    assertMoves(two);
                }
            }
            for (SoakStation station : List.of(one, two)) {
                assertEquals(0, station.missing(), this::toString);
                station.closePool();
            }
        }
    }

    private void step(SoakStation station) {
        boolean on = random.nextBoolean();
        int number = random.nextInt(4);
        switch (random.nextInt(9)) {
            case 0 -> log(station, "promiscuous " + on, () -> station.dev.promiscuous(on));
            case 1 -> log(station, "all multicast " + on, () -> station.dev.allMulticast(on));
            case 2 -> log(station, "multicast list of " + number,
                    () -> station.dev.multicastList(number == 0
                            ? Set.of()
                            : Set.of(new MacAddress(0x01_00_5e_00_00_00L + number))));
            case 3 -> log(station, "add VLAN " + number, () -> station.dev.addVlan(number));
            case 4 -> log(station, "remove VLAN " + number, () -> station.dev.removeVlan(number));
            case 5 -> log(station, "address 02:00:00:00:01:0" + number,
                    () -> station.dev.macAddress(new MacAddress(0x02_00_00_00_01_00L + number)));
            case 6 -> log(station, "link down and up", () -> {
                station.link(false);
                station.link(true);
            });
            case 7 -> log(station, "restart", station::restart);
            default -> log(station, (number + 1) + " pairs", () -> {
                station.stop();
                station.run(number + 1);
            });
        }
    }

    private void log(SoakStation station, String what, Runnable step) {
        done.add(station.dev.name() + ": " + what);
        try {
            step.run();
        } catch (RuntimeException e) {
            throw new AssertionError(this + " failed", e);
        }
    }

    private void assertMoves(SoakStation station) {
        long before = station.moved();
        long deadline = System.nanoTime() + STALL_NS;
        while (station.moved() == before) {
            assertNull(station.failure(), this::toString);
            assertTrue(System.nanoTime() < deadline, () -> "nothing moved for a second after " + this);
            LockSupport.parkNanos(100_000);
        }
        assertNull(station.failure(), this::toString);
    }

    /** What was done last, and how to do it again. */
    @Override
    public String toString() {
        return "-Dsoak.seed=" + seed + ", step " + done.size() + ": "
                + done.subList(Math.max(0, done.size() - 5), done.size());
    }
}
