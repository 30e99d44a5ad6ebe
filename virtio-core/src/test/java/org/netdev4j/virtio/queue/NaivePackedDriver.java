package org.netdev4j.virtio.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.netdev4j.virtio.queue.NaivePackedDevice.Position;
import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.RawPackedRing.Descriptor;

/**
 * Does what virtio 1.4 §2.8 tells a driver to do, one field at a time, with buffer ids of its fancy. With INDIRECT_DESC some
 * buffers are in a table, even of one piece.
 */
final class NaivePackedDriver implements DriverEnd {
    private final RawPackedRing ring;
    private final long tables;
    private final boolean indirect;
    private final boolean eventIndex;
    private final boolean inOrder;
    private final Random random;
    private final Map<Integer, InFlight> inFlight = new HashMap<>();
    private final List<Write> added = new ArrayList<>();
    /** The ids made available, with IN_ORDER from the one used next on, and how many the last used descriptor stands for. */
    private final Deque<Integer> order = new ArrayDeque<>();
    private int batch;
    private int batchWritten;
    private int free;
    private Position available;
    private Position used;

    /** @param tables device address of memory for an indirect table of 5 entries for each descriptor */
    NaivePackedDriver(RawPackedRing ring, long tables, RingKind kind, int first, long seed) {
        this.ring = ring;
        this.tables = tables;
        indirect = kind.indirect();
        eventIndex = kind.eventIndex();
        inOrder = kind.inOrder();
        random = new Random(seed);
        free = ring.size();
        available = new Position(first & 0x7fff, first >>> 15);
        used = available;
        for (int slot = 0; slot < ring.size(); slot++) {
            int wrapBefore = slot < used.slot() ? used.wrap() : 1 - used.wrap();
            ring.descriptor(slot, 0, 0, 0, RawPackedRing.used(wrapBefore));
        }
        disarmInterrupt();
    }

    @Override
    public boolean add(Buffer buffer) {
        int slots = descriptors(buffer);
        if (free < slots) {
            return false;
        }
        int id = random.nextInt(1 << 16);
        while (inFlight.containsKey(id)) {
            id = random.nextInt(1 << 16);
        }
        int count = buffer.pieces().size();
        if (isInTable(buffer)) {
            long table = tables + 5 * 16L * available.slot();
            for (int i = 0; i < count; i++) {
                Buffer.Piece piece = buffer.pieces().get(i);
                ring.indirect(table, i, piece.address(), piece.length(), random.nextInt(1 << 16), flags(piece));
            }
            int ignored = random.nextBoolean() ? RawPackedRing.WRITE : 0;
            write(table, 16 * count, id, RawPackedRing.INDIRECT | ignored);
        } else {
            for (int i = 0; i < count; i++) {
                Buffer.Piece piece = buffer.pieces().get(i);
                boolean last = i == count - 1;
                write(piece.address(), piece.length(), last ? id : random.nextInt(1 << 16),
                        flags(piece) | (last ? 0 : RawPackedRing.NEXT));
            }
        }
        free -= slots;
        inFlight.put(id, new InFlight(buffer, slots));
        if (inOrder) {
            order.add(id);
        }
        return true;
    }

    private static int flags(Buffer.Piece piece) {
        return piece.writable() ? RawPackedRing.WRITE : 0;
    }

    private void write(long address, int length, int id, int flags) {
        added.add(new Write(available,
                new Descriptor(address, length, id, flags | RawPackedRing.available(available.wrap()))));
        available = available.plus(1, ring.size());
    }

    private boolean isInTable(Buffer buffer) {
        return indirect && buffer.token() % 3 != 0;
    }

    @Override
    public int descriptors(Buffer buffer) {
        return isInTable(buffer) ? 1 : buffer.pieces().size();
    }

    /** The last descriptor first, so that the device sees all of them or none. */
    @Override
    public boolean publish() {
        boolean kick = false;
        for (Write write : added.reversed()) {
            Descriptor descriptor = write.descriptor;
            ring.descriptor(write.at.slot(), descriptor.address(), descriptor.length(), descriptor.id(),
                    descriptor.flags());
            kick |= write.at.isWanted(ring.deviceEvent(), eventIndex);
        }
        added.clear();
        return kick;
    }

    @Override
    public int pop(int[] tokens, int[] written, int max) {
        int count = 0;
        while (count < max && hasUsed()) {
            if (batch == 0) {
                readUsed();
            }
            int id = inOrder ? order.remove() : ring.descriptor(used.slot()).id();
            InFlight done = inFlight.remove(id);
            batch--;
            tokens[count] = done.buffer.token();
            written[count] = batch == 0 ? batchWritten : done.buffer.writable();
            used = used.plus(done.slots, ring.size());
            free += done.slots;
            count++;
        }
        return count;
    }

    /** A used descriptor stands for all buffers up to the one that it names. */
    private void readUsed() {
        Descriptor descriptor = ring.descriptor(used.slot());
        batch = 1;
        if (inOrder) {
            for (int id : order) {
                if (id == descriptor.id()) {
                    break;
                }
                batch++;
            }
        }
        batchWritten = (descriptor.flags() & RawPackedRing.WRITE) != 0 ? descriptor.length() : 0;
    }

    @Override
    public boolean hasUsed() {
        int flags = ring.descriptor(used.slot()).flags() & (RawPackedRing.AVAILABLE | RawPackedRing.USED);
        return batch > 0 || (!inFlight.isEmpty() && flags == RawPackedRing.used(used.wrap()));
    }

    @Override
    public boolean armInterrupt() {
        if (hasUsed()) {
            disarmInterrupt();
            return false;
        }
        ring.driverEvent(used.slot(), used.wrap(), eventIndex ? RawPackedRing.DESC : RawPackedRing.ENABLE);
        return true;
    }

    @Override
    public void disarmInterrupt() {
        ring.driverEvent(0, 0, RawPackedRing.DISABLE);
    }

    private record InFlight(Buffer buffer, int slots) {}

    private record Write(Position at, Descriptor descriptor) {}
}
