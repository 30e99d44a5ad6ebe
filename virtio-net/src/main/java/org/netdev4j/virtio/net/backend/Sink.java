package org.netdev4j.virtio.net.backend;

import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameBurst;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;

/** Takes every frame and forgets it; the device counts them. What the end of a measurement is. */
public final class Sink implements NetBackend {
    /** A sink. */
    public Sink() {}

    @Override
    public String name() {
        return "sink";
    }

    @Override
    public void attach(FrameReceiver receiver) {}

    @Override
    public void start() {}

    @Override
    public void stop() {}

    @Override
    public Verdict transmit(Frame frame) {
        return Verdict.CONSUMED;
    }

    @Override
    public int transmit(FrameBurst frames) {
        return frames.size();
    }

    @Override
    public int poll() {
        return 0;
    }

    @Override
    public void resume() {}

    @Override
    public boolean armWakeUps() {
        return true;
    }

    /** Nobody looks at what was to be completed. */
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
