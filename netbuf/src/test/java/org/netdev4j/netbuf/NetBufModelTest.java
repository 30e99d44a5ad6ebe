package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;

import org.netdev4j.netbuf.PacketModel.Piece;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random sequences of every operation of a NetBuf against packets that are windows on byte arrays. */
class NetBufModelTest {
    private static final int BUFFERS = 12;
    private static final int DUPLICATES = 6;
    private static final int HEADROOM = 8;
    private static final int DATA_SIZE = 24;
    private static final int CAPACITY = HEADROOM + DATA_SIZE;
    private static final long DEVICE_ADDRESS = 0x7_0000_0000L;

    enum Operation {
        ALLOCATE, PLACE, PREPEND, TRIM_FRONT, APPEND, TRIM_BACK, WRITE, COPY_FROM, CHAIN, PREPEND_PACKET, UNCHAIN,
        DISCONNECT, SPLIT, PULL_UP, LINEARISE, COPY, DUPLICATE, DUPLICATE_RANGE, RETAIN, FREE;

        /** Chains grow long and packets are rarely frozen. */
        int weight() {
            return switch (this) {
                case ALLOCATE, APPEND, CHAIN -> 4;
                case UNCHAIN -> 2;
                case FREE -> 3;
                default -> 1;
            };
        }
    }

    record Step(Operation operation, int packet, int amount) {}

    private final List<PacketModel> packets = new ArrayList<>();
    private NetBufPool pool;

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
        packets.clear();
        Arena arena = Arena.ofShared();
        MemoryRegion region = MemoryRegion.of("model", arena.allocate(8192, 4096), DEVICE_ADDRESS, null, arena::close);
        pool = NetBufPool.builder().region(region).buffers(BUFFERS).duplicates(DUPLICATES).headroom(HEADROOM)
                .dataSize(DATA_SIZE).build();
        region.close();
        for (Step step : steps) {
            if (step.operation == Operation.ALLOCATE || packets.isEmpty()) {
                allocate();
            } else {
                apply(step, packets.get(step.packet % packets.size()));
            }
            packets.forEach(packet -> packet.check(DEVICE_ADDRESS - region.segment().address()));
            assertEquals(BUFFERS - buffersInUse(), pool.available());
            assertEquals(duplicatesInUse(), pool.statistics().duplicates());
        }
        pool.close();
        packets.forEach(packet -> {
            while (packet.holders-- > 0) {
                packet.head.free();
            }
        });
        assertEquals(BUFFERS, pool.available());
        assertEquals(0, pool.statistics().duplicates());
        assertFalse(region.segment().scope().isAlive());
    }

    private int buffersInUse() {
        return (int) packets.stream().flatMap(packet -> packet.pieces.stream()).map(piece -> piece.memory).distinct()
                .count();
    }

    private int duplicatesInUse() {
        return (int) packets.stream().flatMap(packet -> packet.pieces.stream())
                .filter(piece -> piece.buf.index() >= BUFFERS).count();
    }

    private void allocate() {
        boolean exhausted = buffersInUse() == BUFFERS;
        NetBuf buf = pool.allocate();
        if (exhausted) {
            assertNull(buf);
        } else {
            packets.add(new PacketModel(List.of(Piece.fresh(buf, HEADROOM, new byte[0]))));
        }
    }

    private void apply(Step step, PacketModel packet) {
        switch (step.operation) {
            case RETAIN -> {
                assertSame(packet.head, packet.head.retain());
                packet.holders++;
            }
            case FREE -> {
                packet.head.free();
                if (--packet.holders == 0) {
                    packets.remove(packet);
                    packet.removeAll();
                }
            }
            case COPY -> copy(packet);
            case DUPLICATE -> duplicate(packet, 0, packet.totalLength(), packet.head.duplicate());
            case DUPLICATE_RANGE -> {
                int from = step.amount % (packet.totalLength() + 1);
                int length = step.packet % (packet.totalLength() - from + 1);
                duplicate(packet, from, length, packet.head.duplicate(from, length));
            }
            default -> {
                if (packet.holders > 1) {
                    // regression 27: what one holder may do never shows to the other.
                    assertRefused(packet.head, step.operation);
                } else {
                    change(step, packet);
                }
            }
        }
    }

    private static void assertRefused(NetBuf head, Operation operation) {
        if (BufferMemory.CHECKS) {
            assertThrows(IllegalStateException.class, () -> touch(operation, head));
        }
    }

    private static void touch(Operation operation, NetBuf head) {
        switch (operation) {
            case PLACE -> head.place(0, 0);
            case PREPEND -> head.prepend(0);
            case TRIM_FRONT -> head.trimFront(0);
            case APPEND -> head.append(0);
            case TRIM_BACK -> head.trimBack(0);
            case WRITE, COPY_FROM -> head.copyFrom(0, MemorySegment.ofArray(new byte[1]), 0, 1);
            case CHAIN -> head.chain(head);
            case PREPEND_PACKET -> head.prepend(head);
            case UNCHAIN -> head.unchain();
            case DISCONNECT -> head.disconnect(head.next());
            case SPLIT -> head.split(1);
            case PULL_UP -> head.pullUp(0);
            case LINEARISE -> head.linearise();
            default -> throw new AssertionError(operation);
        }
    }

    private void change(Step step, PacketModel packet) {
        NetBuf head = packet.head;
        Piece first = packet.first();
        Piece last = packet.last();
        int amount = step.amount;
        int total = packet.totalLength();
        switch (step.operation) {
            case PLACE -> {
                int headroom = amount % (CAPACITY + 1);
                int length = step.packet % (CAPACITY - headroom + 1);
                ifNotShared(first, Operation.PLACE, head, () -> {
                    head.place(headroom, length);
                    first.start = headroom;
                    first.length = length;
                });
            }
            case PREPEND -> ifNotShared(first, Operation.PREPEND, head, () -> {
                int n = Math.min(amount, first.start);
                head.prepend(n);
                first.start -= n;
                first.length += n;
            });
            case TRIM_FRONT -> {
                int n = Math.min(amount, total);
                head.trimFront(n);
                packet.trimFront(n);
            }
            case APPEND -> ifNotShared(last, Operation.APPEND, head, () -> {
                int n = Math.min(amount, last.room());
                head.append(n);
                last.length += n;
            });
            case TRIM_BACK -> {
                int n = Math.min(amount, total);
                head.trimBack(n);
                packet.trimBack(n);
            }
            case WRITE -> write(packet.pieces.get(step.packet % packet.pieces.size()), amount);
            case COPY_FROM -> copyFrom(packet, amount % (total + 1), (byte) amount);
            case CHAIN, PREPEND_PACKET -> join(step.operation, packet, packets.get(amount % packets.size()));
            case UNCHAIN -> {
                NetBuf rest = head.unchain();
                if (packet.pieces.size() == 1) {
                    assertNull(rest);
                } else {
                    addRest(rest, packet.cut(1));
                }
            }
            case DISCONNECT -> {
                int i = amount % packet.pieces.size();
                if (i > 0) {
                    head.disconnect(packet.pieces.get(i).buf);
                    packets.add(new PacketModel(List.of(packet.pieces.remove(i))));
                }
            }
            case SPLIT -> {
                if (total > 1) {
                    split(packet, 1 + amount % (total - 1));
                }
            }
            case PULL_UP -> pullUp(packet, amount, () -> head.pullUp(amount));
            case LINEARISE -> {
                if (packet.pieces.size() == 1) {
                    assertEquals(true, head.linearise());
                } else {
                    pullUp(packet, total, head::linearise);
                    if (head.segmentCount() == 1) {
                        packet.cut(1).forEach(empty -> empty.memory.users--);
                    }
                }
            }
            default -> throw new AssertionError(step.operation);
        }
    }

    private static void ifNotShared(Piece piece, Operation operation, NetBuf head, Runnable change) {
        if (piece.memory.users > 1) {
            assertRefused(head, operation);
        } else {
            change.run();
        }
    }

    private static void write(Piece piece, int value) {
        if (piece.memory.users > 1) {
            if (BufferMemory.CHECKS) {
                assertThrows(IllegalStateException.class, () -> piece.buf.setByte(0, 1));
            }
            return;
        }
        for (int at = 0; at < piece.length; at++) {
            piece.memory.bytes[piece.start + at] = (byte) (value + at);
            piece.buf.setByte(at, value + at);
        }
    }

    private static void copyFrom(PacketModel packet, int from, byte value) {
        if (packet.sharesMemory()) {
            return;
        }
        byte[] fresh = new byte[packet.totalLength() - from];
        Arrays.fill(fresh, value);
        packet.head.copyFrom(from, MemorySegment.ofArray(fresh), 0, fresh.length);
        packet.overwrite(from, fresh);
    }

    private void join(Operation operation, PacketModel packet, PacketModel other) {
        if (other == packet) {
            if (BufferMemory.CHECKS) {
                assertThrows(IllegalArgumentException.class, () -> touch(operation, packet.head));
            }
        } else if (other.holders > 1) {
            if (BufferMemory.CHECKS) {
                assertThrows(IllegalStateException.class, () -> packet.head.chain(other.head));
            }
        } else if (operation == Operation.CHAIN) {
            packet.head.chain(other.head);
            packet.pieces.addAll(other.pieces);
            packets.remove(other);
        } else {
            assertSame(other.head, packet.head.prepend(other.head));
            other.pieces.addAll(packet.pieces);
            packets.remove(packet);
        }
    }

    private void addRest(NetBuf rest, List<Piece> pieces) {
        packets.add(new PacketModel(pieces));
        assertSame(pieces.getFirst().buf, rest);
    }

    private void split(PacketModel packet, int index) {
        int i = 0;
        int kept = index;
        while (packet.pieces.get(i).length < kept) {
            kept -= packet.pieces.get(i++).length;
        }
        Piece divided = packet.pieces.get(i);
        boolean possible = kept == divided.length || buffersInUse() < BUFFERS;
        byte[] moved = Arrays.copyOfRange(divided.data(), kept, divided.length);
        NetBuf rest = packet.head.split(index);
        if (!possible) {
            assertNull(rest);
            return;
        }
        List<Piece> behind = packet.cut(i + 1);
        if (moved.length > 0) {
            divided.length = kept;
            behind.addFirst(Piece.fresh(rest, Math.min(HEADROOM, CAPACITY - moved.length), moved));
        }
        addRest(rest, behind);
    }

    private static void pullUp(PacketModel packet, int bytes, BooleanSupplier pullUp) {
        boolean possible = bytes <= packet.first().length || (bytes <= packet.totalLength() && bytes <= CAPACITY
                && packet.first().memory.users == 1);
        assertEquals(possible, pullUp.getAsBoolean());
        if (possible) {
            packet.pullUp(bytes);
        }
    }

    private void copy(PacketModel packet) {
        byte[] bytes = packet.bytes();
        int needed = Math.max(1, (bytes.length + DATA_SIZE - 1) / DATA_SIZE);
        boolean possible = needed <= BUFFERS - buffersInUse();
        NetBuf copy = packet.head.copy();
        if (!possible) {
            assertNull(copy);
            return;
        }
        List<Piece> pieces = new ArrayList<>();
        NetBuf buf = copy;
        for (int i = 0; i < needed; i++, buf = buf.next()) {
            int from = i * DATA_SIZE;
            pieces.add(Piece.fresh(buf, HEADROOM,
                    Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + DATA_SIZE))));
        }
        packets.add(new PacketModel(pieces));
    }

    private void duplicate(PacketModel packet, int from, int length, NetBuf duplicate) {
        List<Piece> windows = new ArrayList<>();
        int skip = from;
        int left = length;
        NetBuf buf = duplicate;
        for (Piece piece : packet.pieces) {
            int n = Math.max(0, Math.min(left, piece.length - skip));
            if (n > 0 || (length == 0 && windows.isEmpty())) {
                windows.add(new Piece(buf, piece.memory, piece.start + (length == 0 ? 0 : skip), n));
                buf = buf == null ? null : buf.next();
            }
            skip = Math.max(0, skip - piece.length);
            left -= n;
        }
        if (duplicate == null) {
            windows.forEach(window -> window.memory.users--);
            assertEquals(true, windows.size() > DUPLICATES - duplicatesInUse());
        } else {
            packets.add(new PacketModel(windows));
        }
    }
}
