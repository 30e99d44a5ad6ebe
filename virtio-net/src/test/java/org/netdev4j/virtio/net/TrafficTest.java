package org.netdev4j.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

import org.netdev4j.netbuf.NetBuf;
import org.netdev4j.netdev.NetDevState;
import org.netdev4j.virtio.Features;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Random traffic in both directions, stops and restarts in between: nothing is lost, doubled, changed or leaked. */
class TrafficTest {
    private static final int BUFFERS = 48;

    enum Step {
        SEND, SEND_CHAIN, SEND_SHARED, DEVICE_SENDS, DEVICE_DELIVERS, DEVICE_DELIVERS_RUNT, RECEIVE, HOARD, FREE_HOARD,
        RECLAIM, RESTART
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Arbitraries.frequency(
                Tuple.of(8, Step.SEND), Tuple.of(3, Step.SEND_CHAIN),
                Tuple.of(3, Step.SEND_SHARED), Tuple.of(6, Step.DEVICE_SENDS),
                Tuple.of(8, Step.DEVICE_DELIVERS), Tuple.of(2, Step.DEVICE_DELIVERS_RUNT),
                Tuple.of(5, Step.RECEIVE), Tuple.of(3, Step.HOARD),
                Tuple.of(2, Step.FREE_HOARD), Tuple.of(2, Step.RECLAIM),
                Tuple.of(1, Step.RESTART)).list().ofMinSize(20).ofMaxSize(200);
    }

    @Provide
    Arbitrary<Features> rings() {
        return RingFeatures.any();
    }

    @Property(tries = 300)
    void everyPacketArrivesOnceAndEveryBufferComesBack(@ForAll("steps") List<Step> steps,
            @ForAll("rings") Features ring) {
        ScriptedDevice device = new ScriptedDevice();
        device.offered = device.offered.or(ring);
        try (Bench bench = new Bench(device).probed().prepared(BUFFERS, 16).started()) {
            new Run(device, bench).all(steps);
            bench.dev.stop();
            assertEquals(BUFFERS, bench.pool.available());
            assertEquals(NetDevState.STOPPED, bench.dev.state());
        }
    }

    /** The model: what is under way in each direction, oldest first. */
    private static final class Run {
        private final ScriptedDevice device;
        private final Bench bench;
        private final Deque<byte[]> sent = new ArrayDeque<>();
        private final Deque<byte[]> delivered = new ArrayDeque<>();
        private final Deque<NetBuf> hoard = new ArrayDeque<>();
        private int serial;

        Run(ScriptedDevice device, Bench bench) {
            this.device = device;
            this.bench = bench;
        }

        void all(List<Step> steps) {
            steps.forEach(this::step);
            hoard.forEach(NetBuf::free);
        }

        private void step(Step step) {
            switch (step) {
                case SEND -> send(1, false);
                case SEND_CHAIN -> send(3, false);
                case SEND_SHARED -> send(2, true);
                case DEVICE_SENDS -> assertSent(device.transmitted());
                case DEVICE_DELIVERS -> deliver();
                case DEVICE_DELIVERS_RUNT -> device.deliver(new byte[13]);
                case RECEIVE -> receive(false);
                case HOARD -> receive(true);
                case FREE_HOARD -> {
                    hoard.forEach(NetBuf::free);
                    hoard.clear();
                }
                case RECLAIM -> bench.tx.reclaim();
                case RESTART -> {
                    bench.dev.stop();
                    bench.dev.start();
                    sent.clear();
                    delivered.clear();
                }
            }
        }

        private byte[] nextFrame() {
            byte[] frame = Bench.frame(60 + serial % 100);
            frame[20] = (byte) serial;
            frame[21] = (byte) (serial++ >>> 8);
            return frame;
        }

        private void send(int pieces, boolean shared) {
            if (bench.pool.available() < pieces) {
                return;
            }
            byte[] frame = nextFrame();
            int cut = frame.length / pieces;
            NetBuf packet = bench.packet(Arrays.copyOf(frame, pieces == 1 ? frame.length : cut));
            for (int i = 1; i < pieces; i++) {
                packet.chain(bench.packet(Arrays.copyOfRange(frame, i * cut, i == pieces - 1
                        ? frame.length
                        : i * cut
                                + cut)));
            }
            if (shared) {
                packet.retain();
            }
            boolean taken = bench.tx.transmit(packet);
            if (taken) {
                sent.add(frame);
            } else {
                assertArrayEquals(frame, Bench.bytes(packet));
                packet.free();
            }
            if (shared) {
                assertArrayEquals(frame, Bench.bytes(packet));
                packet.free();
            }
        }

        private void assertSent(ScriptedDevice.Sent onTheWire) {
            byte[] expected = sent.poll();
            assertArrayEquals(expected, onTheWire == null ? null : onTheWire.frame);
        }

        private void deliver() {
            byte[] frame = nextFrame();
            if (device.deliver(frame)) {
                delivered.add(frame);
            }
        }

        private void receive(boolean keep) {
            NetBuf[] burst = new NetBuf[4];
            int received = bench.rx.receive(burst);
            assertEquals(Math.min(4, delivered.size()), received);
            for (int i = 0; i < received; i++) {
                assertArrayEquals(delivered.poll(), Bench.bytes(burst[i]));
                if (keep) {
                    hoard.add(burst[i]);
                } else {
                    burst[i].free();
                }
            }
        }
    }
}
