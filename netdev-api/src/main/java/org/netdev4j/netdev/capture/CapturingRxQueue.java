package org.netdev4j.netdev.capture;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.ForwardingRxQueue;
import org.netdev4j.netdev.RxQueue;

/** Records what is received. */
final class CapturingRxQueue extends ForwardingRxQueue {
    private final CapturePoint point;

    CapturingRxQueue(RxQueue inner, CapturePoint point) {
        super(inner);
        this.point = point;
    }

    @Override
    protected int receiveBurst(NetBuf[] bufs, int from, int count) {
        int received = super.receiveBurst(bufs, from, count);
        for (int done = 0; done < received; done += CapturePoint.BURST) {
            int burst = Math.min(CapturePoint.BURST, received - done);
            point.add(bufs, from + done, burst);
            point.publish(burst);
        }
        return received;
    }
}
