package org.netdev4j.virtio.net.device;

import java.lang.foreign.MemorySegment;

import org.netdev4j.netbuf.MemoryRegion;
import org.netdev4j.virtio.net.NetHeader;
import org.netdev4j.virtio.queue.DescriptorChain;
import org.netdev4j.virtio.queue.DeviceQueue;

/** From the driver to the back-end: takes what the transmit queue holds, checks it and offers it. */
final class TransmitPath implements AutoCloseable {
    /** Most buffers taken before others have their turn. */
    static final int BUDGET = 64;

    private final NetBackend backend;
    private final CounterSet<DeviceCounter> counters;
    private final int maxFrameLength;
    private final DescriptorChain chain;
    private final ChainFrame frame = new ChainFrame();
    private final ContiguousFrame copy = new ContiguousFrame();
    private final MemoryRegion scratch;
    private final MemorySegment header;
    private final MemorySegment copied;

    private DeviceQueue queue;
    private boolean checksumNegotiated;
    private boolean blocked;
    /** Since the counters were last added to. */
    private long frames;
    private long bytes;

    TransmitPath(DeviceSettings settings, NetBackend backend, CounterSet<DeviceCounter> counters) {
        this.backend = backend;
        this.counters = counters;
        maxFrameLength = settings.maxFrameLength();
        chain = new DescriptorChain(settings.maxQueueSize());
        scratch = MemoryRegion.allocate("virtio-net transmit scratch", NetHeader.LENGTH + maxFrameLength);
        header = scratch.segment().asSlice(0, NetHeader.LENGTH);
        copied = scratch.segment().asSlice(NetHeader.LENGTH, maxFrameLength);
    }

    void start(boolean checksum) {
        checksumNegotiated = checksum;
        blocked = false;
    }

    void stop() {
        queue = null;
    }

    /** Another queue, or none. While the back-end has no room that does not change. */
    void use(DeviceQueue transmitQueue) {
        queue = transmitQueue;
    }

    /** The queue, or null while there is none to use. */
    DeviceQueue queue() {
        return queue;
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
        while (done < BUDGET && available.next(chain)) {
            if (offer() == Verdict.BUSY) {
                available.putBack(1);
                blocked = true;
                counters.increment(DeviceCounter.TX_BUSY);
                break;
            }
            available.complete(chain, 0);
            done++;
        }
        count();
        return done;
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
        if (chain.readableLength() < NetHeader.LENGTH) {
            return drop(DeviceCounter.TX_DROP_NO_HEADER);
        }
        frame.showReadable(chain);
        int length = frame.length();
        if (length < Frame.HEADER_LENGTH) {
            return drop(DeviceCounter.TX_DROP_RUNT);
        }
        if (length > maxFrameLength) {
            return drop(DeviceCounter.TX_DROP_OVERSIZE);
        }
        OffloadRequest offload = frame.offload();
        readHeader(offload);
        if (offload.gsoType() != NetHeader.GSO_NONE || (offload.needsChecksum() && !checksumNegotiated)) {
            return drop(DeviceCounter.TX_DROP_OFFLOAD);
        }
        if (!offload.checksumIsInside(length)) {
            return drop(DeviceCounter.TX_DROP_CHECKSUM_RANGE);
        }
        boolean complete = offload.needsChecksum() && !backend.accepts().has(Offloads.CHECKSUM);
        Verdict verdict = backend.transmit(complete || frame.pieces() > Frame.MAX_PIECES ? copy(complete) : frame);
        if (verdict == Verdict.CONSUMED) {
            frames++;
            bytes += length;
            if (complete) {
                counters.increment(DeviceCounter.TX_CHECKSUMS);
            }
        } else if (verdict == Verdict.DROPPED) {
            counters.increment(DeviceCounter.TX_DROP_BACKEND);
        }
        return verdict;
    }

    private void count() {
        if (frames > 0) {
            counters.add(DeviceCounter.TX_FRAMES, frames);
            counters.add(DeviceCounter.TX_BYTES, bytes);
            frames = 0;
            bytes = 0;
        }
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

    private Frame copy(boolean completeChecksum) {
        frame.copyTo(0, copied, 0, frame.length());
        copy.show(copied, 0, frame.length());
        copy.offload().set(frame.offload());
        if (completeChecksum) {
            PartialChecksum.complete(copy);
        }
        return copy;
    }

    private Verdict drop(DeviceCounter reason) {
        counters.increment(reason);
        return Verdict.DROPPED;
    }

    @Override
    public void close() {
        scratch.close();
    }
}
