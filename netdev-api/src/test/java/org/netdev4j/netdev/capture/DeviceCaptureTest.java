package org.netdev4j.netdev.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.netdev4j.netbuf.InternetChecksum;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import org.netdev4j.netdev.Capability;
import org.netdev4j.netdev.InMemoryDriver;
import org.netdev4j.netdev.NetDev;
import org.netdev4j.netdev.NetDevConfig;
import org.netdev4j.netdev.NetDevDecorator;
import org.netdev4j.netdev.NetDevException;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;

/** What captures of a device on a looped link hold. */
class DeviceCaptureTest {
    private static final long START = 1_790_000_000_000_000_000L;

    @TempDir
    private Path directory;

    private final NetBufPool pool = NetBufPool.builder().name("packets").buffers(64).build();
    private long now = START;

    @AfterEach
    void everyBufferIsBack() {
        assertEquals(pool.capacity(), pool.available());
        pool.close();
    }

    private Path file() {
        return directory.resolve("capture.pcapng");
    }

    private PcapngFile read() throws IOException {
        return new PcapngFile(Files.readAllBytes(file()));
    }

    /** A frame of so many bytes, in pieces of at most 100. */
    private NetBuf frame(int length) {
        NetBuf packet = null;
        for (int at = 0; at < length; at += 100) {
            NetBuf piece = pool.allocate();
            piece.append(Math.min(100, length - at));
            for (int i = 0; i < piece.length(); i++) {
                piece.setByte(i, at + i);
            }
            if (packet == null) {
                packet = piece;
            } else {
                packet.chain(piece);
            }
        }
        return packet;
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    /** Sends frames of these lengths on queue 1 of two, in a burst, and receives them 1 us later. */
    private void exchange(NetDevDecorator capture, NetBuf... frames) {
        InMemoryDriver driver = new InMemoryDriver().with(Capability.TX_CHECKSUM);
        try (NetDev device = new NetDev("memory:0", driver, capture)) {
            device.probe();
            device.configure(NetDevConfig.pairs(2));
            for (int i = 0; i < 2; i++) {
                device.configureRxQueue(i, RxQueueConfig.polled(pool).withSize(8));
                device.configureTxQueue(i, TxQueueConfig.POLLED.withSize(4));
            }
            device.start();
            TxQueue tx = device.txQueue(1);
            RxQueue rx = device.rxQueue(1);
            int sent = tx.transmit(frames, 0, frames.length);
            NetBuf.free(frames, sent, frames.length - sent);
            driver.settle();
            now += 1000;
            NetBuf[] received = new NetBuf[8];
            NetBuf.free(received, 0, rx.receive(received));
            tx.reclaim();
        }
    }

    @Test
    void aFileHasBothDirectionsWithTimeQueueAndEveryByteOfAChain() throws IOException {
        FileCapture capture = FileCapture.create(file(), () -> now);
        exchange(capture, frame(60), frame(250));
        capture.close();
        assertEquals(4, capture.packets());
        assertEquals(0, capture.lost());
        PcapngFile file = read();
        assertEquals(List.of("memory:0"), file.interfaces.stream().map(PcapngFile.Interface::name).toList());
        assertEquals(List.of(START, START, START + 1000, START + 1000),
                file.packets.stream().map(PcapngFile.Packet::timestamp).toList());
        assertEquals(List.of(2, 2, 1, 1), file.packets.stream().map(PcapngFile.Packet::flags).toList());
        assertEquals(List.of(1, 1, 1, 1), file.packets.stream().map(PcapngFile.Packet::queue).toList());
        assertArrayEquals(bytes(60), file.packets.get(0).bytes().array());
        assertArrayEquals(bytes(250), file.packets.get(1).bytes().array());
        assertArrayEquals(bytes(250), file.packets.get(3).bytes().array());
        assertEquals(0, file.lost.get(0));
    }

    @Test
    void onlyWhatTheDeviceTookIsCaptured() throws IOException {
        try (FileCapture capture = FileCapture.create(file(), () -> now)) {
            exchange(capture, frame(61), frame(62), frame(63), frame(64), frame(65), frame(66));
        }
        assertEquals(List.of(61, 62, 63, 64, 61, 62, 63, 64),
                read().packets.stream().map(PcapngFile.Packet::originalLength).toList());
    }

    @Test
    void framesAreCutAtTheSnapLength() throws IOException {
        try (FileCapture capture = FileCapture.create(file(), 120, 1, () -> now)) {
            exchange(capture, frame(250));
        }
        PcapngFile.Packet packet = read().packets.get(0);
        assertEquals(250, packet.originalLength());
        assertArrayEquals(bytes(120), packet.bytes().array());
    }

    @Test
    void whatFindsNoRoomIsCountedAndTheFileSaysSo() throws IOException {
        int smallest = 4 * (24 + 104);
        FileCapture capture = FileCapture.create(file(), 100, smallest, () -> now);
        exchange(capture, frame(100), frame(100), frame(100), frame(100));
        capture.close();
        assertEquals(8, capture.packets() + capture.lost());
        assertEquals(8, read().packets.size() + read().lost.get(0));
    }

    @Test
    void aPartialChecksumIsCompleteInTheCapture() throws IOException {
        NetBuf partial = frame(250);
        partial.partialChecksum(34, 6);
        NetBuf[] packets = {partial};
        PacketRing ring = new PacketRing(4096, 1500, false);
        CapturedDevice device = new CapturedDevice("nd0", (_, _, _) -> null);
        CapturePoint point = new CapturePoint(device, Direction.OUTBOUND, 0, ring, () -> now);
        point.add(packets, 0, 1);
        point.publish(1);
        long sum = InternetChecksum.add(0, partial, 34, 216);
        partial.free();

        PacketReader reader = ring.reader();
        reader.limit(ring.readable());
        try (PcapngWriter writer = PcapngWriter.create(file(), 1500)) {
            writer.addInterface("nd0");
            assertTrue(reader.hasNext());
            reader.writeNext(writer, 0, 0);
        }
        PcapngFile.Packet captured = read().packets.getFirst();
        assertEquals(2, captured.flags());
        assertEquals(~InternetChecksum.fold(sum) & 0xffff, captured.bytes().getShort(40) & 0xffff);
        assertEquals(bytes(250)[39], captured.bytes().get(39));
        assertEquals(bytes(250)[42], captured.bytes().get(42));
    }

    @Test
    void aChecksumThatIsVouchedForIsMarked() throws IOException {
        NetBuf valid = frame(60);
        valid.flags(NetBuf.CHECKSUM_VALID);
        try (FileCapture capture = FileCapture.create(file(), () -> now)) {
            exchange(capture, valid);
        }
        assertEquals(List.of(2 | 1 << 10, 1), read().packets.stream().map(PcapngFile.Packet::flags).toList());
    }

    @Test
    void aCaptureOfSeveralDevicesHasAnInterfaceForEach() throws IOException {
        try (FileCapture capture = FileCapture.create(file(), () -> now)) {
            exchange(capture, frame(60));
            now += 1000;
            exchange(capture, frame(61));
        }
        PcapngFile file = read();
        assertEquals(2, file.interfaces.size());
        assertEquals(List.of(0, 0, 1, 1), file.packets.stream().map(PcapngFile.Packet::interfaceNumber).toList());
    }

    @Test
    void aClosedCaptureDecoratesNothing() {
        FileCapture capture = FileCapture.create(file(), () -> now);
        capture.close();
        InMemoryDriver driver = new InMemoryDriver();
        assertThrows(IllegalStateException.class, () -> new NetDev("memory:0", driver, capture).close());
    }

    @Test
    void aFileThatCannotBeCreatedIsAnError() {
        Path missing = directory.resolve("missing").resolve("capture.pcapng");
        assertThrows(NetDevException.class, () -> FileCapture.create(missing, () -> now));
    }

    @Test
    void memoryKeepsTheLatestPacketsForADump() throws IOException {
        MemoryCapture capture = new MemoryCapture(40, 512, () -> now);
        InMemoryDriver driver = new InMemoryDriver();
        try (NetDev device = new NetDev("memory:0", driver, capture)) {
            device.probe();
            device.configure(NetDevConfig.ONE_PAIR);
            device.configureRxQueue(0, RxQueueConfig.polled(pool).withSize(8));
            TxQueue tx = device.configureTxQueue(0, TxQueueConfig.POLLED.withSize(4));
            device.start();
            for (int i = 0; i < 100; i++) {
                now++;
                tx.transmit(frame(60));
                driver.settle();
                tx.reclaim();
                NetBuf[] received = new NetBuf[8];
                NetBuf.free(received, 0, device.rxQueue(0).receive(received));
            }
            long last = now;
            assertEquals(16, capture.dump(file()), "8 records of 64 bytes each way");
            PcapngFile file = read();
            assertEquals(last, file.packets.getLast().timestamp());
            assertEquals(last - 7, file.packets.getFirst().timestamp());
            assertEquals(40, file.packets.getFirst().bytes().remaining());
        }
    }

    @Test
    void memoryThatHoldsNoFrameIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new MemoryCapture(1500, 4096, () -> now));
    }

    @Test
    void tsharkReadsFlagsAndQueue() throws IOException, InterruptedException {
        try (FileCapture capture = FileCapture.create(file(), () -> now)) {
            exchange(capture, frame(60));
        }
        Process tshark;
        try {
            tshark = new ProcessBuilder("tshark", "-r", file().toString(), "-T", "fields", "-e",
                    "frame.interface_queue", "-e", "frame.packet_flags_direction", "-e", "frame.time_epoch")
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        } catch (IOException e) {
            assumeTrue(false, "tshark is not installed");
            return;
        }
        String out = new String(tshark.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, tshark.waitFor());
        assertEquals(List.of("1\t0x00000002\t1790000000.000000000", "1\t0x00000001\t1790000000.000001000"),
                out.lines().toList());
    }
}
