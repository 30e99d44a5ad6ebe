package org.netdev4j.virtio.queue;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.virtio.testing.RawSplitRing;
import org.netdev4j.virtio.testing.RawSplitRing.Descriptor;

/** Does what virtio 1.4 §2.7 tells a device to do, one field at a time. */
final class NaiveSplitDevice implements DeviceEnd {
    private final RawSplitRing ring;
    private int available;
    private int used;

    NaiveSplitDevice(RawSplitRing ring, int firstIndex) {
        this.ring = ring;
        available = firstIndex;
        used = firstIndex;
    }

    @Override
    public Taken next() {
        if (!hasAvailable()) {
            return null;
        }
        int head = ring.head(available++);
        List<Buffer.Piece> pieces = new ArrayList<>();
        int index = head;
        while (true) {
            Descriptor descriptor = ring.descriptor(index);
            boolean writable = (descriptor.flags() & RawSplitRing.WRITE) != 0;
            pieces.add(new Buffer.Piece(descriptor.address(), descriptor.length(), writable));
            if ((descriptor.flags() & RawSplitRing.NEXT) == 0) {
                return new Taken(head, pieces);
            }
            index = descriptor.next();
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
        boolean interrupt = (used & 0xffff) != ring.usedIndex() && ring.availableFlags() == 0;
        ring.usedIndex(used);
        return interrupt;
    }

    @Override
    public boolean armKick() {
        ring.usedFlags(hasAvailable() ? 1 : 0);
        return !hasAvailable();
    }

    @Override
    public void disarmKick() {
        ring.usedFlags(1);
    }
}
