package org.netdev4j.virtio.net.device;

import static org.netdev4j.virtio.net.ControlLayout.STATS_CVQ;
import static org.netdev4j.virtio.net.ControlLayout.STATS_RX_BASIC;
import static org.netdev4j.virtio.net.ControlLayout.STATS_TX_BASIC;

import java.util.function.IntSupplier;

/**
 * What a device tells of its queues (virtio 1.4 §5.1.9.5.11). A reply is all that was asked for or nothing. Kicks are not
 * counted: the model does not see them.
 *
 * <pre>
 *   0      1          2          4          6
 *  +------+----------+----------+----------+------+-----------------+
 *  | type | reserved | vq_index | reserved | size | counters, le64  |
 *  +------+----------+----------+----------+------+-----------------+
 * </pre>
 */
final class DeviceStatistics {
    private static final int HEADER = 8;
    private static final int ENTRY = 16;
    private static final int BASIC_BYTES = HEADER + 6 * Long.BYTES;
    private static final int CONTROL_BYTES = HEADER + 2 * Long.BYTES;
    private static final long RX_TYPES = 1L << STATS_RX_BASIC;
    private static final long TX_TYPES = 1L << STATS_TX_BASIC;
    private static final long CONTROL_TYPES = 1L << STATS_CVQ;

    private final QueuePair[] pairs;
    private final IntSupplier controlIndex;
    private ControlQueue control;

    /** @param controlIndex index of the control queue as it is now */
    DeviceStatistics(QueuePair[] pairs, IntSupplier controlIndex) {
        this.pairs = pairs;
        this.controlIndex = controlIndex;
    }

    void control(ControlQueue queue) {
        control = queue;
    }

    boolean query(ControlData result) {
        result.add64(RX_TYPES | TX_TYPES | CONTROL_TYPES);
        return true;
    }

    boolean get(ControlData asked, ControlData result) {
        if (asked.length() == 0 || asked.length() % ENTRY != 0) {
            return false;
        }
        long bytes = 0;
        for (int at = 0; at < asked.length(); at += ENTRY) {
            int size = size(asked.u16(at), asked.u64(at + 8));
            bytes += size;
            if (size == 0 || bytes > ControlData.CAPACITY) {
                return false;
            }
        }
        for (int at = 0; at < asked.length(); at += ENTRY) {
            add(asked.u16(at), result);
        }
        return true;
    }

    /** Bytes of the reply for a queue, 0 if it has not all those types. */
    private int size(int queue, long types) {
        if (queue == controlIndex.getAsInt()) {
            return types == CONTROL_TYPES ? CONTROL_BYTES : 0;
        }
        if (queue >= 2 * pairs.length) {
            return 0;
        }
        return types == ((queue & 1) == 0 ? RX_TYPES : TX_TYPES) ? BASIC_BYTES : 0;
    }

    private void add(int queue, ControlData result) {
        if (queue == controlIndex.getAsInt()) {
            header(STATS_CVQ, queue, CONTROL_BYTES, result).add64(control.commands()).add64(control.executed());
            return;
        }
        QueuePair pair = pairs[queue >>> 1];
        boolean rx = (queue & 1) == 0;
        FrameStatistics frames = rx ? pair.receive.statistics() : pair.transmit.statistics();
        header(rx ? STATS_RX_BASIC : STATS_TX_BASIC, queue, BASIC_BYTES, result).add64(0)
                .add64(frames.frames()).add64(frames.bytes())
                .add64(rx ? pair.rxInterrupts() : pair.txInterrupts())
                .add64(rx ? pair.receive.dropped() : pair.transmit.dropped())
                .add64(rx ? pair.receive.overruns() : pair.transmit.malformed());
    }

    private static ControlData header(int type, int queue, int bytes, ControlData result) {
        return result.add8(type).add8(0).add16(queue).add16(0).add16(bytes);
    }
}
