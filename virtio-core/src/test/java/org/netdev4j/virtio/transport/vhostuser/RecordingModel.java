package org.netdev4j.virtio.transport.vhostuser;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.queue.DeviceQueue;

/** Two queues, whose buffers stay where they are. */
final class RecordingModel implements DeviceModel {
    final List<String> events = new CopyOnWriteArrayList<>();
    final AtomicInteger polls = new AtomicInteger();
    /** Queue 0 is read in every poll. */
    volatile boolean looksAtRing;
    private volatile DeviceContext context;

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
        return true;
    }

    @Override
    public int maxQueueSize(int index) {
        return index < 2 ? 256 : 0;
    }

    @Override
    public byte[] config() {
        return new byte[]{1, 2, 3, 4};
    }

    @Override
    public void start(DeviceContext running) {
        context = running;
        events.add("start");
    }

    @Override
    public void queueStarted(int index) {
        events.add("started " + index);
    }

    @Override
    public void queueStopped(int index) {
        events.add("stopped " + index);
    }

    @Override
    public void queueEnabled(int index, boolean enabled) {
        events.add("enabled " + index + " " + enabled);
    }

    @Override
    public void stop() {
        events.add("stop");
    }

    @Override
    public int poll() {
        polls.incrementAndGet();
        DeviceQueue queue = looksAtRing ? context.queue(0) : null;
        return queue != null && queue.hasAvailable() ? 1 : 0;
    }

    @Override
    public boolean armWakeUps() {
        return true;
    }

    @Override
    public void disarmWakeUps() {}

    @Override
    public void close() {}
}
