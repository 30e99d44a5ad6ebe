package org.netdev4j.netdev.capture;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.netdev4j.netdev.NetDevException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PcapReaderTest {
    private static final int MICROSECONDS = 0xa1b2c3d4;
    private static final int NANOSECONDS = 0xa1b23c4d;
    private static final int ETHERNET = 1;
    private static final int RAW_IP = 101;
    private static final int LONGEST = 262_144;

    private final ByteBuffer out = ByteBuffer.allocate(1 << 20);

    @TempDir
    private Path directory;

    private record Read(long epochNanos, ByteBuffer bytes) {}

    private Path file() {
        return write(Arrays.copyOf(out.array(), out.position()));
    }

    private Path write(byte[] bytes) {
        try {
            return Files.write(directory.resolve("test.pcap"), bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void header(int magic, ByteOrder order, int linkType) {
        out.order(order).putInt(magic).putShort((short) 2).putShort((short) 4).putLong(0).putInt(LONGEST)
                .putInt(linkType);
    }

    private void packet(int seconds, int fraction, int captured, int original) {
        out.putInt(seconds).putInt(fraction).putInt(captured).putInt(original).put(numbered(captured));
    }

    private static byte[] numbered(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i + length);
        }
        return bytes;
    }

    private static List<Read> readAll(PcapReader reader) {
        List<Read> frames = new ArrayList<>();
        while (reader.next()) {
            MemorySegment frame = reader.segment().asSlice(reader.offset(), reader.length());
            frames.add(new Read(reader.epochNanos(), ByteBuffer.wrap(frame.toArray(ValueLayout.JAVA_BYTE))));
        }
        return frames;
    }

    private static void assertFrames(List<Read> frames, int... lengths) {
        assertArrayEquals(lengths, frames.stream().mapToInt(frame -> frame.bytes.capacity()).toArray());
        frames.forEach(frame -> assertEquals(ByteBuffer.wrap(numbered(frame.bytes.capacity())), frame.bytes));
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void bothByteOrdersAndBothUnitsOfTimeAreRead(boolean bigEndian, boolean nanoseconds) {
        header(nanoseconds ? NANOSECONDS : MICROSECONDS, bigEndian ? BIG_ENDIAN : LITTLE_ENDIAN, ETHERNET);
        packet(1_790_000_000, 123_456, 60, 60);
        packet(0xffff_ffff, 7, 1514, 1514);
        try (PcapReader reader = PcapReader.open(file())) {
            List<Read> frames = readAll(reader);
            assertFrames(frames, 60, 1514);
            long unit = nanoseconds ? 1 : 1000;
            assertEquals(1_790_000_000_000_000_000L + 123_456 * unit, frames.get(0).epochNanos);
            assertEquals(0xffff_ffffL * 1_000_000_000 + 7 * unit, frames.get(1).epochNanos);
            assertNull(reader.damage());
        }
    }

    /** Frames end anywhere in the window of the file that is in memory, the longest fill most of it. */
    @Test
    void framesOfEveryLengthAreReadAgainAfterRewind() {
        header(MICROSECONDS, LITTLE_ENDIAN, ETHERNET);
        int[] lengths = {LONGEST, 0, 14, 65_553, 1, LONGEST, 65_536, 60};
        for (int length : lengths) {
            packet(1, 1, length, length);
        }
        try (PcapReader reader = PcapReader.open(file())) {
            for (int i = 0; i < 3; i++) {
                assertFrames(readAll(reader), lengths);
                assertFalse(reader.next(), "the end is the end");
                reader.rewind();
            }
        }
    }

    @Test
    void packetsThatAreNotWholeAreSkippedAndCounted() {
        header(MICROSECONDS, LITTLE_ENDIAN, ETHERNET);
        packet(1, 1, 60, 60);
        packet(1, 2, 96, 1514);
        packet(1, 3, 61, 61);
        packet(1, 4, 64, 0xffff_ffff);
        try (PcapReader reader = PcapReader.open(file())) {
            assertFrames(readAll(reader), 60, 61);
            assertEquals(2, reader.skipped());
            assertNull(reader.damage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {LONGEST + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff_fff0})
    void anAbsurdLengthEndsTheFramesThere(int captured) {
        header(MICROSECONDS, LITTLE_ENDIAN, ETHERNET);
        packet(1, 1, 60, 60);
        out.putInt(1).putInt(1).putInt(captured).putInt(captured).put(new byte[1000]);
        try (PcapReader reader = PcapReader.open(file())) {
            assertFrames(readAll(reader), 60);
            assertEquals("capture file " + directory.resolve("test.pcap") + " is damaged or cut off at byte 100",
                    reader.damage());
        }
    }

    @Test
    void aFileMayBeCutAnywhere() {
        header(MICROSECONDS, LITTLE_ENDIAN, ETHERNET);
        packet(1, 1, 60, 60);
        packet(1, 1, 64, 64);
        byte[] whole = Arrays.copyOf(out.array(), out.position());
        for (int length = 24; length < whole.length; length++) {
            try (PcapReader reader = PcapReader.open(write(Arrays.copyOf(whole, length)))) {
                assertEquals(length < 100 ? 0 : 1, readAll(reader).size(), "cut after " + length);
                assertEquals(length == 24 || length == 100, reader.damage() == null, "cut after " + length);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 4, 23})
    void aFileThatIsShorterThanItsHeaderIsRefused(int length) {
        header(MICROSECONDS, LITTLE_ENDIAN, ETHERNET);
        Path file = write(Arrays.copyOf(out.array(), length));
        NetDevException refused = assertThrows(NetDevException.class, () -> PcapReader.open(file));
        assertTrue(refused.getMessage().startsWith(file + " is no capture file: "), refused.getMessage());
    }

    @Test
    void whatIsNoCaptureIsRefused() {
        Path file = write("this is a text, not a capture".getBytes(UTF_8));
        assertEquals(file + " is no capture file: it begins neither like pcap nor like pcapng",
                assertThrows(NetDevException.class, () -> PcapReader.open(file)).getMessage());
        assertThrows(NetDevException.class, () -> PcapReader.open(directory));
        assertThrows(NetDevException.class, () -> PcapReader.open(directory.resolve("absent.pcap")));
    }

    @Test
    void packetsWithoutEthernetHeadersAreRefused() {
        header(MICROSECONDS, BIG_ENDIAN, RAW_IP);
        Path file = file();
        assertEquals("capture file " + file + " has packets of link type 101, not Ethernet frames",
                assertThrows(NetDevException.class, () -> PcapReader.open(file)).getMessage());
    }

    /** A section header in {@code order}, of which what follows is part. */
    private void section(ByteOrder order) {
        out.order(order).putInt(0x0a0d0d0a).putInt(28).putInt(0x1a2b3c4d).putShort((short) 1).putShort((short) 0)
                .putLong(-1).putInt(28);
    }

    private void describe(int linkType, int resolution, long offsetSeconds) {
        out.putInt(1).putInt(44).putShort((short) linkType).putShort((short) 0).putInt(0);
        out.putShort((short) 9).putShort((short) 1).put((byte) resolution).put(new byte[3]);
        out.putShort((short) 14).putShort((short) 8).putLong(offsetSeconds);
        out.putInt(0).putInt(44);
    }

    private void enhanced(int interfaceNumber, long timestamp, int captured, int original) {
        int padding = -captured & 3;
        int length = 32 + captured + padding;
        out.putInt(6).putInt(length).putInt(interfaceNumber).putInt((int) (timestamp >>> 32)).putInt((int) timestamp);
        out.putInt(captured).putInt(original).put(numbered(captured)).put(new byte[padding]).putInt(length);
    }

    private void simple(int original) {
        int length = 16 + original + (-original & 3);
        out.putInt(3).putInt(length).putInt(original).put(numbered(original)).put(new byte[-original & 3])
                .putInt(length);
    }

    private void unknown(int type, int length) {
        out.putInt(type).putInt(length).put(new byte[length - 12]).putInt(length);
    }

    @Test
    void sectionsInterfacesAndPacketsOfPcapngAreReadAndTheRestIsPassedOver() {
        section(BIG_ENDIAN);
        unknown(5, 24);
        describe(ETHERNET, 9, 0);
        describe(RAW_IP, 6, 0);
        enhanced(0, 1_790_000_000_123_456_789L, 61, 61);
        enhanced(1, 5, 40, 40);
        unknown(0x0bad_cafe, 400_000);
        enhanced(0, 6, 60, 1514);
        simple(63);
        section(LITTLE_ENDIAN);
        describe(ETHERNET, 6, -1);
        enhanced(0, 2_000_001, 62, 62);
        try (PcapReader reader = PcapReader.open(file())) {
            List<Read> frames = readAll(reader);
            assertFrames(frames, 61, 63, 62);
            assertEquals(1_790_000_000_123_456_789L, frames.get(0).epochNanos);
            assertEquals(1_000_001_000, frames.get(2).epochNanos);
            assertEquals(2, reader.skipped());
            assertNull(reader.damage());
        }
    }

    /** 10 to the power of minus the resolution, or with 0x80 2 to the power of minus the rest (§4.2). */
    @ParameterizedTest
    @CsvSource({"0, 3, 3000000000", "6, 3, 3000", "9, 3, 3", "12, 3999, 3", "127, 9, 0", "128, 2, 2000000000",
        "129, 3, 1500000000", "160, 6442450944, 1500000000", "191, 4611686018427387904, 500000000", "192, 1, 0",
        "255, 1, 0"})
    void aTimestampIsInTheUnitOfItsInterface(int resolution, long timestamp, long nanos) {
        section(LITTLE_ENDIAN);
        describe(ETHERNET, resolution, 0);
        enhanced(0, timestamp, 60, 60);
        try (PcapReader reader = PcapReader.open(file())) {
            assertTrue(reader.next());
            assertEquals(nanos, reader.epochNanos());
        }
    }

    @Test
    void aBlockThatCannotBeEndsTheFrames() {
        List<Runnable> blocks = List.of(
                () -> out.putInt(6).putInt(0).putInt(0),
                () -> out.putInt(6).putInt(13).put(new byte[100]),
                () -> out.putInt(6).putInt(28).put(new byte[100]),
                () -> enhanced(1, 0, 60, 60),
                () -> enhanced(-1, 0, 60, 60),
                () -> out.putInt(6).putInt(32).put(new byte[12]).putInt(4).putInt(4).putInt(0).putInt(32),
                () -> out.putInt(6).putInt(0xffff_fffc).put(new byte[12]).putInt(-1).putInt(-1).put(new byte[100]),
                () -> out.putInt(3).putInt(16).putInt(4).putInt(16),
                () -> out.putInt(1).putInt(12).putInt(12),
                () -> out.putInt(1).putInt(1 << 17).put(new byte[1 << 17]),
                () -> out.putInt(0x0a0d0d0a).putInt(28).put(new byte[20]),
                () -> out.putInt(77).putInt(1 << 30).putInt(0));
        for (int i = 0; i < blocks.size(); i++) {
            out.clear();
            section(LITTLE_ENDIAN);
            describe(ETHERNET, 9, 0);
            enhanced(0, 1, 60, 60);
            blocks.get(i).run();
            try (PcapReader reader = PcapReader.open(file())) {
                assertFrames(readAll(reader), 60);
                assertNotNull(reader.damage(), "block " + i);
            }
        }
    }

    @Property(tries = 1000)
    void damageAnywhereEndsInFramesOrOneErrorNeverElse(@ForAll boolean pcapng,
            @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 400) Integer> where,
            @ForAll @Size(8) List<Byte> what) throws IOException {
        out.clear();
        if (pcapng) {
            section(LITTLE_ENDIAN);
            describe(ETHERNET, 9, 0);
            enhanced(0, 1, 60, 60);
            simple(70);
            enhanced(0, 2, 100, 100);
        } else {
            header(MICROSECONDS, LITTLE_ENDIAN, ETHERNET);
            packet(1, 1, 60, 60);
            packet(2, 1, 70, 70);
            packet(3, 1, 100, 100);
        }
        byte[] damaged = Arrays.copyOf(out.array(), out.position());
        for (int i = 0; i < where.size(); i++) {
            damaged[where.get(i) % damaged.length] = what.get(i);
        }
        Path file = Files.createTempFile("damaged", ".pcap");
        try (PcapReader reader = PcapReader.open(Files.write(file, damaged))) {
            assertTrue(readAll(reader).size() <= 3 + damaged.length / 16);
        } catch (NetDevException e) {
            assertTrue(e.getMessage().contains(file.toString()));
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void whatTheWriterWroteIsRead() {
        Path file = directory.resolve("written.pcapng");
        try (PcapngWriter writer = PcapngWriter.create(file, PcapngWriter.WHOLE_FRAMES)) {
            int number = writer.addInterface("nd0");
            for (int length = 60; length < 1515; length++) {
                writer.begin(number, 1_790_000_000_000_000_000L + length, Direction.INBOUND, length);
                writer.bytes(MemorySegment.ofArray(numbered(length)), 0, length);
                writer.end();
            }
        }
        try (PcapReader reader = PcapReader.open(file)) {
            List<Read> frames = readAll(reader);
            assertEquals(1455, frames.size());
            for (int i = 0; i < frames.size(); i++) {
                assertEquals(ByteBuffer.wrap(numbered(60 + i)), frames.get(i).bytes);
                assertEquals(1_790_000_000_000_000_060L + i, frames.get(i).epochNanos);
            }
        }
    }

    @Test
    void closingTwiceIsHarmless() {
        header(MICROSECONDS, LITTLE_ENDIAN, ETHERNET);
        PcapReader reader = PcapReader.open(file());
        reader.close();
        reader.close();
    }
}
