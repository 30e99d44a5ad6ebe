package org.netdev4j.virtio.transport.vhostuser;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/** Reads the text in each buffer of its one queue, and gives the buffer back with an interrupt. */
final class ReadingModel implements DeviceModel {
    private static final int MAX_TEXT = 4096;

    final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    /** Whether it can work with the features that are agreed on. */
    volatile boolean acceptable = true;
    private final MemorySegment text = Arena.ofAuto().allocate(MAX_TEXT);
    private final DescriptorChain chain = new DescriptorChain(64);
    private DeviceContext context;
    private boolean enabled;

    @Override
    public int deviceType() {
        return 1;
    }

    @Override
    public Features offeredFeatures() {
        return Features.of(VirtioFeature.VERSION_1, VirtioFeature.RING_PACKED);
    }

    @Override
    public boolean acceptFeatures(Features accepted) {
        return acceptable;
    }

    @Override
    public int maxQueueSize(int index) {
        return index == 0 ? 256 : 0;
    }

    @Override
    public byte[] config() {
        return new byte[]{1, 2, 3, 4, 5, 6};
    }

    @Override
    public void start(DeviceContext running) {
        context = running;
        enabled = true;
    }

    @Override
    public void queueStarted(int index) {}

    @Override
    public void queueStopped(int index) {}

    @Override
    public void queueEnabled(int index, boolean on) {
        enabled = on;
    }

    @Override
    public void stop() {
        context = null;
    }

    @Override
    public int poll() {
        DeviceQueue queue = enabled ? context.queue(0) : null;
        if (queue == null || queue.isBroken()) {
            return 0;
        }
        int taken = 0;
        while (queue.next(chain)) {
            int length = chain.read(0, text, 0, MAX_TEXT);
            texts.add(StandardCharsets.US_ASCII.decode(text.asSlice(0, length).asByteBuffer()).toString());
            queue.complete(chain, 0);
            taken++;
        }
        if (queue.isBroken()) {
            context.needsReset(queue.brokenReason());
        } else if (queue.publish()) {
            context.interrupt(0);
        }
        return taken;
    }

    @Override
    public boolean armWakeUps() {
        DeviceQueue queue = enabled ? context.queue(0) : null;
        return queue == null || queue.isBroken() || queue.armKick();
    }

    @Override
    public void disarmWakeUps() {
        DeviceQueue queue = enabled ? context.queue(0) : null;
        if (queue != null && !queue.isBroken()) {
            queue.disarmKick();
        }
    }

    @Override
    public void close() {}
}
