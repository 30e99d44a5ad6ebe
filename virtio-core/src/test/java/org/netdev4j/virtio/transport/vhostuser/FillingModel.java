package org.netdev4j.virtio.transport.vhostuser;

import java.lang.foreign.MemorySegment;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/** One queue, whose buffers are filled with {@link #BYTE} and returned; the first so many are kept. */
final class FillingModel implements DeviceModel {
    static final byte BYTE = 0x5a;

    private static final MemorySegment FILLING = MemorySegment.ofArray(filling());

    /** Buffers taken and not returned, as by a device that is killed. */
    volatile int keeps;
    volatile DeviceContext context;
    private int kept;

    private static byte[] filling() {
        byte[] bytes = new byte[1 << 14];
        java.util.Arrays.fill(bytes, BYTE);
        return bytes;
    }

    @Override
    public int deviceType() {
        return 1;
    }

    @Override
    public Features offeredFeatures() {
        return Features.of(VirtioFeature.VERSION_1, VirtioFeature.RING_PACKED, VirtioFeature.INDIRECT_DESC,
                VirtioFeature.IN_ORDER);
    }

    @Override
    public boolean acceptFeatures(Features accepted) {
        return true;
    }

    @Override
    public int maxQueueSize(int index) {
        return index == 0 ? 256 : 0;
    }

    @Override
    public byte[] config() {
        return new byte[]{1, 2, 3, 4};
    }

    @Override
    public void start(DeviceContext running) {
        context = running;
        kept = 0;
    }

    @Override
    public void queueStopped(int index) {
        context.queue(index).putBack(kept);
        kept = 0;
    }

    @Override
    public void stop() {
        kept = 0;
    }

    @Override
    public int poll() {
        DeviceQueue queue = context.queue(0);
        if (queue == null) {
            return 0;
        }
        DescriptorChain chain = new DescriptorChain(queue.size());
        int done = 0;
        while (queue.next(chain)) {
            if (kept < keeps) {
                kept++;
            } else {
                queue.complete(chain, chain.write(0, FILLING, 0, chain.writableLength()));
                done++;
            }
        }
        if (done > 0 && queue.publish()) {
            context.interrupt(0);
        }
        return done;
    }

    @Override
    public boolean armWakeUps() {
        return context.queue(0) == null || context.queue(0).armKick();
    }

    @Override
    public void disarmWakeUps() {}

    @Override
    public void close() {}
}
