package org.netdev4j.virtio.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/** The least device that gives its driver back what it is sent: one pair of queues, header and frame copied as they are. */
final class MirrorDevice implements DeviceModel {
    private static final int RX = 0;
    private static final int TX = 1;
    private static final int QUEUE_SIZE = 256;

    private final DescriptorChain from = new DescriptorChain(QUEUE_SIZE);
    private final DescriptorChain to = new DescriptorChain(QUEUE_SIZE);
    private final MemorySegment copy = Arena.ofAuto().allocate(1 << 16);
    private DeviceContext context;

    @Override
    public int deviceType() {
        return VirtioNetDriver.DEVICE_TYPE;
    }

    @Override
    public Features offeredFeatures() {
        return Features.of(VirtioFeature.VERSION_1);
    }

    @Override
    public boolean acceptFeatures(Features accepted) {
        return true;
    }

    @Override
    public int maxQueueSize(int index) {
        return index <= TX ? QUEUE_SIZE : 0;
    }

    @Override
    public byte[] config() {
        return new byte[0];
    }

    @Override
    public void start(DeviceContext running) {
        context = running;
    }

    @Override
    public void stop() {
        context = null;
    }

    @Override
    public int poll() {
        DeviceQueue tx = context.queue(TX);
        DeviceQueue rx = context.queue(RX);
        int moved = 0;
        while (tx.hasAvailable() && rx.hasAvailable() && tx.next(from) && rx.next(to)) {
            int length = from.read(0, copy, 0, from.readableLength());
            rx.complete(to, to.write(0, copy, 0, length));
            tx.complete(from, 0);
            moved++;
        }
        interrupt(tx, TX);
        interrupt(rx, RX);
        return moved;
    }

    private void interrupt(DeviceQueue queue, int index) {
        if (queue.publish()) {
            context.interrupt(index);
        }
    }

    @Override
    public boolean armWakeUps() {
        boolean tx = context.queue(TX).armKick();
        boolean rx = context.queue(RX).armKick();
        return tx && rx;
    }

    @Override
    public void disarmWakeUps() {
        context.queue(TX).disarmKick();
        context.queue(RX).disarmKick();
    }

    @Override
    public void close() {}
}
