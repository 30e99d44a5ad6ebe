package org.netdev4j.virtio.net.backend;

import java.util.Map;

import org.netdev4j.virtio.net.device.CounterSet;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;

/** One port of a {@link Fabric}. Frames go straight to its device while it has buffers, and wait in order while it has none. */
final class FabricPort implements NetBackend {
    private final Fabric fabric;
    private final CounterSet<DeliveryCounter> counters = new CounterSet<>(DeliveryCounter.class);
    private final DeliveryQueue waiting;
    private FrameReceiver receiver;
    /** The port that was told to wait until this one has delivered what waits. */
    private FabricPort sender;
    private boolean closed;

    FabricPort(Fabric fabric) {
        this.fabric = fabric;
        waiting = new DeliveryQueue(name(), counters);
    }

    @Override
    public String name() {
        return fabric.kind() + ":" + fabric.name();
    }

    @Override
    public void attach(FrameReceiver device) {
        receiver = device;
        waiting.attach(device);
        fabric.plugIn(this);
    }

    @Override
    public void start() {}

    @Override
    public void stop() {
        waiting.clear();
        if (sender != null) {
            FabricPort resumed = sender;
            sender = null;
            resumed.receiver.resume();
        }
    }

    @Override
    public Verdict transmit(Frame frame) {
        return fabric.forward(this, frame);
    }

    /** Nobody else is there. */
    void unheard() {
        counters.increment(DeliveryCounter.UNHEARD);
    }

    /** A frame from another port. */
    void offer(Frame frame) {
        if (!waiting.passOn(frame) && !waiting.add(frame)) {
            counters.increment(DeliveryCounter.DROP_QUEUE_FULL);
        }
    }

    /** A frame from the only other port, which is told to wait rather than that frames are dropped. */
    Verdict offerOrWait(FabricPort source, Frame frame) {
        if (waiting.passOn(frame) || waiting.add(frame)) {
            return Verdict.CONSUMED;
        }
        sender = source;
        return Verdict.BUSY;
    }

    @Override
    public int poll() {
        int delivered = waiting.deliver();
        if (sender != null && waiting.isEmpty()) {
            FabricPort resumed = sender;
            sender = null;
            resumed.receiver.resume();
        }
        return delivered;
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
        return Offloads.ALL;
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
            fabric.unplug(this);
            waiting.close();
        }
    }
}
