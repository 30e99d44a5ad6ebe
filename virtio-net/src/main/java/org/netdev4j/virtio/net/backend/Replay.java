package org.netdev4j.virtio.net.backend;

import java.util.Map;

import org.agrona.concurrent.NanoClock;
import org.netdev4j.netdev.capture.PcapReader;
import org.netdev4j.virtio.device.DeviceLoop;
import org.netdev4j.virtio.net.device.ContiguousFrame;
import org.netdev4j.virtio.net.device.CounterSet;
import org.netdev4j.virtio.net.device.Frame;
import org.netdev4j.virtio.net.device.FrameReceiver;
import org.netdev4j.virtio.net.device.NetBackend;
import org.netdev4j.virtio.net.device.Offloads;
import org.netdev4j.virtio.net.device.Verdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the frames of a capture file, in order, as far apart as they were recorded or as fast as they are taken. A receiver
 * without buffers loses none of them. What the driver sends is taken and forgotten.
 * <p>
 * It begins when the driver is ready, and after a reset goes on where it was. The file is read on the thread of the device's
 * loop, which waits for the disk.
 */
public final class Replay implements NetBackend {
    /** How far apart the frames are. */
    public enum Pace {
        /** As far as in the file; what was held up follows at once. */
        RECORDED,
        /** As near as the receiver takes them. */
        FAST
    }

    /** Most frames delivered before others have their turn. */
    private static final int BUDGET = 64;
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);

    private final String name;
    private final PcapReader capture;
    private final Pace pace;
    private final DeviceLoop loop;
    private final NanoClock clock;
    private final CounterSet<ReplayCounter> counters = new CounterSet<>(ReplayCounter.class);
    private final ContiguousFrame frame = new ContiguousFrame();
    private FrameReceiver receiver;
    private int roundsLeft;
    private long deliveredInRound;
    private boolean started;
    private boolean blocked;
    /** {@link #frame} is the next to be delivered. */
    private boolean pending;
    /** The clock when a frame that was captured at 0 is due; set by the first frame after a start, and of a round. */
    private long epochOnClock;
    private boolean timed;

    /**
     * A replay that has not begun.
     *
     * @param name of the file, for messages
     * @param capture closed with this
     * @param rounds how often the file is replayed, at least 1
     * @param loop of the device
     * @throws IllegalArgumentException if there are no rounds
     */
    public Replay(String name, PcapReader capture, Pace pace, int rounds, DeviceLoop loop, NanoClock clock) {
        if (rounds < 1) {
            throw new IllegalArgumentException("a replay of " + rounds + " rounds, at least 1 is needed");
        }
        this.name = name;
        this.capture = capture;
        this.pace = pace;
        this.loop = loop;
        this.clock = clock;
        roundsLeft = rounds;
    }

    @Override
    public String name() {
        return "pcap:" + name;
    }

    @Override
    public void attach(FrameReceiver device) {
        receiver = device;
    }

    @Override
    public void start() {
        started = true;
        blocked = false;
        timed = false;
    }

    @Override
    public void stop() {
        started = false;
    }

    @Override
    public Verdict transmit(Frame taken) {
        return Verdict.CONSUMED;
    }

    @Override
    public int poll() {
        int done = 0;
        while (done < BUDGET && hasNext() && nanosToWait() <= 0) {
            Verdict verdict = receiver.receive(frame);
            if (verdict == Verdict.BUSY) {
                blocked = true;
                break;
            }
            counters.increment(verdict == Verdict.CONSUMED ? ReplayCounter.REPLAYED : ReplayCounter.DROPPED);
            pending = false;
            done++;
        }
        return done;
    }

    /** Brings the next frame that may be delivered into {@link #frame}; false if there is none now. */
    private boolean hasNext() {
        if (!started || blocked) {
            return false;
        }
        while (!pending && roundsLeft > 0) {
            long skippedBefore = capture.skipped();
            pending = capture.next();
            counters.add(ReplayCounter.SKIPPED_PACKETS, capture.skipped() - skippedBefore);
            if (!pending) {
                endRound();
            } else if (capture.length() < Frame.HEADER_LENGTH || capture.length() > Frame.MAX_LENGTH) {
                counters.increment(ReplayCounter.SKIPPED_LENGTH);
                pending = false;
            } else {
                frame.show(capture.segment(), capture.offset(), capture.length());
                deliveredInRound++;
            }
        }
        return pending;
    }

    private void endRound() {
        counters.increment(ReplayCounter.ROUNDS);
        if (capture.damage() != null) {
            counters.increment(ReplayCounter.ROUNDS_DAMAGED);
            if (counters.get(ReplayCounter.ROUNDS) == 1) {
                LOG.warn("{}", capture.damage());
            }
        }
        // Without frames it would never end.
        roundsLeft = deliveredInRound == 0 ? 0 : roundsLeft - 1;
        deliveredInRound = 0;
        timed = false;
        capture.rewind();
    }

    /** Until {@link #frame} is due; not positive if it is. */
    private long nanosToWait() {
        if (pace == Pace.FAST) {
            return 0;
        }
        long now = clock.nanoTime();
        if (!timed) {
            timed = true;
            epochOnClock = now - capture.epochNanos();
        }
        return epochOnClock + capture.epochNanos() - now;
    }

    @Override
    public void resume() {
        blocked = false;
    }

    @Override
    public boolean armWakeUps() {
        if (!hasNext()) {
            return true;
        }
        long nanos = nanosToWait();
        if (nanos <= 0) {
            return false;
        }
        loop.sleepAtMost(nanos);
        return true;
    }

    /** Nobody looks at what was to be completed. */
    @Override
    public Offloads accepts() {
        return Offloads.ALL;
    }

    @Override
    public boolean linkUp() {
        return true;
    }

    @Override
    public Map<String, Long> counters() {
        return counters.snapshot();
    }

    @Override
    public void close() {
        started = false;
        capture.close();
    }
}
