package org.netdev4j.virtio.net.backend;

import java.util.Map;

import org.netdev4j.virtio.net.device.CounterSet;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameBurst;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;

/** Returns to the driver what it transmits, in order, without loss: busy when it does not fetch its frames. */
public final class Loopback implements NetBackend {
    /** More would only wait here instead of in the driver's ring, and no cache would hold them. */
    static final int MAX_FRAMES = 256;

    private final CounterSet<DeliveryCounter> counters = new CounterSet<>(DeliveryCounter.class);
    private final DeliveryQueue queue = new DeliveryQueue("loopback", counters, true, MAX_FRAMES);
    private FrameReceiver receiver;
    private boolean full;

    /** A loopback with nothing in it. */
    public Loopback() {}

    @Override
    public String name() {
        return "loopback";
    }

    @Override
    public void attach(FrameReceiver device) {
        receiver = device;
        queue.attach(device);
    }

    @Override
    public void start() {
        full = false;
    }

    @Override
    public void stop() {
        queue.clear();
    }

    @Override
    public Verdict transmit(Frame frame) {
        if (queue.passOn(frame) || queue.add(frame)) {
            return Verdict.CONSUMED;
        }
        full = true;
        return Verdict.BUSY;
    }

    @Override
    public int transmit(FrameBurst frames) {
        int taken = queue.passOn(frames);
        while (taken < frames.size() && queue.add(frames.frame(taken))) {
            taken++;
        }
        full |= taken < frames.size();
        return taken;
    }

    @Override
    public int poll() {
        int delivered = queue.deliver();
        if (full && delivered > 0) {
            full = false;
            receiver.resume();
        }
        return delivered;
    }

    @Override
    public void resume() {
        queue.resume();
    }

    @Override
    public boolean armWakeUps() {
        return !queue.isDeliverable();
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
        queue.close();
    }
}
