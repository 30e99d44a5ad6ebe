package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/** From the back-end to the driver: checks a frame and puts it into the next receive buffer, or says that there is none. */
final class ReceivePath implements AutoCloseable {
    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int CHECKSUM_AT = NetHeader.LENGTH;

    private final CounterSet<DeviceCounter> counters;
    private final int maxFrameLength;
    private final DescriptorChain chain;
    private final ChainFrame room = new ChainFrame();
    private final OffloadRequest offload = new OffloadRequest();
    private final MemoryRegion scratchRegion;
    /** A header, and behind it a checksum. */
    private final MemorySegment scratch;

    private DeviceQueue queue;
    private boolean partialChecksum;
    private boolean blocked;
    private boolean borrowed;
    /** Frames, and their bytes, that the driver does not see yet. */
    private int unpublished;
    private long unpublishedBytes;

    ReceivePath(DeviceSettings settings, CounterSet<DeviceCounter> counters) {
        this.counters = counters;
        maxFrameLength = settings.maxFrameLength();
        chain = new DescriptorChain(settings.maxQueueSize());
        scratchRegion = MemoryRegion.allocate("virtio-net receive scratch", NetHeader.LENGTH + Short.BYTES);
        scratch = scratchRegion.segment();
    }

    void start(boolean guestChecksum) {
        partialChecksum = guestChecksum;
    }

    void stop() {
        use(null);
        partialChecksum = false;
        blocked = false;
    }

    /** Another queue, or none. What was not published is lost with the last; a back-end that waits for room still does. */
    void use(DeviceQueue receiveQueue) {
        queue = receiveQueue;
        borrowed = false;
        unpublished = 0;
        unpublishedBytes = 0;
    }

    /** The queue, or null while there is none to use. */
    DeviceQueue queue() {
        return queue;
    }

    Offloads accepts() {
        return partialChecksum ? Offloads.PARTIAL_CHECKSUM : Offloads.NONE;
    }

    /** True once, when the driver made buffers available after the back-end was told to wait. */
    boolean hasRoomAgain() {
        if (blocked && queue != null && queue.hasAvailable()) {
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
        counters.add(DeviceCounter.RX_FRAMES, unpublished);
        counters.add(DeviceCounter.RX_BYTES, unpublishedBytes);
        unpublished = 0;
        unpublishedBytes = 0;
    }

    /** As {@link DeviceQueue#armKick}; needed only while the back-end waits for buffers. */
    boolean armKick() {
        return !blocked || queue == null || queue.armKick();
    }

    void disarmKick() {
        if (queue != null) {
            queue.disarmKick();
        }
    }

    Verdict receive(Frame frame) {
        if (queue == null) {
            return drop(DeviceCounter.RX_DROP_NOT_READY);
        }
        int length = frame.length();
        offload.set(frame.offload());
        if (!isAcceptable(length)) {
            return Verdict.DROPPED;
        }
        if (!takeBuffer()) {
            return Verdict.BUSY;
        }
        if (length > chain.writableLength() - NetHeader.LENGTH) {
            queue.putBack(1);
            return drop(DeviceCounter.RX_DROP_BUFFER_TOO_SMALL);
        }
        int checksum = checksumToComplete() ? PartialChecksum.of(frame, offload.checksumStart(), length) : 0;
        int at = NetHeader.LENGTH;
        for (int piece = 0; piece < frame.pieces(); piece++) {
            int bytes = frame.length(piece);
            chain.write(at, frame.segment(piece), frame.offset(piece), bytes);
            at += bytes;
        }
        deliver(length, checksum);
        return Verdict.CONSUMED;
    }

    FrameMemory borrow() {
        if (borrowed) {
            throw new IllegalStateException("the last borrowed receive buffer was neither committed nor given back");
        }
        if (queue == null || !takeBuffer()) {
            return null;
        }
        if (chain.writableLength() < NetHeader.LENGTH + Frame.HEADER_LENGTH) {
            room.showNothing();
        } else {
            room.showWritable(chain);
        }
        borrowed = true;
        return room;
    }

    Verdict commit(int length, OffloadRequest request) {
        checkBorrowed();
        borrowed = false;
        offload.set(request);
        if (!isAcceptable(length)) {
            queue.putBack(1);
            return Verdict.DROPPED;
        }
        if (length > room.length()) {
            queue.putBack(1);
            return drop(DeviceCounter.RX_DROP_BUFFER_TOO_SMALL);
        }
        deliver(length, checksumToComplete() ? PartialChecksum.of(room, offload.checksumStart(), length) : 0);
        return Verdict.CONSUMED;
    }

    void giveBack() {
        checkBorrowed();
        borrowed = false;
        queue.putBack(1);
    }

    private void checkBorrowed() {
        if (!borrowed) {
            throw new IllegalStateException("no receive buffer is borrowed");
        }
    }

    private boolean takeBuffer() {
        if (queue.next(chain)) {
            return true;
        }
        blocked = true;
        counters.increment(DeviceCounter.RX_BUSY);
        return false;
    }

    private boolean isAcceptable(int length) {
        if (length < Frame.HEADER_LENGTH) {
            counters.increment(DeviceCounter.RX_DROP_RUNT);
        } else if (length > maxFrameLength) {
            counters.increment(DeviceCounter.RX_DROP_OVERSIZE);
        } else if (offload.gsoType() != NetHeader.GSO_NONE) {
            counters.increment(DeviceCounter.RX_DROP_OFFLOAD);
        } else if (!offload.checksumIsInside(length)) {
            counters.increment(DeviceCounter.RX_DROP_CHECKSUM_RANGE);
        } else {
            return true;
        }
        return false;
    }

    private boolean checksumToComplete() {
        return offload.needsChecksum() && !partialChecksum;
    }

    /** Writes the whole header (and a completed checksum) and returns the buffer; the frame's bytes are there. */
    private void deliver(int length, int checksum) {
        if (checksum != 0) {
            scratch.set(BE16, CHECKSUM_AT, (short) checksum);
            chain.write(NetHeader.LENGTH + offload.checksumField(), scratch, CHECKSUM_AT, Short.BYTES);
            counters.increment(DeviceCounter.RX_CHECKSUMS);
        }
        offload.keep(partialChecksum ? NetHeader.FLAG_NEEDS_CSUM | NetHeader.FLAG_DATA_VALID : 0);
        writeHeader();
        queue.complete(chain, NetHeader.LENGTH + length);
        unpublished++;
        unpublishedBytes += length;
    }

    private void writeHeader() {
        int first = chain.readable();
        if (chain.length(first) >= NetHeader.LENGTH) {
            offload.write(chain.segment(first), chain.offset(first), 1);
        } else {
            offload.write(scratch, 0, 1);
            chain.write(0, scratch, 0, NetHeader.LENGTH);
        }
    }

    private Verdict drop(DeviceCounter reason) {
        counters.increment(reason);
        return Verdict.DROPPED;
    }

    @Override
    public void close() {
        scratchRegion.close();
    }
}
