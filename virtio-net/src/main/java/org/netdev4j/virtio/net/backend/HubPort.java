package org.netdev4j.virtio.net.backend;

import java.util.Map;

import org.netdev4j.virtio.net.device.CounterSet;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;

/** One port of a {@link Hub}. Frames go straight to its device while it has buffers, and wait in order while it has none. */
final class HubPort implements NetBackend {
    private final Hub hub;
    private final CounterSet<DeliveryCounter> counters = new CounterSet<>(DeliveryCounter.class);
    private final DeliveryQueue waiting;
    private FrameReceiver receiver;
    private boolean closed;

    HubPort(Hub hub) {
        this.hub = hub;
        waiting = new DeliveryQueue(name(), counters);
    }

    @Override
    public String name() {
        return "hub:" + hub.name();
    }

    @Override
    public void attach(FrameReceiver device) {
        receiver = device;
        waiting.attach(device);
        hub.plugIn(this);
    }

    @Override
    public void start() {}

    @Override
    public void stop() {
        waiting.clear();
    }

    @Override
    public Verdict transmit(Frame frame) {
        if (hub.forward(this, frame) == 0) {
            counters.increment(DeliveryCounter.UNHEARD);
        }
        return Verdict.CONSUMED;
    }

    /** A frame from another port. */
    void offer(Frame frame) {
        if (waiting.isEmpty()) {
            if (receiver.receive(frame) != Verdict.BUSY) {
                return;
            }
            waiting.block();
        }
        if (!waiting.add(frame)) {
            counters.increment(DeliveryCounter.DROP_QUEUE_FULL);
        }
    }

    @Override
    public int poll() {
        return waiting.deliver();
    }

    @Override
    public void resume() {
        waiting.resume();
    }

    @Override
    public boolean armWakeUps() {
        return !waiting.isDeliverable();
    }

    @Override
    public Offloads accepts() {
        return Offloads.PARTIAL_CHECKSUM;
    }

    @Override
    public boolean linkUp() {
        return true;
    }

    @Override
    public Map<String, Long> counters() {
        return counters.snapshot();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            hub.unplug(this);
            waiting.close();
        }
    }
}
