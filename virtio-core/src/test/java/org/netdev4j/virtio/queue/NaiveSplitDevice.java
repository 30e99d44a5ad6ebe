package org.netdev4j.virtio.queue;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.RawSplitRing.Descriptor;

/** Does what virtio 1.4 §2.7 tells a device to do, one field at a time. */
final class NaiveSplitDevice implements DeviceEnd {
    private final RawSplitRing ring;
    private final boolean eventIndex;
    private int available;
    private int used;

    NaiveSplitDevice(RawSplitRing ring, Features features, int firstIndex) {
        this.ring = ring;
        eventIndex = features.has(VirtioFeature.EVENT_IDX);
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
        boolean indirect = descriptor.flags() == RawSplitRing.INDIRECT;
        long table = descriptor.address();
        if (indirect) {
            descriptor = ring.indirect(table, 0);
        }
        while (true) {
            boolean writable = (descriptor.flags() & RawSplitRing.WRITE) != 0;
            pieces.add(new Buffer.Piece(descriptor.address(), descriptor.length(), writable));
            if ((descriptor.flags() & RawSplitRing.NEXT) == 0) {
                return new Taken(head, pieces);
            }
            int next = descriptor.next();
            descriptor = indirect ? ring.indirect(table, next) : ring.descriptor(next);
        }
    }

    @Override
    public void putBack(int buffers) {
        available -= buffers;
    }

    @Override
    public boolean hasAvailable() {
        return (available & 0xffff) != ring.availableIndex();
    }

    @Override
    public void complete(int id, int written) {
        ring.used(used++, id, written);
    }

    @Override
    public boolean publish() {
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
}
