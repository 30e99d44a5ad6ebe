package org.netdev4j.virtio.queue;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;

record RealDeviceEnd(DeviceQueue queue, MemoryRegion region, DescriptorChain chain) implements DeviceEnd {
    RealDeviceEnd(DeviceQueue queue, MemoryRegion region) {
        this(queue, region, new DescriptorChain(queue.size()));
    }

    @Override
    public Taken next() {
        if (!queue.next(chain)) {
            return null;
        }
        List<Buffer.Piece> pieces = new ArrayList<>();
        for (int i = 0; i < chain.size(); i++) {
            long host = chain.segment(i).asSlice(chain.offset(i), chain.length(i)).address();
            long address = host - region.segment().address() + region.deviceAddress();
            pieces.add(new Buffer.Piece(address, chain.length(i), i >= chain.readable()));
        }
        return new Taken(chain.id(), pieces);
    }

    @Override
    public void putBack(int buffers) {
        queue.putBack(buffers);
    }

    @Override
    public boolean hasAvailable() {
        return queue.hasAvailable();
    }

    @Override
    public void complete(int id, int written) {
        queue.complete(id, written);
    }

    @Override
    public boolean publish() {
        return queue.publish();
    }

    @Override
    public boolean armKick() {
        return queue.armKick();
    }

    @Override
    public void disarmKick() {
        queue.disarmKick();
    }
}
