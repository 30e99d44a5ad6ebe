package org.netdev4j.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.RawSplitRing.Descriptor;

/**
 * Does what virtio 1.4 §2.7 tells a device to do, one field at a time. With IN_ORDER it makes batches wherever the spec lets it,
 * or does not.
 */
final class NaiveSplitDevice implements DeviceEnd {
    private final RawSplitRing ring;
    private final boolean eventIndex;
    private final boolean inOrder;
    private final Random random;
    private final Map<Integer, Integer> room = new HashMap<>();
    private final Map<Integer, Descriptor> seen = new HashMap<>();
    private final Deque<Integer> taken = new ArrayDeque<>();
    private final Map<Integer, Integer> early = new HashMap<>();
    private final List<Used> completed = new ArrayList<>();
    private int available;
    private int used;

    NaiveSplitDevice(RawSplitRing ring, RingKind kind, int firstIndex, long seed) {
        this.ring = ring;
        eventIndex = kind.eventIndex();
        inOrder = kind.inOrder();
        random = new Random(seed);
        available = firstIndex;
        used = firstIndex;
        armKick();
    }

    @Override
    public Taken next() {
        if (!hasAvailable()) {
            return null;
        }
        int head = ring.head(available++);
        List<Buffer.Piece> pieces = new ArrayList<>();
        Descriptor descriptor = ring.descriptor(head);
        seen.put(head, descriptor);
        boolean indirect = descriptor.flags() == RawSplitRing.INDIRECT;
        long table = descriptor.address();
        if (indirect) {
            descriptor = ring.indirect(table, 0);
        }
        while (true) {
            boolean writable = (descriptor.flags() & RawSplitRing.WRITE) != 0;
            pieces.add(new Buffer.Piece(descriptor.address(), descriptor.length(), writable));
            if ((descriptor.flags() & RawSplitRing.NEXT) == 0) {
                room.put(head, new Buffer(0, pieces).writable());
                taken.add(head);
                return new Taken(head, pieces);
            }
            int next = descriptor.next();
            descriptor = indirect ? ring.indirect(table, next) : ring.descriptor(next);
        }
    }

    @Override
    public void putBack(int buffers) {
        available -= buffers;
        for (int i = 0; i < buffers; i++) {
            taken.removeLast();
        }
    }

    @Override
    public boolean hasAvailable() {
        return (available & 0xffff) != ring.availableIndex();
    }

    @Override
    public void complete(int id, int written) {
        if (!inOrder) {
            taken.remove(id);
            use(id, written);
            return;
        }
        early.put(id, written);
        while (!taken.isEmpty() && early.containsKey(taken.element())) {
            int next = taken.remove();
            use(next, early.remove(next));
        }
    }

    private void use(int id, int written) {
        assertEquals(seen.get(id), ring.descriptor(id), "the driver altered a buffer that it does not have");
        completed.add(new Used(id, written, written == room.get(id)));
    }

    @Override
    public boolean publish() {
        for (int i = 0; i < completed.size(); i++) {
            int batch = i;
            while (inOrder && completed.get(i).inFull && i < completed.size() - 1 && random.nextBoolean()) {
                i++;
            }
            ring.used(used + batch, completed.get(i).id, completed.get(i).written);
        }
        used += completed.size();
        completed.clear();
        boolean interrupt = false;
        while (ring.usedIndex() != (used & 0xffff)) {
            interrupt |= eventIndex ? ring.usedIndex() == ring.usedEvent() : ring.availableFlags() == 0;
            ring.usedIndex(ring.usedIndex() + 1);
        }
        return interrupt;
    }

    @Override
    public boolean armKick() {
        if (hasAvailable()) {
            disarmKick();
            return false;
        }
        if (eventIndex) {
            ring.availableEvent(available);
        } else {
            ring.usedFlags(0);
        }
        return true;
    }

    @Override
    public void disarmKick() {
        if (eventIndex) {
            ring.availableEvent(available - 1);
        } else {
            ring.usedFlags(1);
        }
    }

    private record Used(int id, int written, boolean inFull) {}
}
