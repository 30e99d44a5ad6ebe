package org.netdev4j.virtio.net.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.netdev.MacAddress;
import org.netdev4j.netdev.capture.Direction;
import org.netdev4j.netdev.capture.PcapReader;
import org.netdev4j.netdev.capture.PcapngWriter;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.DriverEnd;
import org.netdev4j.virtio.net.device.FakeBackend;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.Frames;
import org.netdev4j.virtio.net.device.Patch;
import org.netdev4j.virtio.net.device.VirtioNetDevice;

class ReplayTest {
    private static final long FIRST = 1_790_000_000_000_000_000L;

    private final DeviceLoop loop = new DeviceLoop("test");
    private final FakeBackend other = new FakeBackend();
    /** What the clock of the replay says, ns. */
    private long now = -5;
    private Replay replay;
    private Patch patch;

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        if (patch != null) {
            patch.close();
        }
        loop.close();
    }

    /** A capture of frames of the given lengths, recorded 1000 ns after each other. */
    private Path recorded(int... lengths) {
        Path file = directory.resolve("recorded.pcapng");
        try (PcapngWriter writer = PcapngWriter.create(file, PcapngWriter.WHOLE_FRAMES)) {
            int number = writer.addInterface("test");
            for (int i = 0; i < lengths.length; i++) {
                writer.begin(number, FIRST + 1000L * i, Direction.INBOUND, lengths[i]);
                writer.bytes(MemorySegment.ofArray(Frames.numbered(lengths[i])), 0, lengths[i]);
                writer.end();
            }
        }
        return file;
    }

    private void replay(Path file, Replay.Pace pace, int rounds) {
        replay = new Replay("test", PcapReader.open(file), pace, rounds, loop, () -> now);
    }

    private void intoOther(Path file, Replay.Pace pace, int rounds) {
        replay(file, pace, rounds);
        patch = Patch.join(replay, other, loop);
    }

    private void run() {
        while (loop.doWork() > 0) {
            // Until nothing moves.
        }
    }

    private void assertArrived(int... lengths) {
        assertArrayEquals(lengths, other.transmitted.stream().mapToInt(frame -> frame.length).toArray());
        other.transmitted.forEach(frame -> assertArrayEquals(Frames.numbered(frame.length), frame));
    }

    @Test
    void framesComeInOrderAsFastAsTheyAreTaken() {
        intoOther(recorded(60, 1514, 61), Replay.Pace.FAST, 1);
        run();
        assertArrived(60, 1514, 61);
        assertTrue(replay.armWakeUps(), "nothing is left to do");
        assertEquals(Map.of("replayed", 3L, "rounds", 1L), replay.counters());
    }

    @Test
    void framesComeAsFarApartAsTheyWereRecorded() {
        intoOther(recorded(60, 61, 62), Replay.Pace.RECORDED, 1);
        run();
        assertArrived(60);
        now += 999;
        run();
        assertArrived(60);
        assertTrue(replay.armWakeUps(), "the loop may sleep until the next is due");
        now += 1;
        assertFalse(replay.armWakeUps(), "the next is due");
        run();
        assertArrived(60, 61);
        now += 1000;
        run();
        assertArrived(60, 61, 62);
    }

    @Test
    void aFileIsReplayedAsOftenAsAskedFor() {
        intoOther(recorded(60, 61), Replay.Pace.RECORDED, 3);
        for (int i = 0; i < 6; i++) {
            run();
            now += 1000;
        }
        assertArrived(60, 61, 60, 61, 60, 61);
        assertEquals(Map.of("replayed", 6L, "rounds", 3L), replay.counters());
    }

    @Test
    void noRoundsAreRefused() {
        Path file = recorded(60);
        try (PcapReader capture = PcapReader.open(file)) {
            assertThrows(IllegalArgumentException.class,
                    () -> new Replay("test", capture, Replay.Pace.FAST, 0, loop, () -> now));
        }
    }

    @Test
    void aBusyReceiverLosesNothing() {
        int[] lengths = new int[300];
        Arrays.setAll(lengths, i -> 60 + i);
        other.room = 100;
        intoOther(recorded(lengths), Replay.Pace.FAST, 1);
        run();
        assertEquals(100, other.transmitted.size());
        assertTrue(replay.armWakeUps(), "it waits for the receiver");
        other.room = Integer.MAX_VALUE;
        other.receiver.resume();
        run();
        assertArrived(lengths);
    }

    @Test
    void whatIsNoFrameToDeliverIsSkippedAndCounted() {
        intoOther(recorded(13, 60, 0, Frame.MAX_LENGTH + 1, Frame.MAX_LENGTH), Replay.Pace.FAST, 1);
        run();
        assertArrived(60, Frame.MAX_LENGTH);
        assertEquals(3L, replay.counters().get("skipped length"));
    }

    @Test
    void packetsOfTheFileThatWereCutAreSkippedAndCounted() {
        Path file = directory.resolve("cut.pcapng");
        try (PcapngWriter writer = PcapngWriter.create(file, 100)) {
            int number = writer.addInterface("test");
            for (int length : new int[]{60, 101, 62}) {
                writer.begin(number, FIRST, Direction.INBOUND, length);
                writer.bytes(MemorySegment.ofArray(Frames.numbered(length)), 0, length);
                writer.end();
            }
        }
        intoOther(file, Replay.Pace.FAST, 2);
        run();
        assertArrived(60, 62, 60, 62);
        assertEquals(2L, replay.counters().get("skipped packets"));
    }

    @Test
    void aFileThatIsCutOffIsReplayedAsFarAsItGoes() throws IOException {
        Path file = recorded(60, 61);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        intoOther(file, Replay.Pace.FAST, 2);
        run();
        assertArrived(60, 61, 60, 61);
        assertEquals(2L, replay.counters().get("rounds damaged"));
    }

    @Test
    void aFileWithoutFramesEndsAtOnceHoweverManyRoundsItHas() {
        intoOther(recorded(), Replay.Pace.FAST, Integer.MAX_VALUE);
        run();
        assertEquals(Map.of("rounds", 1L), replay.counters());
    }

    /** What was read already is delivered, nothing is read from what is not there any more. */
    @Test
    void aFileThatShrinksWhileItIsReplayedEndsThere() throws IOException {
        int[] lengths = new int[2000];
        Arrays.fill(lengths, 1514);
        other.room = 1;
        Path file = recorded(lengths);
        intoOther(file, Replay.Pace.FAST, 1);
        run();
        Files.write(file, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
        other.room = Integer.MAX_VALUE;
        other.receiver.resume();
        run();
        assertTrue(other.transmitted.size() < 2000);
        assertEquals(1L, replay.counters().get("rounds damaged"));
    }

    @Test
    void aDriverGetsTheFramesAndWhatItSendsIsTaken() {
        replay(recorded(60, 61), Replay.Pace.FAST, 1);
        DriverEnd driver = new DriverEnd(
                new VirtioNetDevice(DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")), replay), loop,
                DriverEnd.PLAIN);
        for (int length : new int[]{60, 61}) {
            driver.post(NetHeader.LENGTH + 1518);
            driver.run();
            byte[] received = driver.received();
            assertArrayEquals(Frames.numbered(length), Arrays.copyOfRange(received, NetHeader.LENGTH, received.length));
        }
        driver.send(Frames.numbered(60));
        driver.run();
        assertEquals(1, driver.reclaim());
        driver.close();
    }

    @Test
    void afterAResetItGoesOnWhereItWas() {
        intoOther(recorded(60, 61, 62), Replay.Pace.RECORDED, 1);
        run();
        replay.stop();
        now += 1_000_000;
        run();
        assertArrived(60);
        replay.start();
        run();
        assertArrived(60, 61);
        now += 1000;
        run();
        assertArrived(60, 61, 62);
    }
}
