package org.netdev4j.virtio.net;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioTransport;

/** The queues of one configuration and the memory they share while the device runs. Control path only. */
final class QueueSet {
    private final VirtioTransport transport;
    private final VirtioRxQueue[] rx;
    private final VirtioTxQueue[] tx;
    /** Rings and header areas, from open to close. */
    private MemoryRegion memory;
    private final ControlQueue control;

    /** @param control opened and closed with the queues where the device has one */
    QueueSet(VirtioTransport transport, ControlQueue control, int rxQueues, int txQueues) {
        this.transport = transport;
        this.control = control;
        rx = new VirtioRxQueue[rxQueues];
        tx = new VirtioTxQueue[txQueues];
    }

    void rx(int index, VirtioRxQueue queue) {
        rx[index] = queue;
    }

    void tx(int index, VirtioTxQueue queue) {
        tx[index] = queue;
    }

    /**
     * Enables every queue and fills the receive queues; between FEATURES_OK and DRIVER_OK. If it throws, {@link #close()}
     * takes back what was done, after a reset.
     *
     * @param maxFrameLength longest frame the device may deliver, bytes
     * @param controlIndex index of the control queue, or negative
     */
    void open(Features negotiated, int maxFrameLength, int controlIndex) {
        long bytes = controlIndex < 0 ? 0 : ControlQueue.memoryBytes(negotiated);
        for (VirtioRxQueue queue : rx) {
            bytes += queue.memoryBytes(negotiated);
        }
        for (VirtioTxQueue queue : tx) {
            bytes += queue.memoryBytes(negotiated);
        }
        memory = transport.allocateMemory(transport.name() + " queues", bytes);
        for (VirtioRxQueue queue : rx) {
            queue.open(memory, negotiated, maxFrameLength);
        }
        for (VirtioTxQueue queue : tx) {
            queue.open(memory, negotiated);
        }
        if (controlIndex >= 0) {
            control.open(controlIndex, memory, negotiated);
        }
    }

    int pairs() {
        return rx.length;
    }

    /** Bytes of data that the smallest receive buffer holds. */
    int smallestBuffer() {
        int smallest = Integer.MAX_VALUE;
        for (VirtioRxQueue queue : rx) {
            smallest = Math.min(smallest, queue.bufferBytes());
        }
        return smallest;
    }

    /** From DRIVER_OK on: the device is told of the receive buffers, the dispatchers watch. */
    void run() {
        for (DriverQueue queue : prepared()) {
            queue.watchInterrupt();
        }
        for (VirtioRxQueue queue : rx) {
            queue.queue().kick();
        }
    }

    /** The device moves nothing any more: everyone who waits for a listener has it called. Any thread. */
    void alarm() {
        for (DriverQueue queue : prepared()) {
            queue.alarm();
        }
    }

    /** The other end of the device went or came back. Any thread. */
    void peerChanged(boolean present) {
        for (DriverQueue queue : prepared()) {
            if (present) {
                queue.peerBack();
            } else {
                queue.peerGone();
            }
        }
    }

    /** Idempotent. */
    void unwatch() {
        for (DriverQueue queue : prepared()) {
            queue.unwatchInterrupt();
        }
    }

    /** The device was reset: detaches the memory, which it still may know. */
    void detach() {
        if (memory != null) {
            transport.detachMemory(memory);
        }
    }

    /** The device was reset or is gone: returns every buffer and the memory. Idempotent. */
    void close() {
        control.close();
        for (VirtioRxQueue queue : rx) {
            if (queue != null) {
                queue.close();
            }
        }
        for (VirtioTxQueue queue : tx) {
            if (queue != null) {
                queue.close();
            }
        }
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }

    void mtu(int bytes) {
        for (VirtioTxQueue queue : tx) {
            if (queue != null) {
                queue.mtu(bytes);
            }
        }
    }

    /** Memory was detached: what the queues know to be reachable may not be. */
    void forgetUnreachable() {
        for (VirtioTxQueue queue : tx) {
            if (queue != null) {
                queue.forgetUnreachable();
            }
        }
    }

    /** {@code rx0=256 tx0=256} */
    String sizes() {
        return prepared().stream().map(queue -> queue.name() + "=" + queue.size()).collect(Collectors.joining(" "));
    }

    void putBroken(Map<String, String> details) {
        for (DriverQueue queue : prepared()) {
            if (queue.brokenReason() != null) {
                details.put(queue.name() + " broken", queue.brokenReason());
            }
        }
    }

    void putCounters(Map<String, Long> counters) {
        for (DriverQueue queue : prepared()) {
            counters.put(queue.name() + " kicks", queue.kicks());
            if (queue.ignoredLengths() > 0) {
                counters.put(queue.name() + " ignored lengths", queue.ignoredLengths());
            }
        }
        for (VirtioRxQueue queue : rx) {
            if (queue != null) {
                counters.put(queue.queue().name() + " short fills", queue.shortFills());
            }
        }
    }

    private List<DriverQueue> prepared() {
        List<DriverQueue> queues = new ArrayList<>();
        for (VirtioRxQueue queue : rx) {
            if (queue != null) {
                queues.add(queue.queue());
            }
        }
        for (VirtioTxQueue queue : tx) {
            if (queue != null) {
                queues.add(queue.queue());
            }
        }
        return queues;
    }
}
