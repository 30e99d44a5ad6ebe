package org.netdev4j.virtio.net;

import static org.netdev4j.virtio.net.ControlLayout.CLASS_STATS;
import static org.netdev4j.virtio.net.ControlLayout.STATS_GET;
import static org.netdev4j.virtio.net.ControlLayout.STATS_QUERY;
import static org.netdev4j.virtio.net.ControlLayout.STATS_RX_BASIC;
import static org.netdev4j.virtio.net.ControlLayout.STATS_TX_BASIC;

import java.util.List;
import java.util.Map;

/** Asks a device for what it counts (virtio 1.4 §5.1.9.5.11): only what it says that it has, queue by queue. */
final class StatisticsQuery {
    private static final int HEADER = 8;
    private static final int SIZE_AT = 6;
    private static final List<String> RX_BASIC = List.of("notifications", "packets", "bytes", "interrupts", "drops",
            "overruns");
    private static final List<String> TX_BASIC = List.of("notifications", "packets", "bytes", "interrupts", "drops",
            "malformed");

    private final ControlQueue control;

    StatisticsQuery(ControlQueue control) {
        this.control = control;
    }

    void putInto(Map<String, Long> counters, int pairs) {
        control.begin(CLASS_STATS, STATS_QUERY).send("tell what it counts", Long.BYTES);
        long types = control.resultBytes() < Long.BYTES ? 0 : control.result64(0);
        for (int pair = 0; pair < pairs; pair++) {
            put(counters, types, 2 * pair, STATS_RX_BASIC, "device counts rx" + pair, RX_BASIC);
            put(counters, types, 2 * pair + 1, STATS_TX_BASIC, "device counts tx" + pair, TX_BASIC);
        }
    }

    private void put(Map<String, Long> counters, long types, int virtqueue, int type, String queue,
            List<String> names) {
        if ((types >>> type & 1) == 0) {
            return;
        }
        int bytes = HEADER + names.size() * Long.BYTES;
        control.begin(CLASS_STATS, STATS_GET).add16(virtqueue).add16(0).add32(0).add64(1L << type)
                .send("tell what it counted on virtqueue " + virtqueue, bytes);
        if (control.resultBytes() < bytes || control.result8(0) != type || control.result16(2) != virtqueue
                || control.result16(SIZE_AT) < bytes) {
            return;
        }
        for (int i = 0; i < names.size(); i++) {
            counters.put(queue + " " + names.get(i), control.result64(HEADER + i * Long.BYTES));
        }
    }
}
