package org.netdev4j.netdev.capture;

import java.util.ArrayList;
import java.util.List;

import org.netdev4j.netdev.ForwardingNetDevOps;
import org.netdev4j.netdev.NetDevOps;
import org.netdev4j.netdev.RxQueue;
import org.netdev4j.netdev.RxQueueConfig;
import org.netdev4j.netdev.TxQueue;
import org.netdev4j.netdev.TxQueueConfig;

/** A device with a {@link CapturePoint} at every queue; queues of the same number share one over configurations. */
final class CapturedDevice {
    final String name;
    private final PointFactory pointFactory;
    private final List<CapturePoint> points = new ArrayList<>();

    /** @param pointFactory makes the point for a queue, once for each direction and index */
    CapturedDevice(String name, PointFactory pointFactory) {
        this.name = name;
        this.pointFactory = pointFactory;
    }

    interface PointFactory {
        CapturePoint newPoint(CapturedDevice device, Direction direction, int queue);
    }

    private CapturePoint point(Direction direction, int queue) {
        return points.stream().filter(point -> point.direction == direction && point.queue == queue).findFirst()
                .orElseGet(() -> {
                    CapturePoint point = pointFactory.newPoint(this, direction, queue);
                    points.add(point);
                    return point;
                });
    }

    NetDevOps around(NetDevOps device) {
        return new ForwardingNetDevOps(device) {
            @Override
            public RxQueue configureRxQueue(int index, RxQueueConfig config) {
                return new CapturingRxQueue(inner.configureRxQueue(index, config), point(Direction.INBOUND, index));
            }

            @Override
            public TxQueue configureTxQueue(int index, TxQueueConfig config) {
                return new CapturingTxQueue(inner.configureTxQueue(index, config), point(Direction.OUTBOUND, index));
            }
        };
    }
}
