package org.netdev4j.virtio.net;

import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;

/** Another back-end whose link goes down and up as it is told; what is sent while it is down is dropped. On the loop's thread. */
final class FlappingBackend implements NetBackend {
    private final NetBackend backend;
    private FrameReceiver receiver;
    private boolean up = true;

    FlappingBackend(NetBackend backend) {
        this.backend = backend;
    }

    void linkUp(boolean nowUp) {
        if (up != nowUp) {
            up = nowUp;
            receiver.linkChanged();
        }
    }

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public void attach(FrameReceiver device) {
        receiver = device;
        backend.attach(device);
    }

    @Override
    public void start() {
        backend.start();
    }

    @Override
    public void stop() {
        backend.stop();
    }

    @Override
    public Verdict transmit(Frame frame) {
        return up ? backend.transmit(frame) : Verdict.DROPPED;
    }

    @Override
    public int poll() {
        return backend.poll();
    }

    @Override
    public void resume() {
        backend.resume();
    }

    @Override
    public boolean armWakeUps() {
        return backend.armWakeUps();
    }

    @Override
    public Offloads accepts() {
        return backend.accepts();
    }

    @Override
    public void pairsInUse(int pairs) {
        backend.pairsInUse(pairs);
    }

    @Override
    public void offloadsChanged() {
        backend.offloadsChanged();
    }

    @Override
    public boolean linkUp() {
        return up && backend.linkUp();
    }

    @Override
    public void close() {
        backend.close();
    }
}
