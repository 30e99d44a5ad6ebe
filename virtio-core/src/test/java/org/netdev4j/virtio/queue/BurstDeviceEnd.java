package org.netdev4j.virtio.queue;

import java.util.List;

import org.netdev4j.netbuf.MemoryRegion;

/** Takes bursts wherever it can, and puts all but the first buffer back. */
final class BurstDeviceEnd implements DeviceEnd {
    private static final int BURST = 3;

    private final DeviceQueue queue;
    private final MemoryRegion region;
    private final RealDeviceEnd oneByOne;
    private final DescriptorBurst burst = new DescriptorBurst(BURST);

    BurstDeviceEnd(DeviceQueue queue, MemoryRegion region) {
        this.queue = queue;
        this.region = region;
        oneByOne = new RealDeviceEnd(queue, region);
    }

    @Override
    public Taken next() {
        int taken = queue.next(burst, BURST, false);
        if (taken == 0) {
            taken = queue.next(burst, BURST, true);
        }
        if (taken == 0) {
            return oneByOne.next();
        }
        queue.putBack(taken - 1);
        long host = burst.segment().asSlice(burst.offset(0), burst.length(0)).address();
        long address = host - region.segment().address() + region.deviceAddress();
        return new Taken(burst.id(0), List.of(new Buffer.Piece(address, burst.length(0), burst.isWritable())));
    }

    @Override
    public void putBack(int buffers) {
        oneByOne.putBack(buffers);
    }

    @Override
    public boolean hasAvailable() {
        return oneByOne.hasAvailable();
    }

    @Override
    public void complete(int id, int written) {
        oneByOne.complete(id, written);
    }

    @Override
    public boolean publish() {
        return oneByOne.publish();
    }

    @Override
    public boolean armKick() {
        return oneByOne.armKick();
    }

    @Override
    public void disarmKick() {
        oneByOne.disarmKick();
    }
}
