package org.netdev4j.benchmarks;

import java.util.concurrent.TimeUnit;

import org.netdev4j.netdev.MacAddress;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.device.DeviceContext;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.net.backend.Loopback;
import org.netdev4j.virtio.net.device.DeviceSettings;
import org.netdev4j.virtio.net.device.VirtioNetDevice;
import org.netdev4j.virtio.queue.DeviceQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One thread at both ends of a network device whose back-end is a loopback: what a frame costs from the driver's transmit queue
 * to its receive queue. The driver is no more than its virtqueues, so that most of the time is the device's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class DeviceBenchmark {
    private static final int QUEUE_SIZE = 256;
    private static final int BUFFERS = 64;
    private static final int BUFFER_BYTES = 2048;

    @Param({"1", "8", "32"})
    int burst;

    @Param({"64", "1518"})
    int frameBytes;

    @Param
    RingFeatures ring;

    private final VirtioNetDevice device = new VirtioNetDevice(
            DeviceSettings.of(MacAddress.parse("02:00:00:00:00:01")).withoutControlQueue(), new Loopback());
    private final int[] tokens = new int[QUEUE_SIZE];
    private final int[] written = new int[QUEUE_SIZE];
    private QueuePair receive;
    private QueuePair transmit;

    @Setup
    public void setUp() {
        Features negotiated = ring.negotiated()
                .or(Features.of(VirtioFeature.VERSION_1, NetFeature.MRG_RXBUF));
        receive = QueuePair.create(QUEUE_SIZE, negotiated, (long) BUFFERS * BUFFER_BYTES);
        transmit = QueuePair.create(QUEUE_SIZE, negotiated, (long) BUFFERS * BUFFER_BYTES);
        device.start(new Context(negotiated));
        device.queueStarted(VirtioNetDevice.RECEIVE_QUEUE);
        device.queueStarted(VirtioNetDevice.TRANSMIT_QUEUE);
    }

    @TearDown
    public void tearDown() {
        device.close();
        receive.close();
        transmit.close();
    }

    /** 64 frames in bursts, the driver not wanting notifications. */
    @Benchmark
    @OperationsPerInvocation(BUFFERS)
    public int returnFrames() {
        int returned = 0;
        for (int done = 0; done < BUFFERS; done += burst) {
            for (int i = 0; i < burst; i++) {
                long offset = (long) (done + i) * BUFFER_BYTES;
                receive.driver.add(receive.buffers() + offset, BUFFER_BYTES, true, i);
                transmit.driver.add(transmit.buffers() + offset, NetHeader.LENGTH + frameBytes, false, i);
            }
            receive.driver.publish();
            transmit.driver.publish();
            device.poll();
            transmit.driver.pop(tokens, null, burst);
            returned += receive.driver.pop(tokens, written, burst);
        }
        if (returned != BUFFERS) {
            throw new IllegalStateException(returned + " of " + BUFFERS + " frames came back: " + device.counters());
        }
        return returned;
    }

    private final class Context implements DeviceContext {
        private final Features negotiated;

        Context(Features negotiated) {
            this.negotiated = negotiated;
        }

        @Override
        public Features features() {
            return negotiated;
        }

        @Override
        public DeviceQueue queue(int index) {
            return index == VirtioNetDevice.RECEIVE_QUEUE ? receive.device : transmit.device;
        }

        @Override
        public void interrupt(int queueIndex) {}

        @Override
        public void configChanged() {}

        @Override
        public void needsReset(String reason) {
            throw new IllegalStateException(reason);
        }
    }
}
