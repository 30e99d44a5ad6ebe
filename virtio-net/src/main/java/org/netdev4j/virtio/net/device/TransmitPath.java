package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.queue.DescriptorBurst;
import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/**
 * From the driver to the back-end, on one queue pair: takes what the transmit queue holds, checks it, does what the back-end
 * does not take over, and offers it.
 */
final class TransmitPath implements AutoCloseable {
    /** Most buffers taken before others have their turn. */
    static final int BUDGET = 64;

    private final NetBackend backend;
    private final CounterSet<DeviceCounter> counters;
    private final TransmitListener listener;
    private final FrameCopy copy;
    private final int maxFrameLength;
    private final DescriptorChain chain;
    private final ChainFrame frame;
    private final DescriptorBurst buffers = new DescriptorBurst(FrameBurst.MAX_FRAMES);
    private final FrameBurst frames = new FrameBurst();
    private final int pair;
    private final FrameSegments segments = new FrameSegments();
    private final MemoryRegion scratch = MemoryRegion.allocate("virtio-net transmit header", NetHeader.LENGTH);
    private final MemorySegment header = scratch.segment();
    private final FrameStatistics statistics = new FrameStatistics();

    private DeviceQueue queue;
    private int headerLength;
    /** What the driver may ask for. */
    private Offloads allowed = Offloads.NONE;
    /** What the back-end takes over. */
    private Offloads passedOn = Offloads.NONE;
    private boolean enabled = true;
    private boolean blocked;
    /** {@link #chain} is taken and not completed: {@link #segment}, if there is one, and those behind it are to be offered. */
    private boolean cutting;
    private Frame segment;
    /** So many buffers are taken one by one before a burst is tried again. */
    private int single;
    private long dropped;
    private long malformed;

    /** Sees every frame that the driver sent and the back-end took. */
    interface TransmitListener {
        void sent(Frame frame);
    }

    /** @param listener null: nobody wants to see them */
    TransmitPath(DeviceSettings settings, int pair, NetBackend backend, CounterSet<DeviceCounter> counters,
            FrameCopy copy, TransmitListener listener) {
        this.backend = backend;
        this.counters = counters;
        this.copy = copy;
        this.listener = listener;
        maxFrameLength = settings.maxFrameLength();
        chain = new DescriptorChain(settings.maxQueueSize());
        frame = new ChainFrame(pair);
        this.pair = pair;
    }

    void start(Features negotiated) {
        headerLength = NetHeader.length(negotiated);
        allowed = Offloads.ofHost(negotiated);
        passedOn = backend.accepts();
        blocked = false;
        enabled = true;
    }

    void stop() {
        queue = null;
        endCutting();
    }

    /** Another queue, or none. While the back-end has no room that does not change. */
    void use(DeviceQueue transmitQueue) {
        if (cutting) {
            queue.putBack(1);
            endCutting();
        }
        queue = transmitQueue;
        enabled = true;
    }

    /** What is sent on a disabled queue is discarded. */
    void enabled(boolean now) {
        enabled = now;
    }

    /** The queue, or null while there is none to use. */
    DeviceQueue queue() {
        return queue;
    }

    FrameStatistics statistics() {
        return statistics;
    }

    /** The back-end has room again. */
    void resume() {
        blocked = false;
    }

    /**
     * Offers up to {@link #BUDGET} frames.
     *
     * @return buffers returned to the driver, not published yet
     */
    int drain() {
        DeviceQueue available = queue;
        if (available == null || blocked) {
            return 0;
        }
        int done = 0;
        while (done < BUDGET && !blocked) {
            if (single == 0 && !cutting && enabled) {
                done += drainBurst(available, BUDGET - done);
            } else if (drainOne(available)) {
                done++;
            } else {
                break;
            }
        }
        publishCounts();
        return done;
    }

    /**
     * Offers frames that need no look at each, and leaves the one that does for {@link #drainOne}, with as many behind it as were
     * taken in vain.
     */
    private int drainBurst(DeviceQueue available, int most) {
        int taken = available.next(buffers, most, false);
        if (taken == 0) {
            single = 1;
            return 0;
        }
        frames.show(buffers, headerLength, maxFrameLength, pair);
        int plain = frames.size();
        int sent = plain == 0 ? 0 : backend.transmit(frames);
        if (sent > 0) {
            countBurst(sent);
            available.complete(buffers, sent, null);
        }
        if (sent < taken) {
            available.putBack(taken - sent);
            if (sent < plain) {
                block();
            } else {
                single = taken - sent;
            }
        }
        return sent;
    }

    private void countBurst(int sent) {
        if (frames.dropped() == 0 && listener == null) {
            statistics.add(frames, 0, sent);
            return;
        }
        for (int i = 0; i < sent; i++) {
            if (frames.isDropped(i)) {
                drop(DeviceCounter.TX_DROP_BACKEND);
            } else {
                statistics.add(frames, i, 1);
                if (listener != null) {
                    listener.sent(frames.frame(i));
                }
            }
        }
    }

    /** False if there is none, or the back-end has no room for it. */
    private boolean drainOne(DeviceQueue available) {
        if (!cutting) {
            single = Math.max(0, single - 1);
            if (!available.next(chain)) {
                return false;
            }
        }
        if ((cutting ? passOnSegments() : offer()) == Verdict.BUSY) {
            if (!cutting) {
                available.putBack(1);
            }
            block();
            return false;
        }
        endCutting();
        available.complete(chain, 0);
        return true;
    }

    private void block() {
        blocked = true;
        counters.increment(DeviceCounter.TX_BUSY);
    }

    private void endCutting() {
        cutting = false;
        segment = null;
    }

    /** As {@link DeviceQueue#armKick}; a queue that waits for the back-end needs no kick. */
    boolean armKick() {
        return queue == null || blocked || queue.armKick();
    }

    void disarmKick() {
        if (queue != null) {
            queue.disarmKick();
        }
    }

    private Verdict offer() {
        if (!enabled) {
            return drop(DeviceCounter.TX_DROP_DISABLED);
        }
        if (chain.readableLength() < headerLength) {
            return drop(DeviceCounter.TX_DROP_NO_HEADER);
        }
        frame.showReadable(chain, headerLength);
        int length = frame.length();
        if (length < Frame.HEADER_LENGTH) {
            return drop(DeviceCounter.TX_DROP_RUNT);
        }
        OffloadRequest offload = frame.offload();
        readHeader(offload);
        if (offload.gsoType() != NetHeader.GSO_NONE) {
            return offerLarge(offload, length);
        }
        if (length > maxFrameLength) {
            return drop(DeviceCounter.TX_DROP_OVERSIZE);
        }
        if (!offload.needsChecksum()) {
            return passOn(frame);
        }
        if (!allowed.has(Offloads.CHECKSUM)) {
            return drop(DeviceCounter.TX_DROP_OFFLOAD);
        }
        if (!offload.checksumIsInside(length)) {
            return drop(DeviceCounter.TX_DROP_CHECKSUM_RANGE);
        }
        if (passedOn.has(Offloads.CHECKSUM)) {
            return passOn(frame);
        }
        Verdict verdict = passOn(copy.of(frame, true));
        if (verdict == Verdict.CONSUMED) {
            counters.increment(DeviceCounter.TX_CHECKSUMS);
        }
        return verdict;
    }

    /** A frame that is to be cut. Its header length is known afterwards, whatever the driver said. */
    private Verdict offerLarge(OffloadRequest offload, int length) {
        if (length > Frame.MAX_LENGTH) {
            return drop(DeviceCounter.TX_DROP_OVERSIZE);
        }
        if (!segments.begin(frame) || !allowed.cover(offload, segments.isIpv6())) {
            return drop(DeviceCounter.TX_DROP_OFFLOAD);
        }
        if (passedOn.cover(offload, segments.isIpv6())) {
            offload.headerLength(segments.headerLength());
            return passOn(frame);
        }
        if (segments.longest() > maxFrameLength) {
            return drop(DeviceCounter.TX_DROP_OVERSIZE);
        }
        counters.increment(DeviceCounter.TX_CUT);
        cutting = true;
        return passOnSegments();
    }

    /** Offers what is left of the frame that is being cut. */
    private Verdict passOnSegments() {
        while (hasSegment()) {
            Verdict verdict = passOn(segment);
            if (verdict == Verdict.BUSY) {
                return Verdict.BUSY;
            }
            segment = null;
        }
        return Verdict.CONSUMED;
    }

    private boolean hasSegment() {
        if (segment == null && segments.hasNext()) {
            segment = segments.next(!passedOn.has(Offloads.CHECKSUM));
        }
        return segment != null;
    }

    private Verdict passOn(Frame whole) {
        Frame passed = whole.pieces() > Frame.MAX_PIECES ? copy.of(whole, false) : whole;
        Verdict verdict = backend.transmit(passed);
        if (verdict == Verdict.CONSUMED) {
            statistics.add(passed);
            if (listener != null) {
                listener.sent(passed);
            }
        } else if (verdict == Verdict.DROPPED) {
            drop(DeviceCounter.TX_DROP_BACKEND);
        }
        return verdict;
    }

    private void readHeader(OffloadRequest offload) {
        if (chain.length(0) >= NetHeader.LENGTH) {
            offload.read(chain.segment(0), chain.offset(0));
        } else {
            chain.read(0, header, 0, NetHeader.LENGTH);
            offload.read(header, 0);
        }
        offload.keep(NetHeader.FLAG_NEEDS_CSUM);
    }

    private void publishCounts() {
        long frames = statistics.newFrames();
        if (frames > 0) {
            counters.add(DeviceCounter.TX_FRAMES, frames);
            counters.add(DeviceCounter.TX_BYTES, statistics.newBytes());
            statistics.counted();
        }
    }

    private Verdict drop(DeviceCounter reason) {
        counters.increment(reason);
        dropped++;
        if (reason != DeviceCounter.TX_DROP_BACKEND && reason != DeviceCounter.TX_DROP_DISABLED) {
            malformed++;
        }
        return Verdict.DROPPED;
    }

    /** Frames given up. */
    long dropped() {
        return dropped;
    }

    /** Of these, the ones that the driver should not have sent. */
    long malformed() {
        return malformed;
    }

    @Override
    public void close() {
        scratch.close();
    }
}
