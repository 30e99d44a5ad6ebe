package org.netdev4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.netdev4j.netdev.jmx.PoolLevel;

class TopLinesTest {
    private static final long SECOND = 1_000_000_000;

    private static DeviceSample sample(long seconds, long packets, long dropped) {
        DeviceSample.Direction direction = new DeviceSample.Direction(packets, packets * 125, dropped);
        return new DeviceSample(seconds * SECOND,
                List.of(new DeviceSample.Device(0, "tap:nd0", "RUNNING", "UP", direction, DeviceSample.Direction.ZERO)),
                List.of(new PoolLevel(1, "rx", 1024, 768, 2)));
    }

    private static String show(TopViewMaker maker, DeviceSample before, DeviceSample now) {
        StringWriter out = new StringWriter();
        maker.make(new PrintWriter(out)).show(before, now);
        return out.toString();
    }

    private interface TopViewMaker {
        TopView make(PrintWriter out);
    }

    @Test
    void aLineForEachDeviceAndPool() {
        assertEquals("""
                tap:nd0 RUNNING link UP rx 500 packets/s 500 kbit/s dropped 3 tx 0 packets/s 0 bit/s dropped 0
                pool rx 768 of 1024 free, exhausted 2
                """, show(TopLines::new, sample(10, 1000, 0), sample(12, 2000, 3)));
    }

    @Test
    void countersThatStartedAfreshHaveNoRate() {
        assertTrue(show(TopLines::new, sample(10, 1000, 0), sample(11, 5, 0)).contains("rx 0 packets/s"));
    }

    @Test
    void aDeviceThatIsNewCountsFromNothing() {
        DeviceSample none = new DeviceSample(10 * SECOND, List.of(), List.of());
        assertTrue(show(TopLines::new, none, sample(11, 100, 0)).contains("rx 100 packets/s"));
    }

    @Test
    void theScreenHasCoursesAndBars() {
        String screen = show(out -> new TopScreen(out, 42), sample(10, 1000, 0), sample(11, 2000, 3));
        assertTrue(screen.contains("process 42, 1 devices, 1 pools"), screen);
        assertTrue(screen.contains("rx █ "), screen);
        assertTrue(screen.contains("dropped 3"), screen);
        assertTrue(screen.contains("█".repeat(22) + "░".repeat(8) + " 768 of 1024 free"), screen);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 bit/s", "999, 999 bit/s", "1000, 1.00 kbit/s", "12345, 12.3 kbit/s", "999600, 1.00 Mbit/s",
        "2500000000, 2.50 Gbit/s", "25000000000000, 25000 Gbit/s"})
    void bitsHaveThreeDigits(double perSecond, String text) {
        assertEquals(text, TopLines.bits(perSecond));
    }
}
