package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.Features;
import org.netdev4j.virtio.VirtioFeature;
import org.netdev4j.virtio.net.NetFeature;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.queue.DescriptorBurst;
import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/**
 * From the back-end to the driver, on one queue pair: checks a frame, does what the driver does not take over, and puts it into
 * receive buffers, or says that there are too few. A frame is delivered whole, with all its segments, or not at all.
 */
final class ReceivePath implements AutoCloseable {
    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt LE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** What a header says after its first 8 bytes if it asks for nothing: the frame is in one buffer. */
    private static final int ONE_BUFFER = 1 << 16;
    private static final int CHECKSUM_AT = NetHeader.HASH_LENGTH;
    private static final int ZEROS_AT = CHECKSUM_AT + 4;
    private static final int SCRATCH_BYTES = ZEROS_AT + Frame.MIN_LENGTH;

    private final CounterSet<DeviceCounter> counters;
    private final int maxFrameLength;
    private final ReservedBuffers buffers;
    private final DescriptorBurst burst = new DescriptorBurst(FrameBurst.MAX_FRAMES);
    /** Bytes written to each buffer of {@link #burst}. */
    private final int[] written = new int[FrameBurst.MAX_FRAMES];
    private final ChainFrame room;
    private final OffloadRequest offload = new OffloadRequest();
    private final FrameSegments segments = new FrameSegments();
    private final FrameStatistics statistics = new FrameStatistics();
    private final MemoryRegion scratchRegion = MemoryRegion.allocate("virtio-net receive scratch", SCRATCH_BYTES);
    /** A header, behind it a checksum, behind that zeros. */
    private final MemorySegment scratch = scratchRegion.segment();
    private final FlowHash noHash = new FlowHash();

    private DeviceQueue queue;
    private int headerLength;
    private boolean mergeable;
    private boolean hashReported;
    /** What the driver takes over. */
    private Offloads accepted = Offloads.NONE;
    private boolean enabled = true;
    private boolean blocked;
    /** While {@link #blocked}: so many buffers are too few for the frame that waits. */
    private int tooFew;
    private boolean indirect;
    private boolean borrowed;
    /** Frames returned since the last {@link #published()}. */
    private int unpublished;
    private long dropped;
    private long overruns;

    ReceivePath(DeviceSettings settings, int pair, CounterSet<DeviceCounter> counters) {
        this.counters = counters;
        maxFrameLength = settings.maxFrameLength();
        buffers = new ReservedBuffers(settings.maxQueueSize());
        room = new ChainFrame(pair);
    }

    void start(Features negotiated) {
        headerLength = NetHeader.length(negotiated);
        mergeable = negotiated.has(NetFeature.MRG_RXBUF);
        hashReported = negotiated.has(NetFeature.HASH_REPORT);
        indirect = negotiated.has(VirtioFeature.INDIRECT_DESC);
        accepted = Offloads.ofGuest(negotiated);
        enabled = true;
    }

    void stop() {
        use(null);
        accepted = Offloads.NONE;
        blocked = false;
    }

    /** Another queue, or none. A back-end that waits for room still does. */
    void use(DeviceQueue receiveQueue) {
        queue = receiveQueue;
        buffers.use(receiveQueue);
        enabled = true;
        tooFew = 0;
        borrowed = false;
        unpublished = 0;
    }

    /** Nothing is delivered to a disabled queue. */
    void enabled(boolean now) {
        enabled = now;
    }

    /** The queue, or null while there is none to use. */
    DeviceQueue queue() {
        return queue;
    }

    /** True if frames can be delivered. */
    boolean isReady() {
        return queue != null && enabled;
    }

    FrameStatistics statistics() {
        return statistics;
    }

    /** Changes what the driver takes over; a subset of what was negotiated. */
    void accept(Offloads offloads) {
        accepted = offloads;
        tooFew = 0;
    }

    Offloads accepts() {
        return accepted;
    }

    /** True if a frame fits one buffer and needs no more than its header in front. */
    boolean lends() {
        return !mergeable && !accepted.hasSegments() && !hashReported;
    }

    /** True once, when the driver made more buffers available than were too few when the back-end was told to wait. */
    boolean hasRoomAgain() {
        if (blocked && queue != null && buffers.hasMoreThan(tooFew)) {
            blocked = false;
            return true;
        }
        return false;
    }

    /** Frames in buffers returned to the driver that it does not see yet. */
    int unpublished() {
        return unpublished;
    }

    /** The driver sees them now. */
    void published() {
        counters.add(DeviceCounter.RX_FRAMES, statistics.newFrames());
        counters.add(DeviceCounter.RX_BYTES, statistics.newBytes());
        statistics.counted();
        unpublished = 0;
    }

    /** As {@link DeviceQueue#armKick}; needed only while the back-end waits for buffers. */
    boolean armKick() {
        return !blocked || queue == null || buffers.armKickBehind(tooFew);
    }

    void disarmKick() {
        if (queue != null) {
            queue.disarmKick();
        }
    }

    /** @return frames taken, dropped ones too; fewer than there are: BUSY */
    int receive(FrameBurst frames) {
        int size = frames.size();
        int done = isReady() && !hashReported ? receiveBurst(frames) : 0;
        while (done < size && receive(frames.frame(done), noHash) != Verdict.BUSY) {
            done++;
        }
        return done;
    }

    /**
     * Puts frames into one buffer each, as long as they fit.
     *
     * @return how many
     */
    private int receiveBurst(FrameBurst frames) {
        int taken = queue.next(burst, frames.size(), true);
        int fitting = fitting(frames, taken);
        if (fitting > 0) {
            write(frames, fitting);
            queue.complete(burst, fitting, written);
            statistics.add(frames, 0, fitting);
            unpublished += fitting;
        }
        if (fitting < taken) {
            queue.putBack(taken - fitting);
        }
        return fitting;
    }

    /** Frames of the first {@code count} that fit their buffers; {@link #written} is what they take. */
    private int fitting(FrameBurst frames, int count) {
        for (int i = 0; i < count; i++) {
            int length = frames.length(i);
            if (length > maxFrameLength || length < Frame.MIN_LENGTH || headerLength + length > burst.length(i)) {
                return i;
            }
            written[i] = headerLength + length;
        }
        return count;
    }

    /**
     * A header that is right already, as most are once buffers have gone round, is left alone: its cache line stays with both ends
     * then. What is written goes upwards: processors fetch the next line for a store ahead, not the one before. Constants, not
     * an {@link OffloadRequest} that asks for nothing: that is a tenth slower.
     */
    private void write(FrameBurst frames, int count) {
        MemorySegment from = frames.segment();
        MemorySegment to = burst.segment();
        int header = headerLength;
        for (int i = 0; i < count; i++) {
            long at = burst.offset(i);
            if (to.get(LE64, at) != 0 || to.get(LE32, at + Long.BYTES) != ONE_BUFFER) {
                to.set(LE64, at, 0);
                to.set(LE32, at + Long.BYTES, ONE_BUFFER);
            }
            MemorySegment.copy(from, frames.offset(i), to, at + header, frames.length(i));
        }
    }

    /** @param hash of the frame, for its header */
    Verdict receive(Frame frame, FlowHash hash) {
        if (!isReady()) {
            return drop(DeviceCounter.RX_DROP_NOT_READY);
        }
        int length = frame.length();
        offload.set(frame.offload());
        if (!isAcceptable(length)) {
            return Verdict.DROPPED;
        }
        if (offload.gsoType() != NetHeader.GSO_NONE) {
            return receiveLarge(frame, hash);
        }
        int checksum = checksumToComplete() ? PartialChecksum.of(frame, offload.checksumStart(), length) : 0;
        return receiveWhole(frame, checksum, hash);
    }

    private Verdict receiveWhole(Frame frame, int checksum, FlowHash hash) {
        Verdict verdict = finish(put(frame, frame.length(), checksum, hash));
        if (verdict == Verdict.CONSUMED) {
            statistics.add(frame);
        }
        return verdict;
    }

    /** A frame that may be larger than the MTU: whole if the driver takes it, or cut. */
    private Verdict receiveLarge(Frame frame, FlowHash hash) {
        if (!segments.begin(frame)) {
            return drop(DeviceCounter.RX_DROP_OFFLOAD);
        }
        if (accepted.cover(offload, segments.isIpv6())) {
            offload.headerLength(segments.headerLength());
            return receiveWhole(frame, 0, hash);
        }
        if (segments.longest() > maxFrameLength) {
            return drop(DeviceCounter.RX_DROP_OVERSIZE);
        }
        Verdict verdict = Verdict.CONSUMED;
        while (verdict == Verdict.CONSUMED && segments.hasNext()) {
            Frame segment = segments.next(!accepted.has(Offloads.CHECKSUM));
            offload.set(segment.offload());
            verdict = put(segment, segment.length(), 0, hash);
        }
        if (verdict == Verdict.CONSUMED) {
            counters.increment(DeviceCounter.RX_CUT);
            for (int i = 0; i < segments.count(); i++) {
                statistics.add(frame, segments.length(i));
            }
        }
        return finish(verdict);
    }

    /** Returns what was filled, or nothing at all. */
    private Verdict finish(Verdict verdict) {
        if (verdict == Verdict.CONSUMED) {
            buffers.complete();
            unpublished++;
        } else {
            buffers.putBack();
        }
        return verdict;
    }

    /** Reserves buffers for a frame and fills them. */
    private Verdict put(Frame frame, int length, int checksum, FlowHash hash) {
        int first = buffers.count();
        Verdict verdict = reserve(headerLength + length);
        if (verdict != Verdict.CONSUMED) {
            return verdict;
        }
        int at = headerLength;
        DescriptorChain only = buffers.count() - first == 1 ? buffers.get(first) : null;
        for (int piece = 0; piece < frame.pieces(); piece++) {
            int bytes = frame.length(piece);
            if (only != null) {
                only.write(at, frame.segment(piece), frame.offset(piece), bytes);
            } else {
                buffers.write(first, at, frame.segment(piece), frame.offset(piece), bytes);
            }
            at += bytes;
        }
        pad(length);
        seal(first, checksum, hash);
        return Verdict.CONSUMED;
    }

    /** Takes buffers with room for {@code bytes} together: one, or as many as it takes when they may be merged. */
    private Verdict reserve(int bytes) {
        int left = bytes;
        do {
            if (buffers.count() == queue.size() || (!indirect && buffers.pieces() >= queue.size())) {
                return drop(DeviceCounter.RX_DROP_BUFFER_TOO_SMALL);
            }
            DescriptorChain buffer = buffers.take();
            if (buffer == null) {
                waitForMoreThan(buffers.count());
                counters.increment(DeviceCounter.RX_BUSY);
                return Verdict.BUSY;
            }
            int writable = buffer.writableLength();
            boolean isFirst = left == bytes;
            if (mergeable ? writable < (isFirst ? headerLength : 1) : writable < bytes) {
                return drop(DeviceCounter.RX_DROP_BUFFER_TOO_SMALL);
            }
            buffers.written(buffers.count() - 1, Math.min(left, writable));
            left -= Math.min(left, writable);
        } while (left > 0);
        return Verdict.CONSUMED;
    }

    private void waitForMoreThan(int available) {
        blocked = true;
        tooFew = available;
    }

    /** Pads the frame in the buffers taken last to the length of the shortest, as far as there is room. */
    private void pad(int length) {
        if (length < Frame.MIN_LENGTH && buffers.pad(scratch, ZEROS_AT, Frame.MIN_LENGTH - length)) {
            counters.increment(DeviceCounter.RX_PADDED);
        }
    }

    /** Writes the completed checksum and the whole header of the frame in the buffers from {@code first} on. */
    private void seal(int first, int checksum, FlowHash hash) {
        if (checksum != 0) {
            scratch.set(BE16, CHECKSUM_AT, (short) checksum);
            buffers.write(first, headerLength + offload.checksumField(), scratch, CHECKSUM_AT, Short.BYTES);
            counters.increment(DeviceCounter.RX_CHECKSUMS);
        }
        offload.keep(accepted.has(Offloads.CHECKSUM) ? NetHeader.FLAG_NEEDS_CSUM | NetHeader.FLAG_DATA_VALID : 0);
        int numBuffers = buffers.count() - first;
        DescriptorChain head = buffers.get(first);
        int piece = head.readable();
        if (!hashReported && head.length(piece) >= NetHeader.LENGTH) {
            offload.write(head.segment(piece), head.offset(piece), numBuffers);
        } else {
            offload.write(scratch, 0, numBuffers);
            scratch.set(LE32, NetHeader.LENGTH, hash.value());
            scratch.set(LE32, NetHeader.LENGTH + Integer.BYTES, hash.report());
            head.write(0, scratch, 0, headerLength);
        }
    }

    FrameMemory borrow() {
        if (borrowed) {
            throw new IllegalStateException("the last borrowed receive buffer was neither committed nor given back");
        }
        if (!isReady()) {
            return null;
        }
        DescriptorChain buffer = buffers.take();
        if (buffer == null) {
            waitForMoreThan(0);
            counters.increment(DeviceCounter.RX_BUSY);
            return null;
        }
        if (buffer.writableLength() < headerLength + Frame.HEADER_LENGTH) {
            room.showNothing();
        } else {
            room.showWritable(buffer, headerLength);
        }
        borrowed = true;
        return room;
    }

    Verdict commit(int length, OffloadRequest request) {
        checkBorrowed();
        borrowed = false;
        offload.set(request);
        if (!isAcceptable(length)) {
            buffers.putBack();
            return Verdict.DROPPED;
        }
        if (length > room.length() || offload.gsoType() != NetHeader.GSO_NONE) {
            buffers.putBack();
            return drop(length > room.length()
                    ? DeviceCounter.RX_DROP_BUFFER_TOO_SMALL
                    : DeviceCounter.RX_DROP_OFFLOAD);
        }
        int checksum = checksumToComplete() ? PartialChecksum.of(room, offload.checksumStart(), length) : 0;
        buffers.written(0, headerLength + length);
        pad(length);
        seal(0, checksum, noHash);
        statistics.add(room, length);
        return finish(Verdict.CONSUMED);
    }

    void giveBack() {
        checkBorrowed();
        borrowed = false;
        buffers.putBack();
    }

    private void checkBorrowed() {
        if (!borrowed) {
            throw new IllegalStateException("no receive buffer is borrowed");
        }
    }

    /** @return false: dropped and counted */
    private boolean isAcceptable(int length) {
        boolean large = offload.gsoType() != NetHeader.GSO_NONE;
        if (length < Frame.HEADER_LENGTH) {
            drop(DeviceCounter.RX_DROP_RUNT);
        } else if (length > (large ? Frame.MAX_LENGTH : maxFrameLength)) {
            drop(DeviceCounter.RX_DROP_OVERSIZE);
        } else if (!offload.checksumIsInside(length)) {
            drop(DeviceCounter.RX_DROP_CHECKSUM_RANGE);
        } else {
            return true;
        }
        return false;
    }

    private boolean checksumToComplete() {
        return offload.needsChecksum() && !accepted.has(Offloads.CHECKSUM);
    }

    private Verdict drop(DeviceCounter reason) {
        counters.increment(reason);
        dropped++;
        if (reason == DeviceCounter.RX_DROP_BUFFER_TOO_SMALL) {
            overruns++;
        }
        return Verdict.DROPPED;
    }

    /** Frames given up. */
    long dropped() {
        return dropped;
    }

    /** Of these, the ones for which the driver's buffers were too small. */
    long overruns() {
        return overruns;
    }

    @Override
    public void close() {
        scratchRegion.close();
    }
}
