package org.netdev4j.netdev.capture;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.ForwardingTxQueue;
import org.netdev4j.netdev.TxQueue;

/** Records what the queue behind takes: copied before it is handed over, kept if it was taken. */
final class CapturingTxQueue extends ForwardingTxQueue {
    private final CapturePoint point;

    CapturingTxQueue(TxQueue inner, CapturePoint point) {
        super(inner);
        this.point = point;
    }

    @Override
    protected int transmitBurst(NetBuf[] bufs, int from, int count) {
        int taken = 0;
        while (taken < count) {
            int burst = Math.min(CapturePoint.BURST, count - taken);
            point.add(bufs, from + taken, burst);
            int took = super.transmitBurst(bufs, from + taken, burst);
            point.publish(took);
            taken += took;
            if (took < burst) {
                break;
            }
        }
        return taken;
    }
}
