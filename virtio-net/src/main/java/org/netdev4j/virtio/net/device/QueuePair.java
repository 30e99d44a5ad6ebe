package org.netdev4j.virtio.net.device;

import java.util.function.LongSupplier;

import org.netdev4j.virtio.Features;

/** Both queues of a pair, and what is counted and held back for them. */
final class QueuePair implements AutoCloseable {
    final int rxIndex;
    final int txIndex;
    final ReceivePath receive;
    final TransmitPath transmit;
    final InterruptModeration rxModeration;
    final InterruptModeration txModeration;
    private long rxInterrupts;
    private long txInterrupts;

    QueuePair(DeviceSettings settings, int pair, NetBackend backend, CounterSet<DeviceCounter> counters, FrameCopy copy,
            TransmitPath.TransmitListener listener, LongSupplier nanoTime) {
        rxIndex = 2 * pair;
        txIndex = 2 * pair + 1;
        receive = new ReceivePath(settings, pair, counters);
        transmit = new TransmitPath(settings, pair, backend, counters, copy, listener);
        rxModeration = new InterruptModeration(nanoTime);
        txModeration = new InterruptModeration(nanoTime);
    }

    void start(Features negotiated) {
        receive.start(negotiated);
        transmit.start(negotiated);
        rxModeration.reset();
        txModeration.reset();
        rxInterrupts = 0;
        txInterrupts = 0;
    }

    void stop() {
        receive.stop();
        transmit.stop();
    }

    void countRxInterrupt() {
        rxInterrupts++;
    }

    void countTxInterrupt() {
        txInterrupts++;
    }

    long rxInterrupts() {
        return rxInterrupts;
    }

    long txInterrupts() {
        return txInterrupts;
    }

    @Override
    public void close() {
        receive.close();
        transmit.close();
    }
}
