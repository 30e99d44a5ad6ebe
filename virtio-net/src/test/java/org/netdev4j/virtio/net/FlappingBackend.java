package org.netdev4j.virtio.net;

import org.netdev4j.virtio.net.device.ForwardingBackend;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Verdict;

/** Another back-end whose link goes down and up as it is told; what is sent while it is down is dropped. On the loop's thread. */
final class FlappingBackend extends ForwardingBackend {
    private FrameReceiver receiver;
    private boolean up = true;

    FlappingBackend(NetBackend backend) {
        super(backend);
    }

    void linkUp(boolean nowUp) {
        if (up != nowUp) {
            up = nowUp;
            receiver.linkChanged();
        }
    }

    @Override
    public void attach(FrameReceiver device) {
        receiver = device;
        super.attach(device);
    }

    @Override
    public Verdict transmit(Frame frame) {
        return up ? backend().transmit(frame) : Verdict.DROPPED;
    }

    @Override
    public boolean linkUp() {
        return up && super.linkUp();
    }

}
