package org.netdev4j.virtio.queue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.netdev4j.virtio.testing.RawPackedRing;
import org.netdev4j.virtio.testing.RawPackedRing.Descriptor;
import org.netdev4j.virtio.testing.RawPackedRing.Event;

/**
 * Does what virtio 1.4 §2.8 tells a device to do, one field at a time. With IN_ORDER it makes batches wherever the spec lets
 * it, or does not.
 */
final class NaivePackedDevice implements DeviceEnd {
    private final RawPackedRing ring;
    private final boolean eventIndex;
    private final boolean inOrder;
    private final Random random;
    private final List<Held> taken = new ArrayList<>();
    private final Map<Integer, Integer> early = new HashMap<>();
    private final List<Used> completed = new ArrayList<>();
    private Position available;
    private Position used;

    NaivePackedDevice(RawPackedRing ring, RingKind kind, int first, long seed) {
        this.ring = ring;
        eventIndex = kind.eventIndex();
        inOrder = kind.inOrder();
        random = new Random(seed);
        available = new Position(first & 0x7fff, first >>> 15);
        used = available;
        armKick();
    }

    @Override
    public Taken next() {
        if (!hasAvailable()) {
            return null;
        }
        List<Buffer.Piece> pieces = new ArrayList<>();
        Position first = available;
        int slots = 0;
        Descriptor descriptor;
        do {
            descriptor = ring.descriptor(available.slot);
            if ((descriptor.flags() & RawPackedRing.INDIRECT) != 0) {
                for (int i = 0; i < descriptor.length() / 16; i++) {
                    pieces.add(piece(ring.indirect(descriptor.address(), i)));
                }
            } else {
                pieces.add(piece(descriptor));
            }
            available = available.plus(1, ring.size());
            slots++;
        } while ((descriptor.flags() & RawPackedRing.NEXT) != 0);
        taken.add(new Held(descriptor.id(), first, slots, new Buffer(0, pieces).writable()));
        return new Taken(descriptor.id(), pieces);
    }

    private static Buffer.Piece piece(Descriptor descriptor) {
        return new Buffer.Piece(descriptor.address(), descriptor.length(),
                (descriptor.flags() & RawPackedRing.WRITE) != 0);
    }

    @Override
    public void putBack(int buffers) {
        for (int i = 0; i < buffers; i++) {
            available = taken.removeLast().first;
        }
    }

    @Override
    public boolean hasAvailable() {
        int flags = ring.descriptor(available.slot).flags() & (RawPackedRing.AVAILABLE | RawPackedRing.USED);
        return flags == RawPackedRing.available(available.wrap);
    }

    @Override
    public void complete(int id, int written) {
        if (!inOrder) {
            Held held = taken.stream().filter(one -> one.id == id).findFirst().orElseThrow();
            taken.remove(held);
            use(held, written);
            return;
        }
        early.put(id, written);
        while (!taken.isEmpty() && early.containsKey(taken.getFirst().id)) {
            Held held = taken.removeFirst();
            use(held, early.remove(held.id));
        }
    }

    private void use(Held held, int written) {
        completed.add(new Used(held.id, held.slots, written, written == held.writable));
    }

    @Override
    public boolean publish() {
        boolean interrupt = false;
        for (int i = 0; i < completed.size(); i++) {
            int slots = completed.get(i).slots;
            while (inOrder && completed.get(i).inFull && i < completed.size() - 1 && random.nextBoolean()) {
                i++;
                slots += completed.get(i).slots;
            }
            int written = completed.get(i).written;
            ring.use(used.slot, completed.get(i).id, written,
                    RawPackedRing.used(used.wrap) | (written > 0 ? RawPackedRing.WRITE : 0));
            for (int slot = 0; slot < slots; slot++) {
                interrupt |= used.isWanted(ring.driverEvent(), eventIndex);
                used = used.plus(1, ring.size());
            }
        }
        completed.clear();
        return interrupt;
    }

    @Override
    public boolean armKick() {
        if (hasAvailable()) {
            disarmKick();
            return false;
        }
        ring.deviceEvent(available.slot, available.wrap, eventIndex ? RawPackedRing.DESC : RawPackedRing.ENABLE);
        return true;
    }

    @Override
    public void disarmKick() {
        ring.deviceEvent(0, 0, RawPackedRing.DISABLE);
    }

    private record Held(int id, Position first, int slots, int writable) {}

    private record Used(int id, int slots, int written, boolean inFull) {}

    /** A place in the ring: a slot, and how often the ring was gone round, modulo 2. */
    record Position(int slot, int wrap) {
        Position plus(int slots, int size) {
            return slot + slots < size
                    ? new Position(slot + slots, wrap)
                    : new Position(slot + slots - size, 1 - wrap);
        }

        /** What is put here is to be notified. */
        boolean isWanted(Event event, boolean eventIndex) {
            return switch (event.flags()) {
                case RawPackedRing.ENABLE -> true;
                case RawPackedRing.DESC -> eventIndex && event.slot() == slot && event.wrap() == wrap;
                default -> false;
            };
        }
    }
}
