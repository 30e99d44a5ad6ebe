package org.netdev4j.virtio.net.backend;

import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameBurst;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;

/**
 * Returns to the driver what it transmits, in order, without loss. Frames go from buffer to buffer: those for which the driver has
 * no receive buffer stay in its transmit queue, and so does what is sent from within a delivery.
 */
public final class Loopback implements NetBackend {
    private FrameReceiver receiver;
    private boolean delivering;
    /** Frames were not taken since the receiver had no room. */
    private boolean full;
    /** Frames were not taken since they came from within a delivery. */
    private boolean refused;

    /** A loopback. */
    public Loopback() {}

    @Override
    public String name() {
        return "loopback";
    }

    @Override
    public void attach(FrameReceiver device) {
        receiver = device;
    }

    @Override
    public void start() {
        full = false;
    }

    @Override
    public void stop() {}

    @Override
    public Verdict transmit(Frame frame) {
        if (delivering) {
            refused = true;
            return Verdict.BUSY;
        }
        delivering = true;
        try {
            if (receiver.receive(frame, frame.pair()) == Verdict.BUSY) {
                full = true;
                return Verdict.BUSY;
            }
            return Verdict.CONSUMED;
        } finally {
            endDelivery();
        }
    }

    @Override
    public int transmit(FrameBurst frames) {
        if (delivering) {
            refused = true;
            return 0;
        }
        delivering = true;
        try {
            int taken = receiver.receive(frames, frames.pair());
            full |= taken < frames.size();
            return taken;
        } finally {
            endDelivery();
        }
    }

    private void endDelivery() {
        delivering = false;
        if (refused) {
            refused = false;
            receiver.resume();
        }
    }

    @Override
    public int poll() {
        return 0;
    }

    @Override
    public void resume() {
        if (full) {
            full = false;
            receiver.resume();
        }
    }

    @Override
    public boolean armWakeUps() {
        return true;
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
    public void close() {}
}
