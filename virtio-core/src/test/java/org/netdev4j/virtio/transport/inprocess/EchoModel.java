package org.netdev4j.virtio.transport.inprocess;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/** A device that answers every buffer of its queues with the bytes it read from it. */
final class EchoModel implements DeviceModel {
    static final int MAX_QUEUE_SIZE = 8;
    static final int QUEUES = 2;
    static final Features OFFERED = Features.of(VirtioFeature.VERSION_1, VirtioFeature.RING_RESET,
            VirtioFeature.NOTIFICATION_DATA).with(0);

    /** What the transport did, in order. */
    final List<String> log = new ArrayList<>();
    byte[] config = {1, 2, 3, 4, 5, 6, 7, (byte) 0x88};
    /** The queues that came and went, in order. */
    final List<String> queueLog = new ArrayList<>();
    boolean refusesFeatures;
    RuntimeException onStart;
    RuntimeException onPoll;
    RuntimeException onStop;
    RuntimeException onQueue;
    DeviceContext context;

    private final DescriptorChain chain = new DescriptorChain(MAX_QUEUE_SIZE);
    private final MemorySegment copy = Arena.ofAuto().allocate(256);

    @Override
    public int deviceType() {
        return 42;
    }

    @Override
    public Features offeredFeatures() {
        return OFFERED;
    }

    @Override
    public boolean acceptFeatures(Features accepted) {
        log.add("accept " + accepted);
        return !refusesFeatures;
    }

    @Override
    public int maxQueueSize(int index) {
        return index < QUEUES ? MAX_QUEUE_SIZE : 0;
    }

    @Override
    public byte[] config() {
        return config;
    }

    @Override
    public void start(DeviceContext running) {
        log.add("start");
        if (onStart != null) {
            throw onStart;
        }
        context = running;
    }

    @Override
    public void stop() {
        log.add("stop");
        if (onStop != null) {
            throw onStop;
        }
    }

    @Override
    public void queueStarted(int index) {
        queueLog.add("+" + index);
        changeQueue();
    }

    @Override
    public void queueStopped(int index) {
        queueLog.add("-" + index);
        changeQueue();
    }

    private void changeQueue() {
        if (onQueue != null) {
            throw onQueue;
        }
    }

    @Override
    public int poll() {
        if (onPoll != null) {
            throw onPoll;
        }
        int work = 0;
        for (int i = 0; i < QUEUES; i++) {
            DeviceQueue queue = context.queue(i);
            if (queue != null) {
                work += echo(i, queue);
            }
        }
        return work;
    }

    private int echo(int index, DeviceQueue queue) {
        int answered = 0;
        while (queue.next(chain)) {
            int length = chain.read(0, copy, 0, (int) copy.byteSize());
            queue.complete(chain, chain.write(0, copy, 0, length));
            answered++;
        }
        if (answered > 0 && queue.publish()) {
            context.interrupt(index);
        }
        return answered;
    }

    @Override
    public boolean armWakeUps() {
        boolean quiet = true;
        for (int i = 0; i < QUEUES; i++) {
            quiet &= context.queue(i) == null || context.queue(i).armKick();
        }
        return quiet;
    }

    @Override
    public void disarmWakeUps() {
        for (int i = 0; i < QUEUES; i++) {
            if (context.queue(i) != null) {
                context.queue(i).disarmKick();
            }
        }
    }

    @Override
    public void close() {
        log.add("close");
    }
}
