package org.netdev4j.virtio.net.device;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.NetHeader;

/**
 * A cable between two back-ends, a TAP and a port of a switch for example: what arrives at one is transmitted by the other. What
 * the one that transmits does not take over is done here. Back-pressure passes from end to end. Both ends run on one loop.
 */
public final class Patch implements DeviceLoop.Member, AutoCloseable {
    private final DeviceLoop loop;
    private final FrameCopy copy = new FrameCopy();
    private final End first;
    private final End second;
    private boolean closed;

    private Patch(NetBackend first, NetBackend second, DeviceLoop loop) {
        this.loop = loop;
        this.first = new End(first, second);
        this.second = new End(second, first);
    }

    /** Joins two back-ends, which it owns from now on. Call from any thread. */
    public static Patch join(NetBackend first, NetBackend second, DeviceLoop loop) {
        Patch patch = new Patch(first, second, loop);
        loop.call(patch::begin);
        loop.add(patch);
        return patch;
    }

    private void begin() {
        first.own.attach(first);
        second.own.attach(second);
        first.own.start();
        second.own.start();
    }

    @Override
    public int poll() {
        int work = first.own.poll() + second.own.poll();
        first.count();
        second.count();
        return work;
    }

    /** What passed, as a device at the place of the first end counts it: {@code tx} came from there. Any thread. */
    public Map<String, Long> counters() {
        Map<String, Long> all = new LinkedHashMap<>();
        first.statistics.putInto(all, "device tx0");
        second.statistics.putInto(all, "device rx0");
        all.put("device tx drop backend", first.dropped.get());
        all.put("device rx drop backend", second.dropped.get());
        first.own.counters().forEach((name, value) -> all.put("back-end " + name, value));
        second.own.counters().forEach((name, value) -> all.put("port " + name, value));
        return all;
    }

    @Override
    public boolean armWakeUps() {
        return first.own.armWakeUps() && second.own.armWakeUps();
    }

    @Override
    public void disarmWakeUps() {}

    /** Takes the cable away and closes both ends. Idempotent, from any thread. */
    @Override
    public void close() {
        loop.remove(this);
        loop.call(() -> {
            if (!closed) {
                closed = true;
                first.own.stop();
                second.own.stop();
                first.own.close();
                second.own.close();
                copy.close();
            }
        });
    }

    /** Where the frames that arrive at {@link #own} go. */
    private final class End implements FrameReceiver {
        private final NetBackend own;
        private final NetBackend other;
        private final FrameSegments segments = new FrameSegments();
        private Frame segment;
        private boolean cutting;
        private final FrameStatistics statistics = new FrameStatistics();
        private final AtomicLong dropped = new AtomicLong();
        private boolean passed;

        End(NetBackend own, NetBackend other) {
            this.own = own;
            this.other = other;
        }

        @Override
        public Verdict receive(Frame frame) {
            Offloads taken = other.accepts();
            OffloadRequest request = frame.offload();
            if (!cutting && taken.bits() == Offloads.ALL.bits()) {
                return transmit(frame);
            }
            if (cutting || request.gsoType() != NetHeader.GSO_NONE) {
                return receiveLarge(frame, taken);
            }
            if (!request.needsChecksum() || taken.has(Offloads.CHECKSUM)) {
                return transmit(frame);
            }
            return request.checksumIsInside(frame.length()) ? transmit(copy.of(frame, true)) : Verdict.DROPPED;
        }

        /** A frame that was BUSY in the middle is offered again, and goes on where it stopped. */
        private Verdict receiveLarge(Frame frame, Offloads taken) {
            if (!cutting) {
                if (!segments.begin(frame)) {
                    return Verdict.DROPPED;
                }
                if (taken.cover(frame.offload(), segments.isIpv6())) {
                    return transmit(frame);
                }
                cutting = true;
            }
            while (segment != null || segments.hasNext()) {
                if (segment == null) {
                    segment = segments.next(!taken.has(Offloads.CHECKSUM));
                }
                if (transmit(segment) == Verdict.BUSY) {
                    return Verdict.BUSY;
                }
                segment = null;
            }
            cutting = false;
            return Verdict.CONSUMED;
        }

        private Verdict transmit(Frame frame) {
            Verdict verdict = other.transmit(frame.pieces() > Frame.MAX_PIECES ? copy.of(frame, false) : frame);
            if (verdict == Verdict.CONSUMED) {
                statistics.add(frame);
                passed = true;
            } else if (verdict == Verdict.DROPPED) {
                dropped.lazySet(dropped.getPlain() + 1);
            }
            return verdict;
        }

        /** Shows the counters to other threads, once a round. */
        private void count() {
            if (passed) {
                passed = false;
                statistics.counted();
            }
        }

        /** There is no buffer to lend: the frame must be somewhere before it is transmitted. */
        @Override
        public boolean lends() {
            return false;
        }

        @Override
        public FrameMemory borrow() {
            throw new IllegalStateException("a patch lends no buffers");
        }

        @Override
        public Verdict commit(int length, OffloadRequest offload) {
            throw new IllegalStateException("a patch lends no buffers");
        }

        @Override
        public void giveBack() {
            throw new IllegalStateException("a patch lends no buffers");
        }

        @Override
        public Offloads accepts() {
            return Offloads.ALL;
        }

        /** {@link #own} has room again: the other may offer frames. */
        @Override
        public void resume() {
            other.resume();
        }

        @Override
        public void linkChanged() {}
    }
}
