package org.netdev4j.netdev.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.NetDevException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PcapngWriterTest {
    private static final long TIME = 1_790_000_000_123_456_789L;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private PcapngWriter writer(int snapLength) {
        return new PcapngWriter("test", Channels.newChannel(out), snapLength);
    }

    private PcapngFile file() {
        return new PcapngFile(out.toByteArray());
    }

    private static void frame(PcapngWriter writer, int number, long time, Direction direction, byte[] bytes) {
        writer.begin(number, time, direction, bytes.length);
        writer.bytes(MemorySegment.ofArray(bytes), 0, bytes.length);
        writer.end();
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i + 1);
        }
        return bytes;
    }

    @Test
    void aCaptureIsOneSectionWithInterfacesAndPackets() {
        try (PcapngWriter writer = writer(1500)) {
            int nd0 = writer.addInterface("nd0");
            int nd1 = writer.addInterface("hub port ä");
            frame(writer, nd0, TIME, Direction.OUTBOUND, bytes(60));
            frame(writer, nd1, TIME + 1, Direction.INBOUND, bytes(61));
            frame(writer, nd1, TIME + 2, Direction.UNKNOWN, bytes(0));
            assertEquals(3, writer.packets());
        }
        PcapngFile file = file();
        assertEquals(1, file.sections);
        assertEquals(List.of("nd0", "hub port ä"), file.interfaces.stream().map(PcapngFile.Interface::name).toList());
        for (PcapngFile.Interface described : file.interfaces) {
            assertEquals(1, described.linkType(), "Ethernet");
            assertEquals(1500, described.snapLength());
            assertArrayEquals(new byte[]{9}, described.options().get(9), "nanoseconds");
        }
        assertEquals(List.of(0, 1, 1), file.packets.stream().map(PcapngFile.Packet::interfaceNumber).toList());
        assertEquals(List.of(TIME, TIME + 1, TIME + 2),
                file.packets.stream().map(PcapngFile.Packet::timestamp).toList());
        assertEquals(List.of(2, 1, 0), file.packets.stream().map(PcapngFile.Packet::flags).toList());
        assertEquals(ByteBuffer.wrap(bytes(60)), file.packets.get(0).bytes());
        assertEquals(ByteBuffer.wrap(bytes(61)), file.packets.get(1).bytes());
        assertEquals(0, file.packets.get(2).originalLength());
    }

    @Test
    void snapLengthCutsTheBytesNotTheLength() {
        try (PcapngWriter writer = writer(41)) {
            frame(writer, writer.addInterface("nd0"), TIME, Direction.INBOUND, bytes(1000));
            frame(writer, 0, TIME, Direction.INBOUND, bytes(41));
        }
        assertEquals(ByteBuffer.wrap(bytes(41)), file().packets.get(0).bytes());
        assertEquals(1000, file().packets.get(0).originalLength());
        assertEquals(ByteBuffer.wrap(bytes(41)), file().packets.get(1).bytes());
    }

    @Property
    void piecesMakeUpTheFrame(@ForAll @Size(max = 200) List<@Size(max = 5) List<@IntRange(max = 3000) Integer>> frames,
            @ForAll @IntRange(min = 1, max = 9000) int snapLength) {
        out.reset();
        try (PcapngWriter writer = writer(snapLength)) {
            writer.addInterface("nd0");
            for (List<Integer> pieces : frames) {
                int length = pieces.stream().mapToInt(Integer::intValue).sum();
                MemorySegment frame = MemorySegment.ofArray(bytes(length));
                writer.begin(0, TIME, Direction.INBOUND, length);
                long at = 0;
                for (int piece : pieces) {
                    writer.bytes(frame, at, piece);
                    at += piece;
                }
                writer.end();
            }
        }
        PcapngFile file = file();
        assertEquals(frames.size(), file.packets.size());
        for (int i = 0; i < frames.size(); i++) {
            int length = frames.get(i).stream().mapToInt(Integer::intValue).sum();
            assertEquals(length, file.packets.get(i).originalLength());
            assertEquals(ByteBuffer.wrap(bytes(length), 0, Math.min(length, snapLength)), file.packets.get(i).bytes());
        }
    }

    @Test
    void bytesBeyondTheLengthAnnouncedAreLeftOutAndMissingOnesAreNotMadeUp() {
        try (PcapngWriter writer = writer(PcapngWriter.WHOLE_FRAMES)) {
            writer.addInterface("nd0");
            writer.begin(0, TIME, Direction.INBOUND, 10);
            writer.bytes(MemorySegment.ofArray(bytes(100)), 0, 100);
            writer.end();
            writer.begin(0, TIME, Direction.INBOUND, 10);
            writer.bytes(MemorySegment.ofArray(bytes(100)), 0, 3);
            writer.end();
        }
        assertEquals(ByteBuffer.wrap(bytes(10)), file().packets.get(0).bytes());
        assertEquals(ByteBuffer.wrap(bytes(3)), file().packets.get(1).bytes());
        assertEquals(10, file().packets.get(1).originalLength());
    }

    @Test
    void aPacketIsWrittenWithAllItsPiecesAndStaysAsItIs() {
        try (NetBufPool pool = NetBufPool.builder().buffers(16).build();
                PcapngWriter writer = writer(PcapngWriter.WHOLE_FRAMES)) {
            NetBuf packet = pool.allocate();
            packet.append(20);
            packet.copyFrom(0, MemorySegment.ofArray(bytes(20)), 0, 20);
            NetBuf second = pool.allocate();
            second.append(13);
            second.copyFrom(0, MemorySegment.ofArray(bytes(33)), 20, 13);
            packet.chain(second);

            writer.write(writer.addInterface("nd0"), TIME, Direction.OUTBOUND, packet);
            assertEquals(33, packet.totalLength());
            assertEquals(1, packet.refCount());
            packet.free();
        }
        assertEquals(ByteBuffer.wrap(bytes(33)), file().packets.getFirst().bytes());
    }

    @Test
    void flushMakesCompleteBlocksVisible() {
        PcapngWriter writer = writer(PcapngWriter.WHOLE_FRAMES);
        frame(writer, writer.addInterface("nd0"), TIME, Direction.INBOUND, bytes(60));
        assertEquals(0, out.size(), "frames gather first");
        writer.flush();
        assertEquals(1, file().packets.size());
        writer.close();
    }

    @Test
    void closeInTheMiddleOfAFrameLeavesItOut() {
        PcapngWriter writer = writer(PcapngWriter.WHOLE_FRAMES);
        frame(writer, writer.addInterface("nd0"), TIME, Direction.INBOUND, bytes(60));
        writer.begin(0, TIME, Direction.INBOUND, 100);
        writer.bytes(MemorySegment.ofArray(bytes(50)), 0, 50);
        writer.close();
        assertEquals(1, file().packets.size());
    }

    @Test
    void anErrorOfTheChannelIsToldOnceAndTheRestIsCounted() {
        IOException full = new IOException("No space left on device");
        WritableByteChannel failing = new WritableByteChannel() {
            @Override
            public int write(ByteBuffer from) throws IOException {
                throw full;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        PcapngWriter writer = new PcapngWriter("full.pcapng", failing, PcapngWriter.WHOLE_FRAMES);
        writer.addInterface("nd0");
        frame(writer, 0, TIME, Direction.INBOUND, bytes(60));
        assertNull(writer.failure());
        writer.flush();
        assertSame(full, writer.failure());
        for (int i = 0; i < 100; i++) {
            frame(writer, 0, TIME, Direction.INBOUND, bytes(9000));
        }
        assertEquals(100, writer.lost());
        assertEquals(1, writer.packets());
        NetDevException e = assertThrows(NetDevException.class, writer::close);
        assertEquals("capture full.pcapng is incomplete: java.io.IOException: No space left on device", e.getMessage());
        writer.close();
    }

    @Test
    void anInterruptedThreadKeepsItsFlagAndItsCapture(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("interrupted.pcapng");
        PcapngWriter writer = PcapngWriter.create(path, PcapngWriter.WHOLE_FRAMES);
        writer.addInterface("nd0");
        Thread.currentThread().interrupt();
        frame(writer, 0, TIME, Direction.INBOUND, bytes(60));
        writer.flush();
        assertTrue(Thread.interrupted(), "the flag is as it was");
        frame(writer, 0, TIME, Direction.INBOUND, bytes(60));
        writer.close();
        assertEquals(2, new PcapngFile(Files.readAllBytes(path)).packets.size());
    }

    @Test
    void createReplacesAFileAndTellsWhyItCannot(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("old.pcapng");
        Files.write(path, new byte[10_000]);
        PcapngWriter.create(path, 64).close();
        assertEquals(1, new PcapngFile(Files.readAllBytes(path)).sections);

        NetDevException e = assertThrows(NetDevException.class,
                () -> PcapngWriter.create(directory.resolve("absent/new.pcapng"), 64));
        assertTrue(e.getMessage().startsWith("cannot create capture file " + directory), e.getMessage());
    }

    @Test
    void misuseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> writer(0));
        assertThrows(IllegalArgumentException.class, () -> writer(PcapngWriter.WHOLE_FRAMES + 1));
        PcapngWriter writer = writer(64);
        assertThrows(IllegalArgumentException.class, () -> writer.begin(0, TIME, Direction.INBOUND, 60));
        writer.addInterface("nd0");
        assertThrows(IllegalArgumentException.class, () -> writer.begin(1, TIME, Direction.INBOUND, 60));
        assertThrows(IllegalArgumentException.class, () -> writer.begin(-1, TIME, Direction.INBOUND, 60));
        assertThrows(IllegalArgumentException.class, () -> writer.begin(0, TIME, Direction.INBOUND, -1));
        assertThrows(IllegalArgumentException.class, () -> writer.addInterface("x".repeat(1025)));
        assertThrows(IllegalStateException.class, () -> writer.bytes(MemorySegment.NULL, 0, 0));
        assertThrows(IllegalStateException.class, writer::end);
        writer.begin(0, TIME, Direction.INBOUND, 60);
        assertThrows(IllegalStateException.class, () -> writer.begin(0, TIME, Direction.INBOUND, 60));
        assertThrows(IllegalStateException.class, () -> writer.addInterface("nd1"));
        assertThrows(IllegalStateException.class, writer::flush);
        writer.end();
        writer.close();
        assertThrows(IllegalStateException.class, () -> writer.begin(0, TIME, Direction.INBOUND, 60));
    }

    @Test
    void tsharkReadsIt(@TempDir Path directory) throws IOException, InterruptedException {
        assumeTrue(onPath("tshark"), "tshark is not installed");
        Path path = directory.resolve("demo.pcapng");
        byte[] arpRequest = {-1, -1, -1, -1, -1, -1, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1,
            10,
            7, 0, 1, 0, 0, 0, 0, 0, 0, 10, 7, 0, 2};
        try (PcapngWriter writer = PcapngWriter.create(path, 1500)) {
            writer.addInterface("nd0");
            writer.addInterface("nd1");
            frame(writer, 0, TIME, Direction.OUTBOUND, arpRequest);
            frame(writer, 1, TIME + 1, Direction.INBOUND, Arrays.copyOf(arpRequest, 2000));
        }
        Path errors = directory.resolve("errors");
        Process tshark = new ProcessBuilder("tshark", "-n", "-r", path.toString(), "-T", "fields", "-E", "separator=|",
                "-e",
                "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len", "-e", "frame.interface_name", "-e",
                "frame.packet_flags_direction", "-e", "arp.dst.proto_ipv4").redirectError(errors.toFile()).start();
        String lines = new String(tshark.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, tshark.waitFor(), () -> contents(errors));
        assertEquals("""
                1790000000.123456789|42|42|nd0|0x00000002|10.7.0.2
                1790000000.123456790|2000|1500|nd1|0x00000001|10.7.0.2
                """, lines);
    }

    private static boolean onPath(String program) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
    }

    private static String contents(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
