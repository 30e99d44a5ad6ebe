package org.netdev4j.netdev.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netbuf.NetBufPool;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PacketRingTest {
    private static final int SNAP = 100;

    private final NetBufPool pool = NetBufPool.builder().name("packets").buffers(4).dataSize(256).build();

    @AfterEach
    void everyBufferIsBack() {
        assertEquals(pool.capacity(), pool.available());
        pool.close();
    }

    /** Adds a packet whose bytes all are {@code number}, its time too. */
    private boolean add(PacketRing ring, int number, int length) {
        NetBuf packet = pool.allocate();
        packet.append(length);
        for (int i = 0; i < length; i++) {
            packet.setByte(i, number);
        }
        boolean added = ring.add(number, 0, packet);
        packet.free();
        return added;
    }

    private static List<PcapngFile.Packet> read(PacketReader reader) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PcapngWriter writer = new PcapngWriter("test", Channels.newChannel(out), SNAP)) {
            writer.addInterface("nd0");
            while (reader.hasNext()) {
                reader.writeNext(writer, 0, 0);
            }
        }
        return new PcapngFile(out.toByteArray()).packets;
    }

    private static List<Integer> numbers(PacketReader reader) {
        return read(reader).stream().map(packet -> (int) packet.timestamp()).toList();
    }

    @Test
    void whatIsNotPublishedIsNotReadAndIsForgotten() {
        PacketRing ring = new PacketRing(4096, SNAP, false);
        assertTrue(add(ring, 1, 60));
        long taken = ring.position();
        assertTrue(add(ring, 2, 60));
        PacketReader reader = ring.reader();
        reader.limit(ring.readable());
        assertFalse(reader.hasNext());
        ring.publish(taken);
        assertTrue(add(ring, 3, 60));
        ring.publish(ring.position());
        reader.limit(ring.readable());
        assertEquals(List.of(1, 3), numbers(reader));
    }

    @Test
    void aFullRingRefusesUntilTheReaderReleases() {
        PacketRing ring = new PacketRing(512, SNAP, false);
        int added = 0;
        while (add(ring, added, 40)) {
            added++;
        }
        assertEquals(512 / 64, added);
        ring.publish(ring.position());
        PacketReader reader = ring.reader();
        reader.limit(ring.readable());
        assertEquals(added, read(reader).size());
        assertFalse(add(ring, 99, 40));
        ring.release(reader.position());
        assertTrue(add(ring, 99, 40));
    }

    @Test
    void anOverwritingRingKeepsTheLatest() {
        PacketRing ring = new PacketRing(512, SNAP, true);
        for (int number = 0; number < 100; number++) {
            assertTrue(add(ring, number, 40));
            ring.publish(ring.position());
        }
        assertEquals(List.of(92, 93, 94, 95, 96, 97, 98, 99), numbers(ring.snapshot()));
    }

    @Test
    void anOverwritingRingDoesNotOverwriteTheBurstItself() {
        PacketRing ring = new PacketRing(512, SNAP, true);
        for (int number = 0; number < 8; number++) {
            assertTrue(add(ring, number, 40));
        }
        assertFalse(add(ring, 8, 40));
    }

    @Property(tries = 200)
    void anOverwritingRingHasASuffixOfWhatWasPublished(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 0, max = 200) Integer> lengths) {
        PacketRing ring = new PacketRing(1024, SNAP, true);
        for (int number = 0; number < lengths.size(); number++) {
            assertTrue(add(ring, number, lengths.get(number)));
            ring.publish(ring.position());
        }
        List<PcapngFile.Packet> packets = read(ring.snapshot());
        int first = lengths.size() - packets.size();
        assertTrue(packets.size() >= Math.min(lengths.size(), 4), packets.size() + " of " + lengths.size());
        for (int i = 0; i < packets.size(); i++) {
            assertIntact(packets.get(i));
            assertEquals(first + i, packets.get(i).timestamp());
            assertEquals(lengths.get(first + i), packets.get(i).originalLength());
            assertEquals(Math.min(SNAP, lengths.get(first + i)), packets.get(i).bytes().remaining());
        }
        assertEquals(pool.capacity(), pool.available());
    }

    @Test
    void aSnapshotUnderWayShowsOnlyWholePackets() throws InterruptedException {
        PacketRing ring = new PacketRing(1024, SNAP, true);
        AtomicBoolean stop = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            for (int number = 0; !stop.get(); number = number + 1 & 0x7f) {
                add(ring, number, 20 + number % 60);
                ring.publish(ring.position());
            }
        });
        writer.start();
        List<PcapngFile.Packet> packets = new ArrayList<>();
        for (int i = 0; i < 2000 || packets.isEmpty(); i++) {
            packets.addAll(read(ring.snapshot()));
        }
        stop.set(true);
        writer.join();
        packets.forEach(PacketRingTest::assertIntact);
    }

    private static void assertIntact(PcapngFile.Packet packet) {
        ByteBuffer bytes = packet.bytes().duplicate();
        while (bytes.hasRemaining()) {
            assertEquals((byte) packet.timestamp(), bytes.get());
        }
    }
}
