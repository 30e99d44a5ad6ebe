package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.device.DeviceModel;
import org.netdev4j.virtio.net.NetConfigLayout;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetFeatures;
import org.netdev4j.virtio.queue.DeviceQueue;

/**
 * A virtio network device (virtio 1.4 §5.1) in front of a {@link NetBackend}: one receive queue, one transmit queue. It checks
 * everything the driver says, completes checksums that the other side does not take as partial ones, and passes the
 * back-end's back-pressure on: what cannot be taken now stays in the driver's queue.
 */
public final class VirtioNetDevice implements DeviceModel {
    /** Index of the queue to the driver. */
    public static final int RECEIVE_QUEUE = 0;
    /** Index of the queue from the driver. */
    public static final int TRANSMIT_QUEUE = 1;

    private static final int CONFIG_LENGTH = NetConfigLayout.MTU + Short.BYTES;

    private final DeviceSettings settings;
    private final NetBackend backend;
    private final CounterSet<DeviceCounter> counters = new CounterSet<>(DeviceCounter.class);
    private final TransmitPath transmit;
    private final ReceivePath receive;
    private DeviceContext context;

    /** A device in front of {@code backend}, which it owns from now on. */
    public VirtioNetDevice(DeviceSettings settings, NetBackend backend) {
        this.settings = settings;
        this.backend = backend;
        transmit = new TransmitPath(settings, backend, counters);
        receive = new ReceivePath(settings, counters);
        backend.attach(new BackendSide());
    }

    @Override
    public int deviceType() {
        return NetFeatures.DEVICE_TYPE;
    }

    @Override
    public Features offeredFeatures() {
        return settings.offered();
    }

    @Override
    public boolean acceptFeatures(Features accepted) {
        return accepted.isSubsetOf(settings.offered()) && accepted.has(VirtioFeature.VERSION_1);
    }

    @Override
    public int maxQueueSize(int index) {
        return index == RECEIVE_QUEUE || index == TRANSMIT_QUEUE ? settings.maxQueueSize() : 0;
    }

    /** {@code struct virtio_net_config} up to the MTU, virtio 1.4 §5.1.4. */
    @Override
    public byte[] config() {
        byte[] config = new byte[CONFIG_LENGTH];
        settings.mac().write(MemorySegment.ofArray(config), NetConfigLayout.MAC);
        ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN)
                .putShort(NetConfigLayout.STATUS, (short) (backend.linkUp() ? NetConfigLayout.STATUS_LINK_UP : 0))
                .putShort(NetConfigLayout.MAX_VIRTQUEUE_PAIRS, (short) 1)
                .putShort(NetConfigLayout.MTU, (short) settings.mtu());
        return config;
    }

    @Override
    public void start(DeviceContext running) {
        context = running;
        Features features = running.features();
        receive.start(features.has(NetFeature.GUEST_CSUM));
        transmit.start(features.has(NetFeature.CSUM));
        backend.start();
    }

    /** A device that waits for its reset takes no queue. */
    @Override
    public void queueStarted(int index) {
        if (context != null) {
            use(index, context.queue(index));
        }
    }

    @Override
    public void queueStopped(int index) {
        use(index, null);
    }

    private void use(int index, DeviceQueue queue) {
        if (index == RECEIVE_QUEUE) {
            receive.use(queue);
        } else {
            transmit.use(queue);
        }
    }

    @Override
    public void stop() {
        if (context != null) {
            backend.stop();
            transmit.stop();
            receive.stop();
            context = null;
        }
    }

    @Override
    public int poll() {
        int sent = transmit.drain();
        if (sent > 0) {
            publish(TRANSMIT_QUEUE, transmit.queue());
        }
        if (receive.hasRoomAgain()) {
            backend.resume();
        }
        int arrived = backend.poll();
        int delivered = receive.unpublished();
        if (delivered > 0) {
            receive.published();
            publish(RECEIVE_QUEUE, receive.queue());
        }
        checkQueue("transmit", TRANSMIT_QUEUE, transmit.queue());
        checkQueue("receive", RECEIVE_QUEUE, receive.queue());
        return sent + arrived + delivered;
    }

    private void publish(int index, DeviceQueue queue) {
        if (queue.publish()) {
            context.interrupt(index);
        }
    }

    /** A broken queue hands back what it holds, the malformed buffer too, and is the end of the device until its reset. */
    private void checkQueue(String name, int index, DeviceQueue queue) {
        if (queue != null && queue.isBroken()) {
            publish(index, queue);
            String reason = name + " queue is broken: " + queue.brokenReason();
            counters.increment(DeviceCounter.BROKEN_QUEUES);
            DeviceContext broken = context;
            stop();
            broken.needsReset(reason);
        }
    }

    @Override
    public boolean armWakeUps() {
        return receive.unpublished() == 0 && transmit.armKick() && receive.armKick() && backend.armWakeUps();
    }

    @Override
    public void disarmWakeUps() {
        transmit.disarmKick();
        receive.disarmKick();
    }

    /**
     * Counters by name to show a person, {@code device rx frames} and {@code back-end queued} for example; those that never
     * counted are absent. Any thread.
     */
    public Map<String, Long> counters() {
        Map<String, Long> all = new LinkedHashMap<>();
        counters.snapshot().forEach((name, value) -> all.put("device " + name, value));
        backend.counters().forEach((name, value) -> all.put("back-end " + name, value));
        return all;
    }

    @Override
    public void close() {
        stop();
        backend.close();
        transmit.close();
        receive.close();
    }

    /** The device as its back-end sees it. */
    private final class BackendSide implements FrameReceiver {
        @Override
        public Verdict receive(Frame frame) {
            return receive.receive(frame);
        }

        @Override
        public FrameMemory borrow() {
            return receive.borrow();
        }

        @Override
        public Verdict commit(int length, OffloadRequest offload) {
            return receive.commit(length, offload);
        }

        @Override
        public void giveBack() {
            receive.giveBack();
        }

        @Override
        public Offloads accepts() {
            return receive.accepts();
        }

        @Override
        public void resume() {
            transmit.resume();
        }

        @Override
        public void linkChanged() {
            if (context != null) {
                context.configChanged();
            }
        }
    }
}
