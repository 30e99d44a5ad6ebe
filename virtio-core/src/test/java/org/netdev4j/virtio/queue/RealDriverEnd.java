package org.netdev4j.virtio.queue;

import org.netdev4j.netbuf.ScatterGatherList;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;

record RealDriverEnd(Virtqueue queue, Features features) implements DriverEnd {
    /** A buffer of one piece goes by the short way if its token is even, as a list if it is odd. */
    @Override
    public boolean add(Buffer buffer) {
        if (buffer.pieces().size() == 1 && buffer.token() % 2 == 0) {
            Buffer.Piece piece = buffer.pieces().getFirst();
            return queue.add(piece.address(), piece.length(), piece.writable(), buffer.token());
        }
        ScatterGatherList list = new ScatterGatherList(buffer.pieces().size());
        for (Buffer.Piece piece : buffer.pieces()) {
            list.append(piece.address(), piece.length(), piece.writable());
        }
        return queue.add(list, buffer.token());
    }

    @Override
    public int descriptors(Buffer buffer) {
        return features.has(VirtioFeature.INDIRECT_DESC) ? 1 : buffer.pieces().size();
    }

    @Override
    public boolean publish() {
        return queue.publish();
    }

    @Override
    public int pop(int[] tokens, int[] written, int max) {
        return queue.pop(tokens, written, max);
    }

    @Override
    public boolean hasUsed() {
        return queue.hasUsed();
    }

    @Override
    public boolean armInterrupt() {
        return queue.armInterrupt();
    }

    @Override
    public void disarmInterrupt() {
        queue.disarmInterrupt();
    }
}
