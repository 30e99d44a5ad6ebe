package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random sequences of every operation of a NetBuf against packets that are lists of byte arrays. */
class NetBufModelTest {
    private static final int BUFFERS = 12;
    private static final int HEADROOM = 8;
    private static final int DATA_SIZE = 24;
    private static final long DEVICE_ADDRESS = 0x7_0000_0000L;

    enum Operation {
        ALLOCATE, PLACE, PREPEND, TRIM_FRONT, APPEND, TRIM_BACK, WRITE, COPY_FROM, CHAIN, UNCHAIN, RETAIN, FREE;

        /** Chains grow long and packets are rarely frozen. */
        int weight() {
            return switch (this) {
                case ALLOCATE, APPEND, CHAIN -> 4;
                case UNCHAIN, FREE -> 2;
                default -> 1;
            };
        }
    }

    record Step(Operation operation, int packet, int amount) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> number = Arbitraries.integers().between(0, 40);
        List<Operation> weighted = Arrays.stream(Operation.values())
                .flatMap(operation -> Collections.nCopies(operation.weight(), operation).stream()).toList();
        return Combinators.combine(Arbitraries.of(weighted), number, number).as(Step::new).list().ofMinSize(20)
                .ofMaxSize(150);
    }

    @Property
    void packetsHaveTheBytesAndTotalsOfTheModel(@ForAll("steps") List<Step> steps) {
        Arena arena = Arena.ofShared();
        MemoryRegion region = MemoryRegion.of("model", arena.allocate(8192, 4096), DEVICE_ADDRESS, null, arena::close);
        NetBufPool pool = NetBufPool.builder().region(region).buffers(BUFFERS).headroom(HEADROOM).dataSize(DATA_SIZE)
                .build();
        region.close();
        List<Packet> packets = new ArrayList<>();
        for (Step step : steps) {
            if (step.operation == Operation.ALLOCATE || packets.isEmpty()) {
                allocate(pool, packets);
            } else {
                apply(step, packets);
            }
            packets.forEach(packet -> packet.check(region));
            assertEquals(BUFFERS, pool.available() + pieces(packets));
        }
        pool.close();
        packets.forEach(Packet::freeAll);
        assertEquals(BUFFERS, pool.available());
        assertFalse(region.segment().scope().isAlive());
    }

    private static void allocate(NetBufPool pool, List<Packet> packets) {
        NetBuf buf = pool.allocate();
        if (pieces(packets) == BUFFERS) {
            assertNull(buf);
        } else {
            packets.add(new Packet(buf));
        }
    }

    private static void apply(Step step, List<Packet> packets) {
        Packet packet = packets.get(step.packet % packets.size());
        if (step.operation == Operation.RETAIN) {
            packet.head.retain();
            packet.holders++;
        } else if (step.operation == Operation.FREE) {
            packet.head.free();
            if (--packet.holders == 0) {
                packets.remove(packet);
            }
        } else if (packet.holders > 1) {
            // regression 27: what one holder may do never shows to the other.
            if (BufferMemory.CHECKS) {
                assertThrows(IllegalStateException.class, () -> touch(step.operation, packet.head));
            }
        } else {
            change(step, packet, packets);
        }
    }

    private static void touch(Operation operation, NetBuf head) {
        switch (operation) {
            case PLACE -> head.place(0, 0);
            case PREPEND -> head.prepend(0);
            case TRIM_FRONT -> head.trimFront(0);
            case APPEND -> head.append(0);
            case TRIM_BACK -> head.trimBack(0);
            case WRITE, COPY_FROM -> head.copyFrom(0, MemorySegment.ofArray(new byte[0]), 0, 0);
            case CHAIN -> head.chain(head);
            case UNCHAIN -> head.unchain();
            default -> throw new AssertionError(operation);
        }
    }

    private static void change(Step step, Packet packet, List<Packet> packets) {
        NetBuf head = packet.head;
        Piece first = packet.pieces.getFirst();
        Piece last = packet.pieces.getLast();
        int amount = step.amount;
        switch (step.operation) {
            case PLACE -> {
                int headroom = amount % (HEADROOM + DATA_SIZE + 1);
                int length = step.packet % (HEADROOM + DATA_SIZE - headroom + 1);
                head.place(headroom, length);
                first.headroom = headroom;
                first.data = first.read(head, length);
            }
            case PREPEND -> {
                int n = Math.min(amount, first.headroom);
                head.prepend(n);
                first.headroom -= n;
                first.data = first.read(head, first.data.length + n);
            }
            case TRIM_FRONT -> {
                int n = Math.min(amount, first.data.length);
                head.trimFront(n);
                first.headroom += n;
                first.data = Arrays.copyOfRange(first.data, n, first.data.length);
            }
            case APPEND -> {
                int n = Math.min(amount, HEADROOM + DATA_SIZE - last.headroom - last.data.length);
                head.append(n);
                last.data = last.read(packet.buffer(packet.pieces.size() - 1), last.data.length + n);
            }
            case TRIM_BACK -> {
                int n = Math.min(amount, last.data.length);
                head.trimBack(n);
                last.data = Arrays.copyOf(last.data, last.data.length - n);
            }
            case WRITE -> {
                int i = step.packet % packet.pieces.size();
                Piece piece = packet.pieces.get(i);
                for (int at = 0; at < piece.data.length; at++) {
                    piece.data[at] = (byte) (amount + at);
                    packet.buffer(i).setByte(at, amount + at);
                }
            }
            case COPY_FROM -> {
                byte[] bytes = packet.bytes();
                int from = amount % (bytes.length + 1);
                byte[] fresh = new byte[bytes.length - from];
                Arrays.fill(fresh, (byte) amount);
                head.copyFrom(from, MemorySegment.ofArray(fresh), 0, fresh.length);
                packet.overwrite(from, (byte) amount);
            }
            case CHAIN -> {
                Packet other = packets.get(amount % packets.size());
                if (other == packet) {
                    if (BufferMemory.CHECKS) {
                        assertThrows(IllegalArgumentException.class, () -> head.chain(head));
                    }
                } else if (other.holders > 1) {
                    if (BufferMemory.CHECKS) {
                        assertThrows(IllegalStateException.class, () -> head.chain(other.head));
                    }
                } else {
                    head.chain(other.head);
                    packet.pieces.addAll(other.pieces);
                    packets.remove(other);
                }
            }
            case UNCHAIN -> {
                NetBuf rest = head.unchain();
                if (packet.pieces.size() == 1) {
                    assertNull(rest);
                } else {
                    Packet tail = new Packet(rest);
                    tail.pieces.clear();
                    tail.pieces.addAll(packet.pieces.subList(1, packet.pieces.size()));
                    packet.pieces.subList(1, packet.pieces.size()).clear();
                    packets.add(tail);
                }
            }
            default -> throw new AssertionError(step.operation);
        }
    }

    private static int pieces(List<Packet> packets) {
        return packets.stream().mapToInt(packet -> packet.pieces.size()).sum();
    }

    private static final class Piece {
        int headroom = HEADROOM;
        byte[] data = {};

        /** Bytes that were uncovered rather than written: they are what the memory has. */
        byte[] read(NetBuf buf, int length) {
            byte[] bytes = new byte[length];
            MemorySegment.copy(buf.segment(), ValueLayout.JAVA_BYTE, buf.dataOffset(), bytes, 0, length);
            return bytes;
        }
    }

    private static final class Packet {
        final NetBuf head;
        final List<Piece> pieces = new ArrayList<>(List.of(new Piece()));
        int holders = 1;

        Packet(NetBuf head) {
            this.head = head;
        }

        NetBuf buffer(int piece) {
            NetBuf buf = head;
            for (int i = 0; i < piece; i++) {
                buf = buf.next();
            }
            return buf;
        }

        byte[] bytes() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            pieces.forEach(piece -> bytes.writeBytes(piece.data));
            return bytes.toByteArray();
        }

        void overwrite(int from, byte value) {
            int skip = from;
            for (Piece piece : pieces) {
                Arrays.fill(piece.data, Math.min(skip, piece.data.length), piece.data.length, value);
                skip -= Math.min(skip, piece.data.length);
            }
        }

        void check(MemoryRegion region) {
            byte[] bytes = bytes();
            assertEquals(pieces.size(), head.segmentCount());
            assertEquals(bytes.length, head.totalLength());
            byte[] copy = new byte[bytes.length];
            head.copyTo(0, MemorySegment.ofArray(copy), 0, copy.length);
            assertArrayEquals(bytes, copy);
            NetBuf buf = head;
            for (Piece piece : pieces) {
                assertEquals(piece.headroom, buf.headroom());
                assertEquals(piece.data.length, buf.length());
                assertEquals(HEADROOM + DATA_SIZE - piece.headroom - piece.data.length, buf.tailroom());
                assertEquals(holders, buf.refCount());
                long offsetInRegion = buf.segment().address() + buf.dataOffset() - region.segment().address();
                assertEquals(DEVICE_ADDRESS + offsetInRegion, buf.dataAddress());
                for (int i = 0; i < piece.data.length; i++) {
                    assertEquals(Byte.toUnsignedInt(piece.data[i]), buf.getUnsignedByte(i));
                }
                buf = buf.next();
            }
            assertNull(buf);
        }

        void freeAll() {
            while (holders-- > 0) {
                head.free();
            }
        }
    }
}
